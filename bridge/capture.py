"""A recording of everything that was heard: one file of JSON lines that replays without anything else.

    {"scope_bridge_capture": 1, "profile": "club.yaml", "text": "inputs: …", "files": {}, "origin": 81234, …}
    {"t": 0.412907, "s": [["td/noise", [0.43]], ["td/cut", []]]}
    {"t": 0.428110, "s": [["apc/raw", [{"b": "f07e"}]]]}
    {"t": 9.75, "text": "inputs: …", "files": {}}
    {"t": 62.5, "s": []}

The first line is the header: the format's version, the profile's name and text, and the texts of the files that it
names, so that a bug report is this one file. Each line after it is one batch, `t` seconds after `origin`; one with a
`text` is an edit of the profile while it played; a last one without samples says when the recording ended.

`origin` is a whole second of `bridge.clock`, the one in which the recording began: a batch that is given back at
`origin + t` lies on the same side of every line of the engine's 1/60 s grid as it did on stage, to the microsecond in
which `t` is written.

JSON knows no bytes and no infinity: `{"b": "f07e"}` is bytes in hex, `{"f": "nan"}`, `{"f": "inf"}` and
`{"f": "-inf"}` are what they say.
"""

import json
import logging
import math
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, NamedTuple, Self

import orjson

from bridge import __version__
from bridge.clock import Clock, now
from bridge.errors import Refused, Unavailable
from bridge.signals import Batch, Sample, Value

logger = logging.getLogger(__name__)

VERSION: Final = 1
"""Of the format. A reader refuses a newer one, and reads every older one."""
MARK: Final = "scope_bridge_capture"
"""The key of the header that says that a file is a capture; its value is the version."""
DIGITS: Final = 6
"""Decimals of a time: microseconds."""
WAITING: Final = 200_000
"""Batches that may wait for a slow disk. A show is worth more than its recording: beyond that, the recording ends."""
PATIENCE: Final = 5.0
"""Seconds that the end of a recording waits for the disk."""
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Header:
    """What was played when the recording began."""

    profile: str
    """The profile's file, as it was named."""
    text: str
    """The profile's text."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The texts of the other files that it was read from, by their path."""
    origin: float = 0.0
    """The second of `bridge.clock` from which the times count."""
    recorded: str = ""
    """When, in UTC, as ISO 8601 writes it; empty: unknown."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """What was live when the recording began, as the mapping's `resume` takes it; empty: the show began anew."""


def gather(profile: str | Path, others: Iterable[str | Path] = ()) -> Header:
    """Return the header for the profile in a file, with the texts of the other files that it was read from.

    Their paths are told from the profile's folder, so that a capture says nothing of the machine it was made on. Raise
    `Unavailable` if one cannot be read.
    """
    path = Path(profile)
    files: dict[str, str] = {}
    for other in others:
        try:
            named = Path(os.path.relpath(other, path.parent)).as_posix()
        except ValueError:  # on another drive
            named = str(other)
        files[named] = _text_of(Path(other))
    return Header(path.name, _text_of(path), files)


