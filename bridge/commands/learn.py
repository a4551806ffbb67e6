"""`scope-bridge learn PROFILE`: move a control, choose what it drives; the route is written into the profile.

A show that plays the profile is asked what arrives, as a port has one owner, and takes the route at once, as it watches its
file. Only where none plays it are its inputs opened here.
"""

import argparse
import asyncio
import contextlib
import difflib
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

from bridge import attached, log, profile
from bridge.clock import now
from bridge.commands.arguments import positive
from bridge.commands.devices import midi
from bridge.disk import read_text, write_text
from bridge.errors import ProfileError, Refused, Unavailable
from bridge.inputs import Input, open_input
from bridge.learning.learned import Learned
from bridge.learning.recognise import Moved, Recogniser
from bridge.learning.targets import SHOWN, Choice, choice_of, choices, search
from bridge.learning.writing import caution, driven_by, known, route_for, spread_for, told
from bridge.profile import Problem, Profile, Severity
from bridge.profile.edit.saving import add_route
from bridge.profile.edit.undoing import Gone, difference, taken_back
from bridge.profile.inputs import InputOptions, Midi, Osc
from bridge.profile.model import Range
from bridge.profile.shapes.shape import figure
from bridge.profile.source.problems import Notes, Place, did_you_mean, report
from bridge.profile.targets import lookup
from bridge.running import Running
from bridge.signals import Emit
from bridge.supervisor import Supervisor, Task

BEFORE: Final = 1.0
"""Seconds in which nobody is to move anything, so that what comes by itself is known."""
PATIENCE: Final = 60.0
"""Seconds for a control to be moved."""
LOOK: Final = 0.05
"""Seconds between two looks at what was moved."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("profile", metavar="PROFILE", type=Path, help="the profile that gets the route")
    parser.add_argument(
        "--from", dest="signal", metavar="SIGNAL", help="this signal, like apc/fader/1: nothing is moved"
    )
    parser.add_argument("--to", metavar="TARGET", help="this target, like noise_scale: nothing is asked")
    parser.add_argument("--page", metavar="NAME", help="write it into the routes of this page")
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=positive,
        default=PATIENCE,
        help="how long to wait for a movement (%(default)g)",
    )
    parser.add_argument(
        "--undo", action="store_true", help="take back the route that was learned last; again: the one before"
    )


def run(arguments: argparse.Namespace) -> int:
    """Learn one route, or take one back. Return 2 if the profile would have a problem with it: nothing is written then."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # a terminal that lacks a character shows something else
    log.configure(logging.ERROR, libraries=logging.ERROR)  # what fails is told in sentences, between the questions
    path: Path = arguments.profile
    if arguments.undo:
        if arguments.signal or arguments.to or arguments.page:
            raise Refused("--undo takes back what was learned last, and needs no --from, --to or --page")
        undo(path)
        return 0
    read, _ = profile.load(path, os.environ)
    if arguments.page is not None and arguments.page not in read.pages:
        raise Refused(_no_page(arguments.page, read))
    asks = arguments.to is None
    if asks and not sys.stdin.isatty():
        raise Refused("there is no terminal to ask at: say what the control drives, as in --to noise_scale")
    chosen = None if asks else target_of(arguments.to, read)
    running = attached.find(path)
    moved = known(arguments.signal.strip("/"), read) if arguments.signal else _moved(read, running, arguments.wait)
    route = _asked(moved, read, arguments.page) if chosen is None else _given(moved, chosen, read, arguments.page)
    if route is None:
        print("nothing was written")
        return 0
    return write(path, route, arguments.page, plays=running is not None)


# Which control.


