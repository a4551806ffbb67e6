"""The ways of all pictures: from the video inputs to the Scopes, and from the Scopes to the outputs and the page.

pictures = Pictures(profile, scopes, supervisor)
services = pictures.open()                       # to be run
await pictures.close_changed(new)                # a reload: first everything goes that goes,
pictures.feed_scopes()                           # as often as other Scopes run,
await pictures.open_changed()                    # then everything comes that comes
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bridge.frames import Buffer, Fan, Frame, Latest, Mailbox
from bridge.outputs import open_output
from bridge.outputs.incoming import Incoming
from bridge.outputs.paced import PacedOutput
from bridge.outputs.preview import Preview
from bridge.profile.durations import Duration
from bridge.profile.inputs import Video
from bridge.profile.model import Profile
from bridge.scopes import Scopes
from bridge.session.contract.layout import layout
from bridge.sources import open_source
from bridge.sources.choice import Choice
from bridge.sources.source import Source
from bridge.status import InputStatus, OutputStatus
from bridge.supervisor import Service, Supervisor, Task
from bridge.verbs import ALL

PAGE: Final = "page"
"""The name of the picture on the page, among the outputs."""


@dataclass(slots=True)
class _Way:
    """The two mailboxes of whatever shows pictures, and where they get them from now."""

    live: Mailbox
    """For Scope's frames."""
    source: Latest
    """For what goes into that Scope."""
    live_from: Fan | None = None
    source_from: Fan | None = None

    def join(self, live: Fan | None, source: Fan | None) -> None:
        """Get pictures from there; None: from nowhere."""
        _move(self.live, self.live_from, live)
        if source is not self.source_from:
            self.source.clear()  # of another Scope's video nothing is to be seen any more
        _move(self.source, self.source_from, source)
        self.live_from, self.source_from = live, source


