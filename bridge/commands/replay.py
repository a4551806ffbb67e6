"""`scope-bridge replay FILE...`: what a capture makes of Scope, as JSON lines, as a timeline, or live."""

import argparse
import asyncio
import dataclasses
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, Final

import orjson

from bridge import capture, profile, timeline
from bridge.capture import Capture, Edit
from bridge.clock import now
from bridge.commands.arguments import positive, server
from bridge.errors import ProfileError
from bridge.profile.durations import CHUNK_SECONDS
from bridge.profile.model import Profile
from bridge.verbs import Verb

AFTERWARDS: Final = 3
"""Chunks for which a live replay goes on after its end, so that the hand's last value is seen."""
GLANCE: Final = 0.05
"""Seconds between two looks at whether Scope streams yet."""
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_NOWHERE: Final = "http://127.0.0.1:8000"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="captures, played one after the other")
    parser.add_argument("--profile", metavar="P", help="play it with this profile instead of the capture's own")
    parser.add_argument(
        "--to",
        metavar="json|timeline|URL",
        type=_destination,
        required=True,
        help="json: the messages that Scope would get, a line each; timeline: Scope's timeline JSON 2.1; "
        "or the address of a Scope to play it to",
    )
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--speed", metavar="X", type=positive, help="so many times as fast (to a URL: 1; else: at once)")
    pace.add_argument("--fast", action="store_true", help="without waiting at all")
    parser.add_argument(
        "--chunk",
        metavar="SECONDS",
        type=positive,
        help=f"how long a chunk takes until the capture says it (default {CHUNK_SECONDS}); not to a URL",
    )
    parser.add_argument("-v", "--verbose", action="count", default=0, help="say more; twice: every message")
    parser.set_defaults(wrong=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Replay the captures. Return 0; 1 and 2 are raised as errors."""
    to: str = arguments.to
    if to == "timeline" and (arguments.speed or arguments.fast):
        arguments.wrong("a timeline is written at once: --speed and --fast do nothing with --to timeline")
    if to == "timeline" and len(arguments.files) > 1:
        arguments.wrong("a timeline is one document: give one capture")
    if to not in ("json", "timeline") and arguments.chunk:
        arguments.wrong("a live Scope has its own chunks: --chunk does nothing with --to URL")
    captures = [capture.read(path) for path in arguments.files]
    for each in captures:
        if to == "json":
            _print_json(each, arguments, several=len(captures) > 1)
        elif to == "timeline":
            _print_timeline(each, arguments)
        else:
            with tempfile.TemporaryDirectory(prefix="scope-bridge-") as folder:
                _play(each, arguments, Path(folder))
    return 0


# Offline


def _print_json(played: Capture, arguments: argparse.Namespace, several: bool) -> None:
    speed: float | None = arguments.speed
    out = sys.stdout.buffer  # these bytes, on every system
    if several:
        out.write(f"{_text({'capture': str(played.path)})}\n".encode())
    started = now()
    for seconds, line in messages(played, arguments.profile, arguments.chunk):
        if speed is not None:
            out.flush()
            time.sleep(max(0.0, started + seconds / speed - now()))
        out.write(f"{line}\n".encode())
    out.flush()


def messages(played: Capture, other: str | None = None, chunk: float | None = None) -> Iterator[tuple[float, str]]:
    """Yield what happens when a capture is played without a Scope: the seconds from its beginning, and a line of JSON.

    `other` is a profile to play instead of the capture's own; `chunk` is how long a chunk takes in the beginning.
    """
    from bridge.offline import Begun, Declined, Done, Sent

    for happening in _show(played, other, chunk):
        seconds = round(happening.time - played.header.origin, capture.DIGITS)
        match happening:
            case Begun(_, values, scope):
                line = _text({"t": seconds, **_of(scope), "initial": dict(values)})
            case Sent(_, text, scope):
                line = f'{_text({"t": seconds, **_of(scope)})[:-1]},"message":{text}}}'
            case Done(_, verb):
                line = _text({"t": seconds, **as_json(verb)})
            case Declined(_, reason):
                line = _text({"t": seconds, "refused": reason})
        yield seconds, line


def _of(scope: str) -> dict[str, str]:
    """Return what says to which of several Scopes a line belongs."""
    return {"scope": scope} if scope else {}


def as_json(verb: Verb) -> dict[str, Any]:
    """Return a verb as JSON: its name, and what it has to say."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(verb).__name__).lower()
    return {"verb": name, **{field.name: getattr(verb, field.name) for field in dataclasses.fields(verb)}}


def _print_timeline(played: Capture, arguments: argparse.Namespace) -> None:
    from bridge.offline import Begun, Sent

    scope = (
        profile_in(played.header) if arguments.profile is None else profile.load(arguments.profile, os.environ)[0]
    ).scope
    origin, end = played.header.origin, 0.0
    told: list[tuple[float, Mapping[str, Any]]] = []
    for happening in _show(played, arguments.profile, arguments.chunk):
        end = max(end, happening.time - origin)
        match happening:
            case Begun(moment, values, scope.name):
                told.append((moment - origin, timeline.flat(values)))
            case Sent(moment, text, scope.name):
                told.append((moment - origin, orjson.loads(text)))
    end = max([end, *(line.time - origin for line in played)])
    document, left_out = timeline.export(told, end, scope.pipeline, scope.load, video=bool(scope.video))
    document["exportedAt"] = played.header.recorded
    print(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    for name, times in left_out.items():
        often = "once" if times == 1 else f"{times} times"
        print(f"left out: {name} changed {often}, and a timeline has no place for that", file=sys.stderr)


def _show(played: Capture, other: str | None, chunk: float | None) -> Iterator[Any]:
    from bridge.offline import Show

    def edited(edit: Edit) -> Profile | None:
        return None if other is not None else profile_in(dataclasses.replace(header, text=edit.text, files=edit.files))

    header = played.header
    first = profile_in(header) if other is None else profile.load(other, os.environ)[0]
    return Show(first, header.origin, chunk or CHUNK_SECONDS, edited, header.state).play(played)


_TEXTS: Final = (".yaml", ".yml", ".json", ".txt")
"""The ends of the names of texts that a profile is read from."""


def profile_in(header: capture.Header) -> Profile:
    """Return the profile that a capture took along. Raise `ProfileError` if this version finds problems in it."""

    def files(path: str) -> str:
        name = PurePath(os.path.normpath(path)).as_posix()
        if name not in header.files:
            if PurePath(name).suffix.lower() in _TEXTS:
                raise FileNotFoundError(name)
            return ""  # a capture takes texts along, and what was played depends on no image and no video
        return header.files[name]

    reading = profile.read(header.text, header.profile, environment(header), files)
    if reading.profile is None:
        raise ProfileError(profile.report(reading.problems, header.profile))
    return reading.profile


def environment(header: capture.Header) -> dict[str, str]:
    """Return what stands for the variables of a capture's profile: what this machine has, else an address.

    What they said on the machine that recorded it is not in the capture, and must not be: a TURN server's secret.
    """
    texts = (header.text, *header.files.values())
    names = {name for text in texts for name in _VARIABLE.findall(text)}
    return {**dict.fromkeys(names, _NOWHERE), **os.environ}


def _text(body: Any) -> str:
    return orjson.dumps(body).decode()


def _destination(text: str) -> str:
    return text if text in ("json", "timeline") else server(text)


# Live


def _play(played: Capture, arguments: argparse.Namespace, folder: Path) -> None:
    """Play a capture to a live Scope, with the terminal's status and the page as `run` has them."""
    from rich.console import Console

    from bridge.app import App, Options, to_server
    from bridge.commands.run import listen, status_of, until_told
    from bridge.inputs.replay import Replay
    from bridge.status import Phase
    from bridge.supervisor import Task

    listen(arguments.verbose)
    own = arguments.profile is None
    path = capture.unpack(played.header, folder) if own else Path(arguments.profile)
    lines = list(played)

    async def streaming() -> None:
        while True:
            if app.status().scope.phase is Phase.STREAMING:
                return
            await asyncio.sleep(GLANCE)

    def edit(change: Edit) -> None:
        capture.unpack(dataclasses.replace(played.header, text=change.text, files=change.files), folder)

    opened = Replay(
        lines,
        played.header.origin,
        None if arguments.fast else arguments.speed or 1.0,
        begin=streaming,
        edit=edit if own else None,
    )
    app = App(
        path,
        Options(
            panel_port=0,
            adjust=to_server(arguments.to),
            replay=opened,
            environment=environment(played.header) if own else os.environ,
        ),
    )

    async def play() -> None:
        playing = asyncio.current_task()
        assert playing is not None

        async def end() -> None:
            await opened.ended.wait()
            await asyncio.sleep(AFTERWARDS * (app.status().scope.chunk_seconds or CHUNK_SECONDS))
            playing.cancel()

        console = Console(stderr=True)
        await app.run(status_of(app, console, plain=not console.is_terminal), Task("end of the replay", end))

    asyncio.run(until_told(play()))
    print(f"played {played.path} to {arguments.to}")
