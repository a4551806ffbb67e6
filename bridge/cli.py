"""Arguments and exit codes, nothing else. Each command is a module of `bridge.commands`, imported when it is wanted.

Exit status: 0 fine, 1 it ran and failed, 2 wrong usage or a profile with problems; 141 whoever read the output was gone
before its end, as in `scope-bridge replay … | head`.
"""

import argparse
import importlib
import os
import select
import sys
from collections.abc import Sequence
from typing import TextIO

from bridge import __version__
from bridge.errors import BridgeError, ProfileError

GONE = 141
"""The status of a program whose reader is gone, as shells give it: 128, and SIGPIPE's number."""
COMMANDS = {
    "run": "play a profile: the daemon",
    "demo": "see it all at work: rehearsal server, simulated performer, bridge and page",
    "rehearse": "the rehearsal server alone: a stand-in for Scope on a machine without a GPU",
    "check": "find every problem in a profile, before the show",
    "explain": "show what one message would do, filter by filter",
    "learn": "move a control, choose what it drives: writes the route into the profile",
    "monitor": "everything that arrives, live: MIDI, OSC, with rates and ranges",
    "devices": "the MIDI ports there are, and the controllers they look like",
    "capture": "record what the rig sends, without a Scope",
    "replay": "play a capture: as the messages Scope would get, as a timeline, or to a live Scope",
    "timeline": "turn a timeline saved in Scope's interface into prompts, scenes and cues",
    "calibrate": "measure how long a value takes from the hand to the picture, on a real server",
    "bench": "measure how fast the bridge is on this machine, each figure beside a peer",
    "schema": "print the profile's JSON Schema, for editors",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (by default the process's own) name; return the exit status."""
    status = 0
    try:
        try:
            status = _run(list(sys.argv[1:] if arguments is None else arguments))
        finally:
            sys.stdout.flush()  # here a reader that is gone can be answered; at the interpreter's end it cannot
    except* BrokenPipeError:
        unread = [stream for stream in (sys.stdout, sys.stderr) if _is_unread(stream)]
        if not unread:
            raise  # some other pipe, and a bug
        for stream in unread:
            _silence(stream)
        status = GONE
    except* KeyboardInterrupt:  # also while the command is still being imported, which takes a moment
        pass
    return status


def _run(given: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="scope-bridge", description="The daemon between a VJ's rig and Daydream Scope.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"scope-bridge {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in given if not word.startswith("-")), None)
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", allow_abbrev=False
        )
        if name == wanted:  # the others' modules are never imported
            importlib.import_module(f"bridge.commands.{name}").configure(subparser)
    parsed = parser.parse_args(given)
    status = 0
    try:
        status = int(importlib.import_module(f"bridge.commands.{parsed.command}").run(parsed))
    except* ProfileError as group:
        _say(group, "")
        status = 2
    except* BridgeError as group:
        status = _say(group, f"scope-bridge {parsed.command}: ")
    return status


def _is_unread(stream: TextIO) -> bool:
    """Return whether whoever read what is printed to `stream` is gone."""
    if not hasattr(select, "poll"):  # Windows has no such pipes
        return False
    watched = select.poll()
    try:
        watched.register(stream.fileno(), 0)
    except (OSError, ValueError):  # no file at all
        return False
    return any(what & (select.POLLERR | select.POLLHUP) for _, what in watched.poll(0))


def _silence(stream: TextIO) -> None:
    """Send what still waits to be printed nowhere: the interpreter would try again at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _say(group: BaseExceptionGroup[BridgeError], prefix: str) -> int:
    """Print what the errors in `group` say, a line each and no traceback; return the exit status."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            _say(error, prefix)
        else:
            print(f"{prefix}{error}", file=sys.stderr)  # noqa: T201
    return 1