class Pictures:
    """Everything that shows frames, or brings them. It belongs to the event loop."""

    def __init__(
        self,
        profile: Profile,
        scopes: Scopes,
        supervisor: Supervisor,
        folder: Path,
        seconds: Callable[[Duration], float],
    ) -> None:
        """`folder` is the profile's, `seconds` says how long a duration is now."""
        self.outputs: dict[str, PacedOutput] = {}
        self.sources: dict[str, Source] = {}
        self._profile = profile
        self._scopes = scopes
        self._supervisor = supervisor
        self._choices: dict[str, dict[str, Choice]] = {}
        """By Scope and the source node of its graph: which video input goes there."""
        self._folder = folder
        self._seconds = seconds
        self._ways: dict[str, _Way] = {}
        """By output. Those of the page are for whoever measures, too."""
        self._closed: Mapping[str, PacedOutput | None] = {}
        """What a reload has closed, or (None) will bring for the first time."""
        self._bypass = 0.0
        page = Latest(), Latest()
        self._ways[PAGE] = _Way(*page)
        self.preview = Preview(page[0], source=page[1])
        self._rejoin()

    def open(self) -> list[Service]:
        """Open what the profile names. Return what is to be run for it, the page's picture too."""
        for name in videos_of(self._profile):
            self._open_source(name)
        self.feed_scopes()
        for name in self._profile.outputs:
            self._open_output(name)
        services = [*map(self._source_service, self.sources), *map(self._output_service, self.outputs)]
        return [*services, Task(PAGE, self.preview.run)]

    def tap(self, to_frames: Callable[[Frame], None]) -> None:
        """Have every frame that the page may show told as well."""
        shown = self._ways[PAGE].live_from
        assert shown is not None
        shown.tap(to_frames)

    def are_shown(self, down: Collection[str]) -> bool:
        """Return whether every output has sent pictures, but for those that are not there, or wait. `down` are the
        services that cannot open now."""
        return all(
            output.status().sent
            for name, output in self.outputs.items()
            if output.on and _output_name(name) not in down
        )

    def called(self, name: str) -> list[PacedOutput | Preview]:
        """Return what a verb for the output `name`, or for `ALL`, is for: then the page, too."""
        return [*self.outputs_called(name), *([self.preview] if name == ALL else [])]

    def outputs_called(self, name: str) -> list[PacedOutput]:
        """Return the output called `name`; of `ALL`, every one."""
        # What a reload has closed hears of it, too: the one that takes its place goes on as it was left.
        every = {**self._closed, **self.outputs}
        return [output for of, output in every.items() if output is not None and name in (of, ALL)]

    def use(self, source: str, scope: str) -> None:
        """Let a video input go to a Scope, for as long as it lives."""
        for choice in self._choices.get(scope, {}).values():
            choice.called = source

    def pass_by(self, amount: float) -> None:
        """Show the source over Scope's picture, in every output: 0 not at all, 1 alone."""
        self._bypass = amount
        for output in self.called(ALL):
            output.bypass = amount

    def record(self, on: bool) -> None:
        """Begin or end what records."""
        for output in self.outputs_called(ALL):
            output.on = on

    def seek(self, source: str, position: float) -> None:
        """Let a video input go on from another place, 0 to 1."""
        if source in self.sources:
            self.sources[source].seek(position)

    def feed_scopes(self) -> None:
        """Let every source node of every Scope that runs have its choice of video inputs, and everything show the Scope
        that it is for now."""
        before = self._choices
        self._choices = {}
        for name, scope in self._scopes.running.items():
            had = before.get(name, {})
            wanted = {node: scope.sources.get(node, scope.video) for node in layout(scope).sources}
            self._choices[name] = {node: had.get(node) or Choice(videos) for node, videos in wanted.items()}
            for node, choice in self._choices[name].items():
                choice.names = wanted[node]  # of a session that goes on, the mailbox must, too
            self._scopes.stations[name].uplinks = {node: choice.mailbox for node, choice in self._choices[name].items()}
        self._rejoin()

    def inputs(self) -> Iterator[InputStatus]:
        """Yield how the video inputs are."""
        for name, source in self.sources.items():
            feeds = (
                self._scopes.running[scope].called
                for scope, choices in self._choices.items()
                if any(choice.chosen == name for choice in choices.values())
            )
            yield replace(source.status(), feeds=", ".join(feeds))

    def status(self) -> tuple[OutputStatus, ...]:
        """Return how the outputs are, and the picture on the page."""
        return (*(output.status() for output in self.outputs.values()), self.preview.status())

    # Reload

    async def close_changed(self, new: Profile) -> None:
        """Close the outputs and video inputs that `new` has not, or not as they are."""
        old, self._profile = self._profile, new
        names = [name for name in changed(old.outputs, new.outputs) if not self._keeps(name)]
        self._closed = {name: self.outputs.pop(name, None) for name in names}
        for name, output in self._closed.items():
            if output is not None:
                await self._supervisor.remove(_output_name(name))
                self._ways.pop(name).join(None, None)
        for name in changed(videos_of(old), videos_of(new)):
            if self.sources.pop(name, None):
                await self._supervisor.remove(_source_name(name))

    async def open_changed(self) -> None:
        """Open what the profile has and is not open yet; what goes on shows the Scope that it is for now."""
        for name in videos_of(self._profile):
            if name not in self.sources:
                self._open_source(name)
                self._supervisor.add(self._source_service(name))
        self.feed_scopes()
        for name, closed in self._closed.items():
            if name not in self._profile.outputs:
                continue
            self._open_output(name)
            before = closed or self.preview  # a new one does as the page does: a blackout is for all that come
            self.outputs[name].frozen, self.outputs[name].level = before.frozen, before.level
            if closed is not None:
                self.outputs[name].take_over(closed)
            self.outputs[name].bypass = self._bypass
            self._supervisor.add(self._output_service(name))
        self._closed = {}

    def _keeps(self, name: str) -> bool:
        """Return whether the output called `name` goes on as it is, with the profile's new options for it."""
        wanted = self._profile.outputs.get(name)
        return wanted is not None and name in self.outputs and self.outputs[name].change(wanted)

    def _rejoin(self) -> None:
        """Have everything show the Scope that it is for now."""
        for name, way in self._ways.items():
            if name == PAGE:
                way.join(self._scopes.first.fans.main, self._source_of(self._scopes.first.name))
            elif name in self._profile.outputs:
                feed = self._profile.outputs[name].showing.of
                scope = feed.scope if feed.scope in self._choices else self._scopes.first.name
                way.join(self._scopes.fan(feed), self._source_of(scope))

    def _source_of(self, scope: str) -> Fan | None:
        """Return the video that goes into a Scope, the first of several; None: none does."""
        return next((choice.fan for choice in self._choices.get(scope, {}).values()), None)

    # One of them

    def _open_output(self, name: str) -> None:
        live, source = Buffer(), Latest()
        self._ways[name] = _Way(live, source)
        self._rejoin()
        incoming = Incoming(live, source, self._seconds, self._folder)
        self.outputs[name] = open_output(name, self._profile.outputs[name], incoming)

    def _output_service(self, name: str) -> Service:
        return Task(_output_name(name), self.outputs[name].run)

    def _open_source(self, name: str) -> None:
        fan = Fan()
        fan.tap(lambda frame: self._take_video(name, frame))
        self.sources[name] = open_source(name, videos_of(self._profile)[name], fan, self._folder)

    def _source_service(self, name: str) -> Service:
        return Task(_source_name(name), self.sources[name].run)

    def _take_video(self, name: str, frame: Frame) -> None:
        for choices in self._choices.values():
            for choice in choices.values():
                choice.take(name, frame)


def _move(mailbox: Mailbox, before: Fan | None, after: Fan | None) -> None:
    if before is after:
        return
    if before is not None:
        before.close(mailbox)
    if after is not None:
        after.join(mailbox)


def videos_of(profile: Profile) -> dict[str, Video]:
    """Return the video inputs of a profile."""
    return {name: options for name, options in profile.inputs.items() if isinstance(options, Video)}


def changed(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """Return the names that are not the same in both."""
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def _source_name(name: str) -> str:
    return f"video {name}"


def _output_name(name: str) -> str:
    return f"output {name}"