def _moved(read: Profile, running: Running | None, seconds: float) -> Moved:
    """Let somebody move a control. Raise `Refused` if nothing was recognised."""
    inputs = {name: options for name, options in read.inputs.items() if isinstance(options, Osc | Midi)}
    if not inputs:
        raise Refused(_no_inputs(read))
    source: Source
    if running is not None:
        print(f"listening to the show of {running.called}")
        source = Beside(running)
    else:
        source = Own(inputs, [one for one in attached.all_of() if one.profile != os.path.abspath(read.path)])
    moved = asyncio.run(recognised(source, Recogniser(inputs), seconds, BEFORE))
    print(f"{moved.signal}: {told(moved, read)}")
    if moved.others:
        print(f"moved too, but less: {', '.join(moved.others[:3])}")
    return moved


class Beside:
    """What a running show hears."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def listen(self, emit: Emit) -> None:
        """Hand over what arrives. Raise `Unavailable` when the show ends."""
        async with aclosing(attached.signals(self._running)) as batches:
            async for batch in batches:
                emit(batch)

    def troubles(self) -> list[str]:
        """Return what is wrong with where signals come from."""
        return []


class Own:
    """The inputs of a profile that no show plays, opened here."""

    def __init__(self, inputs: Mapping[str, InputOptions], others: Sequence[Running] = ()) -> None:
        """`others` are shows that may have a port."""
        self._inputs = [open_input(name, options) for name, options in inputs.items()]
        self._others = others
        self._supervisor = Supervisor()

    async def listen(self, emit: Emit) -> None:
        """Hand over what arrives, until cancelled."""
        await self._supervisor.run([_service(opened, emit) for opened in self._inputs])

    def troubles(self) -> list[str]:
        """Return what is wrong with where signals come from."""
        complaints = self._supervisor.complaints()
        found = [
            f"{opened.name} ({opened.status().where}): {trouble}"
            for opened in self._inputs
            if (trouble := complaints.get(_called(opened)) or opened.status().detail)
        ]
        if found and self._others:
            found.append(f"the show of {self._others[0].called} is running, and a port that it has is its alone")
        return found


Source = Beside | Own


def _service(opened: Input, emit: Emit) -> Task:
    return Task(_called(opened), lambda: opened.run(emit))


def _called(opened: Input) -> str:
    return f"input {opened.name}"


async def recognised(source: Source, recogniser: Recogniser, seconds: float, before: float) -> Moved:
    """Return the control that is moved within so many seconds, after `before` in which none is.

    Raise `Refused` if none was.
    """
    moved: Moved | None = None
    told_of: list[str] = []

    async def watch() -> None:
        nonlocal moved
        print("Move nothing for a moment …", flush=True)
        await asyncio.sleep(before)
        recogniser.begin()
        told_of.extend(source.troubles())
        for trouble in told_of:
            print(trouble, file=sys.stderr)
        print("Now move one control, all the way; or press it.", flush=True)
        end, said = now() + seconds, ""
        while (moved := recogniser.moved(now(), over=now() > end)) is None and now() <= end:
            if (wish := recogniser.wish(now())) and wish != said:
                print(wish, flush=True)
                said = wish
            await asyncio.sleep(LOOK)

    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(source.listen(recogniser.hear))
        await watch()
        listening.cancel()
    if moved is None:
        since = [trouble for trouble in source.troubles() if trouble not in told_of]
        why = f"no control was moved within {figure(seconds)} s: {recogniser.complaint()}"
        raise Refused("; ".join([why, *since]))
    return moved


def _no_inputs(read: Profile) -> str:
    """Return what to add to a profile that hears neither MIDI nor OSC, with the ports that are there."""
    found = midi().devices
    lines = [one.line for one in found] or ["td: {osc: 9000}"]
    there = "the MIDI ports here are" if found else "no MIDI port is here; for OSC it is"
    listed = "".join(f"\n    {line}" for line in lines)
    return f"{read.path} has no MIDI or OSC input to learn from. Add one to its inputs:; {there}{listed}"


def _no_page(name: str, read: Profile) -> str:
    hint = did_you_mean(name, read.pages) or (
        f"the pages are {', '.join(read.pages)}" if read.pages else "this profile has no pages"
    )
    return f"there is no page called '{name}': {hint}"


# What it drives.


def target_of(text: str, read: Profile) -> Choice:
    """Return the target of that name. Raise `Refused`, with the nearest one, if there is none."""
    choice = choice_of(text, read)
    if choice is None:
        raise Refused(_no_target(text, read))
    return choice


def _no_target(text: str, read: Profile) -> str:
    notes = Notes([text], "")
    lookup.find(text, Place(1, 1, 1, len(text) + 1), lookup.names_of(read), notes)
    problem = notes.problems()[0]
    hint = next((hint for hint in problem.hints if hint.startswith(("did you mean", "write "))), None)
    if hint is None and (near := search(choices(read), text)):
        hint = f"did you mean '{near[0].text}'?"
    return ": ".join([problem.message, *([hint] if hint else problem.hints[:1])])


def _given(moved: Moved, chosen: Choice, read: Profile, page: str | None) -> str | dict[str, Any]:
    """Return the route to a target that was named, without a question."""
    for line in _remarks(moved, read, page):
        print(line, file=sys.stderr)
    spread = spread_for(moved, chosen.target, read.inputs.get(moved.signal.partition("/")[0]))
    route = route_for(moved, chosen, read, spread.ends if spread is not None and spread.likely else None)
    if odd := caution(moved, chosen):
        print(odd, file=sys.stderr)
    return route


def _asked(moved: Moved, read: Profile, page: str | None) -> str | dict[str, Any] | None:
    """Ask what the control drives, and what else is not clear; None: it is to be as it was."""
    for line in _remarks(moved, read, page):
        print(line)
        if not confirmed("Shall it drive something else, too?", likely=False):
            return None
    every = choices(read)
    print("What shall it drive? Type a part of its name, then its number in the list; Enter alone ends it.")
    while True:
        chosen = choose(every, read)
        if chosen is None:
            return None
        try:
            route_for(moved, chosen, read)
        except Refused as error:
            print(error)
            continue
        if odd := caution(moved, chosen):
            print(odd)
        spread = spread_for(moved, chosen.target, read.inputs.get(moved.signal.partition("/")[0]))
        ends: Range | None = None
        if spread is not None:
            low, high = map(figure, spread.ends)
            question = (
                f"{moved.signal} went from {figure(moved.low)} to {figure(moved.high)}, and {chosen.text} takes "
                f"{chosen.takes}. Shall {low} to {high} be the whole way (in: [{low}, {high}])?"
            )
            ends = spread.ends if confirmed(question, likely=spread.likely) else None
        return route_for(moved, chosen, read, ends)


def _remarks(moved: Moved, read: Profile, page: str | None) -> list[str]:
    """Return what the control does already, in one sentence or none."""
    where = "" if page is None else f" on the page {page}"
    driven = driven_by(moved.signal, read, page)
    turned = [one.name for one in read.pages.values() if moved.signal in (one.held, one.latched)]
    does = [f"drives {', '.join(driven)} already{where}"] if driven else []
    does += [f"turns to the page {', '.join(turned)}"] if turned else []
    return [f"{moved.signal} {', and '.join(does)}"] if does else []


def choose(every: Sequence[Choice], read: Profile, ask: Callable[[str], str] | None = None) -> Choice | None:
    """Ask for a target until one is chosen; None: nothing was typed."""
    listed: list[Choice] = []
    while True:
        typed = _answer("target: ", ask).strip()
        if not typed:
            return None
        if typed.isdecimal() and 1 <= int(typed[:6]) <= len(listed):
            return listed[int(typed) - 1]
        if exact := choice_of(typed, read):
            return exact
        found = search(every, typed)
        listed = found[:SHOWN]
        if not found:
            print(_no_target(typed, read))
            continue
        width = max(len(one.text) for one in listed)
        for number, one in enumerate(listed, 1):
            unread = "" if one.read else "; the pipeline does not read it"
            print(f"{number:4}  {one.text:{width}}  {one.takes}{unread}")
        if len(found) > len(listed):
            print(f"      and {len(found) - len(listed)} more: type more of the name")


def confirmed(question: str, *, likely: bool, ask: Callable[[str], str] | None = None) -> bool:
    """Ask a question to be answered with y or n; nothing is what is `likely`."""
    while True:
        answer = _answer(f"{question} [{'Y/n' if likely else 'y/N'}] ", ask).strip().casefold()
        if answer in ("", "y", "yes", "n", "no"):
            return likely if not answer else answer.startswith("y")
        print("type y or n")


def _answer(prompt: str, ask: Callable[[str], str] | None) -> str:
    try:
        return (ask or input)(prompt)
    except EOFError as error:
        print()
        raise Refused("nothing was chosen, and nothing was written") from error


# Into the profile.


def write(path: Path, route: str | dict[str, Any], page: str | None, *, plays: bool) -> int:
    """Write a route into the profile at a path. Return 2 if it would have an error: nothing is written then.

    The file is read anew: while somebody chose, somebody else may have edited it. `plays` says that a show takes it in.
    """
    text = _text_of(path)
    name = str(path)
    before = profile.read(text, name, os.environ, profile.text_at)
    if before.errors:
        raise ProfileError(report(before.problems, name))
    edited = add_route(text, route, page)
    if edited == text:
        print(f"{path} has that route already; nothing was written")
        return 0
    after = profile.read(edited, name, os.environ, profile.text_at)
    new = _new(before.problems, after.problems)
    if after.errors:
        errors = [one for one in new if one.severity is Severity.ERROR]
        print("\n\n".join(map(str, errors or after.problems)), file=sys.stderr)
        print("scope-bridge learn: nothing was written", file=sys.stderr)
        return 2
    _put(path, edited)
    _show(path, text, edited)
    for problem in new:
        print(problem, file=sys.stderr)
    try:
        Learned.of(path).push(difference(text, edited, route, page))
    except OSError as error:
        print(f"it cannot be taken back by --undo: {error.strerror}", file=sys.stderr)
    if plays:
        print("the show takes it at once")
    return 0


def undo(path: Path) -> None:
    """Take back the route that was learned last into the profile at a path. Raise `Refused` if that cannot be."""
    text = _text_of(path)
    learned = Learned.of(path)
    last = learned.last()
    if last is None:
        raise Refused(f"nothing that was learned into {path} is left to take back")
    try:
        edited = taken_back(text, last)
    except Gone as error:
        with contextlib.suppress(OSError):
            learned.drop()
        raise Refused(f"{error}: there was nothing to take back, and it is forgotten") from error
    _put(path, edited)
    _show(path, text, edited)
    try:
        learned.drop()
    except OSError as error:
        print(f"the next --undo will look for it again: {error.strerror}", file=sys.stderr)


def _text_of(path: Path) -> str:
    profile.contents(path)  # which says in words what is wrong with a file that cannot be read
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"cannot read {path}: {error}") from error


def _put(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise Unavailable(f"cannot write {path}: {error.strerror}") from error


def _new(before: Sequence[Problem], after: Sequence[Problem]) -> list[Problem]:
    """Return the problems that were not there before, wherever they stood."""
    known_ones = Counter((one.severity, one.message, one.hints) for one in before)
    new: list[Problem] = []
    for one in after:
        known_ones.subtract([same := (one.severity, one.message, one.hints)])
        if known_ones[same] < 0:
            new.append(one)
    return new


def _show(path: Path, before: str, after: str) -> None:
    """Print what became of a file, line by line, with its place."""
    old, new = before.splitlines(), after.splitlines()
    for kind, first, end, start, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            print(f"{path}:{start + 1}")
            for line in old[first:end]:
                print(f"- {line}")
            for line in new[start:last]:
                print(f"+ {line}")
