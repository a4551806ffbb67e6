"""Arguments and exit codes, nothing else. Each command is a module of `bridge.commands`, imported when it is wanted.

Exit status: 0 fine, 1 it ran and failed, 2 wrong usage or a profile with problems.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from bridge import __version__
from bridge.errors import BridgeError, ProfileError

COMMANDS = {
    "run": "play a profile: the daemon",
    "demo": "see it all at work: rehearsal server, simulated performer, bridge and page",
    "rehearse": "the rehearsal server alone: a stand-in for Scope on a machine without a GPU",
    "check": "find every problem in a profile, before the show",
    "explain": "show what one message would do, filter by filter",
    "capture": "record what the rig sends, without a Scope",
    "replay": "play a capture: as the messages Scope would get, as a timeline, or to a live Scope",
    "timeline": "turn a timeline saved in Scope's interface into prompts, scenes and cues",
    "bench": "measure how fast the bridge is on this machine, each figure beside a peer",
    "schema": "print the profile's JSON Schema, for editors",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (by default the process's own) name; return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
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
    except* KeyboardInterrupt:
        pass
    return status


def _say(group: BaseExceptionGroup[BridgeError], prefix: str) -> int:
    """Print what the errors in `group` say, a line each and no traceback; return the exit status."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            _say(error, prefix)
        else:
            print(f"{prefix}{error}", file=sys.stderr)  # noqa: T201
    return 1
