"""The ways of all pictures: from the video inputs to the Scopes, and from the Scopes to the outputs and the page.

pictures = Pictures(profile, scopes, supervisor)
services = pictures.open()                       # to be run
await pictures.close_changed(new)                # a reload: first everything goes that goes,
pictures.feed_scopes()                           # as often as other Scopes run,
await pictures.open_changed()                    # then everything comes that comes
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from bridge.frames import Fan, Frame
from bridge.outputs import Missing, Output, open_output
from bridge.outputs.preview import Preview
from bridge.profile.inputs import Video
from bridge.profile.model import Profile
from bridge.scopes import Scopes
from bridge.session.contract.layout import layout
from bridge.sources import Source, open_source
from bridge.sources.choice import Choice
from bridge.status import OutputStatus
from bridge.supervisor import Service, Supervisor, Task
from bridge.verbs import ALL

PAGE: Final = "page"
"""The name of the picture on the page, among the outputs."""


class Pictures:
    """Everything that shows frames, or brings them. It belongs to the event loop."""

    def __init__(self, profile: Profile, scopes: Scopes, supervisor: Supervisor) -> None:
        self.outputs: dict[str, Output] = {}
        self.sources: dict[str, Source] = {}
        self._profile = profile
        self._scopes = scopes
        self._supervisor = supervisor
        self._choices: dict[str, dict[str, Choice]] = {}
        """By Scope and the source node of its graph: which video input goes there."""
        self._feeds = {PAGE: scopes.first.fans.main}
        """By output: the pictures that its mailbox is open for. Those of the page are for whoever measures, too."""
        self._mailboxes = {PAGE: self._feeds[PAGE].open()}
        self._closed: Mapping[str, Output | None] = {}
        """What a reload has closed, or (None) will bring for the first time."""
        self.preview = Preview(self._mailboxes[PAGE])

    def open(self) -> list[Service]:
        """Open what the profile names. Return what is to be run for it, the page's picture too."""
        for name in self._profile.outputs:
            self._open_output(name)
        for name in videos_of(self._profile):
            self._open_source(name)
        self.feed_scopes()
        services = [*map(self._source_service, self.sources), *map(self._output_service, self.outputs)]
        return [*services, Task(PAGE, self.preview.run)]

    def tap(self, to_frames: Callable[[Frame], None]) -> None:
        """Have every frame that the page may show told as well."""
        self._feeds[PAGE].tap(to_frames)

    def are_shown(self, down: Collection[str]) -> bool:
        """Return whether every output has sent pictures, but for those that are not there. `down` are the services that
        cannot open now."""
        opened = {name: output for name, output in self.outputs.items() if not isinstance(output, Missing)}
        return all(output.status().sent for name, output in opened.items() if _output_name(name) not in down)

    def called(self, name: str) -> list[Output | Preview]:
        """Return what a verb for the output `name`, or for `ALL`, is for."""
        if name == ALL:
            return [*self.outputs.values(), self.preview]
        return [self.outputs[name]] if name in self.outputs else []

    def use(self, source: str, scope: str) -> None:
        """Let a video input go to a Scope, for as long as it lives."""
        for choice in self._choices.get(scope, {}).values():
            choice.called = source

    def feed_scopes(self) -> None:
        """Let every source node of every Scope that runs have its choice of video inputs."""
        before = self._choices
        self._choices = {}
        for name, scope in self._scopes.running.items():
            had = before.get(name, {})
            wanted = {node: scope.sources.get(node, scope.video) for node in layout(scope).sources}
            self._choices[name] = {
                node: had[node] if node in had and had[node].names == videos else Choice(videos)
                for node, videos in wanted.items()
            }
            self._scopes.stations[name].uplinks = {node: choice.mailbox for node, choice in self._choices[name].items()}

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
                self._feeds.pop(name).close(self._mailboxes.pop(name))
        for name in changed(videos_of(old), videos_of(new)):
            if self.sources.pop(name, None):
                await self._supervisor.remove(_source_name(name))

    async def open_changed(self) -> None:
        """Open what the profile has and is not open yet; what goes on shows the Scope that it is for now."""
        self._rejoin()
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
            self._supervisor.add(self._output_service(name))
        self._closed = {}

    def _keeps(self, name: str) -> bool:
        """Return whether the output called `name` goes on as it is, with the profile's new options for it."""
        wanted = self._profile.outputs.get(name)
        return wanted is not None and name in self.outputs and self.outputs[name].change(wanted)

    def _rejoin(self) -> None:
        for name, mailbox in self._mailboxes.items():
            before = self._feeds[name]
            fan = self._scopes.first.fans.main if name == PAGE else self._scopes.fan(self._profile.outputs[name].of)
            if fan is not before:
                before.close(mailbox)
                fan.join(mailbox)
                self._feeds[name] = fan

    # One of them

    def _open_output(self, name: str) -> None:
        self._feeds[name] = self._scopes.fan(self._profile.outputs[name].of)
        self._mailboxes[name] = self._feeds[name].open()
        self.outputs[name] = open_output(name, self._profile.outputs[name], self._mailboxes[name])

    def _output_service(self, name: str) -> Service:
        return Task(_output_name(name), self.outputs[name].run)

    def _open_source(self, name: str) -> None:
        fan = Fan()
        fan.tap(lambda frame: self._take_video(name, frame))
        self.sources[name] = open_source(name, videos_of(self._profile)[name], fan)

    def _source_service(self, name: str) -> Service:
        return Task(_source_name(name), self.sources[name].run)

    def _take_video(self, name: str, frame: Frame) -> None:
        for choices in self._choices.values():
            for choice in choices.values():
                choice.take(name, frame)


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