def unpack(header: Header, folder: Path) -> Path:
    """Write the profile and its other files below `folder`, as they lay to each other; return the profile's path.

    Nothing is ever written outside of `folder`: a file that was named with an absolute path is left out.
    """
    up = max((Path(name).parts.count("..") for name in header.files), default=0)
    home = folder.joinpath(*(["in"] * up)).resolve()
    root = folder.resolve()
    for name, text in [*header.files.items(), (Path(header.profile).name or "profile.yaml", header.text)]:
        place = Path(os.path.normpath(home / name))
        if place.is_relative_to(root) and place != root:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="")
    return home / (Path(header.profile).name or "profile.yaml")


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unavailable(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unavailable(f"cannot read {path}: it is not UTF-8") from error


class Edit(NamedTuple):
    """The profile was edited while it played."""

    time: float
    """In seconds of the recording's `bridge.clock`."""
    text: str
    files: Mapping[str, str]


class Writer:
    """Records batches into a file. A thread of its own writes: no disk can hold up a show.

        with Writer("night.jsonl", Header("club.yaml", text)) as writer:
            writer.put(batch)

    Every line leaves in one write, so that after a crash everything is there but for what came last. When the disk is
    full, or too slow, or gone, the recording ends and says so once; the show goes on.
    """

    def __init__(self, path: str | Path, header: Header, clock: Clock = now) -> None:
        """Begin the file. One that is there already is never touched: the next free name is taken, `night-2.jsonl`.

        The header's `origin` and `recorded` are set from the clock and the calendar.
        Raise `Unavailable` if the file cannot be written.
        """
        self.signals = 0
        """Samples that were taken."""
        self.trouble = ""
        """Why the recording ended before its time, or empty."""
        self._clock = clock
        self.origin = float(math.floor(clock()))
        self.path, self._file = _create(Path(path))
        self._queue: SimpleQueue[Batch | Edit | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="capture", daemon=True)
        body = {
            MARK: VERSION,
            "profile": header.profile,
            "text": header.text,
            "files": dict(header.files),
            "origin": int(self.origin),
            "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
            "bridge": __version__,
        }
        if header.state:
            body["state"] = dict(header.state)
        try:
            _write_all(self._file, _line(body))
        except OSError as error:
            os.close(self._file)
            raise Unavailable(f"cannot write {self.path}: {error.strerror}") from error
        self._thread.start()

    def put(self, batch: Batch) -> None:
        """Record a batch. From one thread; returns at once and never raises."""
        if not self.trouble:
            self.signals += len(batch.samples)
            self._put(batch)

    def edited(self, text: str, files: Mapping[str, str]) -> None:
        """Record that the profile was edited: what it and the files that it names hold now. As `put`."""
        if not self.trouble:
            self._put(Edit(self._clock(), text, dict(files)))

    def close(self) -> None:
        """End the recording now, and wait until all of it is on its way to the disk. May be repeated."""
        if not self._thread.is_alive():
            return
        self._queue.put(Batch(self._clock(), ()))
        self._queue.put(None)
        self._thread.join(PATIENCE)

    def _put(self, what: Batch | Edit) -> None:
        if self._queue.qsize() >= WAITING:
            self._end("the disk is too slow")
            self._queue.put(None)
        else:
            self._queue.put(what)

    def _end(self, reason: str) -> None:
        if not self.trouble:
            self.trouble = reason
            logger.warning("the recording into %s ends here: %s; the show goes on", self.path, reason)

    def _write(self) -> None:
        """Write what was put, until the end or the first trouble."""
        try:
            while (what := self._queue.get()) is not None:
                _write_all(self._file, _line(_as_json(what, self.origin)))
        except OSError as error:
            self._end(error.strerror or str(error))
        except Exception as error:
            self._end(f"a bug in the bridge ({type(error).__name__}: {error})")
            logger.exception("a bug in the bridge, in the recording")
        finally:
            os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture in a file; its lines are read as they are asked for."""

    path: Path
    header: Header

    def __iter__(self) -> Iterator[Batch | Edit]:
        """Yield the batches, and the edits of the profile, in the order in which they came.

        A torn last line, as a crash leaves it, is skipped with a warning. Raise `Refused`, with its number, for any
        other line that is none, `Unavailable` if the file cannot be read.
        """
        last = 1
        torn: Exception | None = None
        for number, line in _lines(self.path):
            if torn is not None:
                break
            if number > 1 and not line.isspace():
                try:
                    yield _read_line(line, self.header.origin)
                except (ValueError, KeyError, TypeError) as error:
                    torn = error
            last = number
        else:
            if torn is not None:
                logger.warning("%s: line %d, the last one, is torn and left out", self.path, last)
            return
        raise Refused(f"{self.path}:{last}: this line of the capture cannot be read: {torn}") from torn


def read(path: str | Path) -> Capture:
    """Return the capture in the file at `path`, of which only the header has been read yet.

    Raise `Unavailable` if there is no such file, `Refused` if it is no capture or one of a newer version.
    """
    file = Path(path)
    first = next((line for _, line in _lines(file)), b"")
    try:
        body = _parse(first)
        version = body[MARK]
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{file} is no capture: its first line has no {MARK!r}") from None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise Refused(f"{file} is no capture: its version is {version!r}, and versions are numbers from 1")
    if version > VERSION:
        raise Refused(
            f"{file} is a capture of version {version}, and this scope-bridge reads versions up to {VERSION}: "
            "replay it with the one that recorded it, or a newer one"
        )
    text, files, origin, state = body.get("text"), body.get("files", {}), body.get("origin", 0), body.get("state", {})
    if not isinstance(text, str) or not _are_texts(files) or not _is_time(origin) or not isinstance(state, dict):
        raise Refused(f"{file}:1: the header of the capture lacks the profile's text, or has it garbled")
    return Capture(
        file,
        Header(
            str(body.get("profile", "profile.yaml")), text, files, float(origin), str(body.get("recorded", "")), state
        ),
    )


def _create(path: Path) -> tuple[Path, int]:
    """Return a file that was not there before, open for writing: `path`, or the next free name after it."""
    for number in range(1, 10_000):
        free = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            return free, os.open(free, _NEW, 0o666)  # less what the umask takes away
        except FileExistsError:
            continue
        except OSError as error:
            raise Unavailable(f"cannot write {free}: {error.strerror}") from error
    raise Unavailable(f"cannot write {path}: there are {number} files of that name already")


def _write_all(file: int, data: bytes) -> None:
    """Write all of `data`; raise `OSError` if the disk takes less than that."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers, from 1."""
    try:
        with path.open("rb") as stream:
            yield from enumerate(stream, 1)
    except OSError as error:
        raise Unavailable(f"cannot read {path}: {error.strerror}") from error


# Values to and from JSON


def _line(body: Any) -> bytes:
    """Return `body` as one line of JSON."""
    try:
        return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # half of a character pair, or a whole number of more than 64 bits: the slow one takes them
        return f"{json.dumps(body)}\n".encode()


def _parse(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except ValueError:
        return json.loads(line, parse_constant=_no_constant)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _as_json(what: Batch | Edit, origin: float) -> dict[str, Any]:
    time = round(what.time - origin, DIGITS)
    if isinstance(what, Edit):
        return {"t": time, "text": what.text, "files": what.files}
    return {"t": time, "s": [(path, [_packed(value) for value in values]) for path, values in what.samples]}


def _packed(value: Value) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"f": str(float(value))}
    return {"b": value.hex()} if isinstance(value, bytes) else value


def _read_line(line: bytes, origin: float) -> Batch | Edit:
    """Return what a line says. Raise `ValueError`, `KeyError` or `TypeError` if it is none of a capture's."""
    body = _parse(line)
    time = body["t"]
    if not _is_time(time):
        raise ValueError("its time is no number")
    if "text" in body:
        if not isinstance(body["text"], str) or not _are_texts(body["files"]):
            raise ValueError("it holds no text of a profile")
        return Edit(origin + time, body["text"], body["files"])
    return Batch(origin + time, _samples(body["s"]))


def _samples(listed: Sequence[Any]) -> list[Sample]:
    if not isinstance(listed, list):
        raise ValueError("its samples are no list")
    samples: list[Sample] = []
    for path, values in listed:
        if type(path) is not str or type(values) is not list:
            raise ValueError("a sample is a path and a list of values")
        for value in values:
            if type(value) in (dict, list):
                values = [_unpacked(each) for each in values]
                break
        samples.append((path, tuple(values)))
    return samples


def _unpacked(value: Any) -> Value:
    match value:
        case {"b": str(text), **more} if not more:
            return bytes.fromhex(text)
        case {"f": "nan" | "inf" | "-inf" as text, **more} if not more:
            return float(text)
        case dict() | list():
            raise ValueError("a value is a number, a text, true, false, null, bytes or no number")
        case _:
            known: Value = value
            return known


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
