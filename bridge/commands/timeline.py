"""`scope-bridge timeline FILE.json`: a timeline that was saved in Scope's interface, as prompts, scenes and cues."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from bridge import profile, timeline
from bridge.disk import read_text, write_text
from bridge.errors import Refused, Unavailable
from bridge.profile.edit.saving import add_to_section, section_of
from bridge.profile.edit.writing import flow, key
from bridge.profile.model import Profile
from bridge.timeline import Cues, Taken, Timeline


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE.json", type=Path, help="the timeline, as Scope's interface saves it")
    parser.add_argument(
        "--into", metavar="PROFILE", help="write it into this profile, whose comments stay; else it is printed"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a timeline as a part of a profile, or write it into one. Return 0; what goes wrong is raised."""
    read = read_file(arguments.file)
    if arguments.into is None:
        for line in lines_of(timeline.cues(read, Taken()), read, arguments.file.name):
            print(line)
        return 0
    into, _ = profile.load(arguments.into, os.environ)
    path = Path(arguments.into)
    try:
        text = read_text(path)
        new = timeline.cues(read, taken_by(into, text))
        edited = added(text, new)
        if edited != text:
            write_text(path, edited)
    except OSError as error:
        raise Unavailable(f"cannot write {path}: {error.strerror}") from error
    for line in report(new, arguments.into):
        print(line)
    for line in timeline.unused(read.settings):
        print(f"the timeline also had {line}", file=sys.stderr)
    return 0


def taken_by(into: Profile, text: str) -> Taken:
    """Return what a profile has already. What it extends takes names, and is never compared."""
    scenes, cues = (
        {**dict.fromkeys(whole), **section_of(text, section)}
        for section, whole in (("scenes", into.scenes), ("cues", into.cues))
    )
    return Taken(into.prompts.bank, scenes, cues, into.prompts.slots)


def report(new: Cues, into: str) -> Iterator[str]:
    """Yield what was written, line by line."""
    counts = [(len(new.bank), "prompt"), (len(new.scenes), "scene"), (len(new.cues), "cue")]
    if any(number for number, _ in counts):
        prompts, scenes, cues = (f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in counts)
        yield f"wrote {prompts}, {scenes} and {cues} into {into}"
    else:
        yield f"{into} has all of it already; nothing was written"
    for kind, wanted, name in new.renamed:
        yield f"the {kind} '{wanted}' is there already and says something else: the new one is '{name}'"
    yield f"it plays from the cue {new.begin} on: go there by a route to cue/{new.begin}"


def read_file(path: Path) -> Timeline:
    """Return the timeline in a file. Raise `Unavailable` if it cannot be read, `Refused` if it is none."""
    try:
        document = orjson.loads(path.read_bytes())
    except OSError as error:
        raise Unavailable(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise Refused(f"{path} is no JSON: {error}") from error
    return timeline.parse(document, str(path))


def added(text: str, new: Cues) -> str:
    """Return the text of a profile with prompts, scenes and cues added to it. Raise `EditError` if that cannot be."""
    if new.slots:
        text = add_to_section(text, "prompts", "slots", list(new.slots))
    sections: tuple[tuple[str | tuple[str, ...], Mapping[str, object]], ...] = (
        (("prompts", "bank"), new.bank),
        ("scenes", new.scenes),
        ("cues", new.cues),
    )
    for section, entries in sections:
        for name, value in entries.items():
            text = add_to_section(text, section, name, value)
    return text


def lines_of(new: Cues, read: Timeline, name: str) -> Iterator[str]:
    """Yield what to put into a profile, line by line."""
    yield f"# {name}, as prompts, scenes and cues; it plays from cue/{new.begin} on."
    for line in timeline.unused(read.settings):
        yield f"# the timeline also had {line}"
    yield "prompts:"
    if new.slots:
        yield f"  slots: {flow(list(new.slots))}"
    yield "  bank:"
    yield from (f"    {key(prompt)}: {flow(text)}" for prompt, text in new.bank.items())
    for section, entries in (("scenes", new.scenes), ("cues", new.cues)):
        yield f"{section}:"
        yield from (f"  {key(entry)}: {flow(value)}" for entry, value in entries.items())
