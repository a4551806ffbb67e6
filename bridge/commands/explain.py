"""`scope-bridge explain PROFILE SIGNAL [VALUE...]`: what one message would do, filter by filter.

$ scope-bridge explain club.yaml stage/fader1 0.7
stage/fader1 0.7 → smooth → 0.43 → noise_scale
"""

import argparse
import contextlib
import os
import sys
from typing import Any

import orjson

from bridge import mapping, profile
from bridge.mapping.engine import Step
from bridge.profile.model import Profile
from bridge.profile.source.problems import did_you_mean
from bridge.signals import Value

SHOWN = 8
"""Signals that are named when none is near the one that was asked about."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("profile", metavar="PROFILE", help="the profile to ask; nothing is started")
    parser.add_argument("signal", metavar="SIGNAL", help="what arrives, like td/noise")
    parser.add_argument(
        "values",
        metavar="VALUE",
        nargs="*",
        help="what it carries: numbers, or text (a number in quotes is text: '\"5\"'); none: a bare trigger",
    )
    parser.add_argument("--json", action="store_true", help="print the steps as JSON, for other programs")


def run(arguments: argparse.Namespace) -> int:
    """Print what a message would do, a line for each route that hears it. Return 1 if none does."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="replace")  # a terminal that lacks the arrow shows something else
    read, _ = profile.load(arguments.profile, os.environ)
    path: str = arguments.signal.strip("/")
    values = [value_of(text) for text in arguments.values]
    played = mapping.compile(read)
    steps = played.explain(path, values)
    if arguments.json:
        print(orjson.dumps([_as_json(step) for step in steps], option=orjson.OPT_INDENT_2).decode())
    else:
        for step in steps:
            print(line_of(path, values, step))
    if not steps and played.knows(path):
        print(
            f"'{path}' turns a page, or belongs to one that is not in force: it leads to no target now", file=sys.stderr
        )
    elif not steps:
        print(f"scope-bridge explain: nothing hears '{path}'", file=sys.stderr)
        print(f"    = {_way_out(path, read)}", file=sys.stderr)
        return 1
    return 0


def value_of(text: str) -> Value:
    """Return the value that a word of the command line means: a number, or text."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    with contextlib.suppress(ValueError):
        return int(text)
    with contextlib.suppress(ValueError):
        return float(text)
    return text


def line_of(path: str, values: list[Value], step: Step) -> str:
    """Return one route's way as a line: the signal, each filter with what leaves it, the target with what it gets."""
    parts = [" ".join([path, *map(_shown, values)])]
    last: Any = values[-1] if values else None
    for name, value in step.steps:
        parts += [name, _shown(value)]
        last = value
    if step.refused:
        parts.append(f"{step.target}, which refuses it: {step.refused}")
    elif step.value is None or _shown(step.value) == _shown(last):
        parts.append(step.target)
    else:
        parts.append(f"{step.target} {_shown(step.value)}")
    return " → ".join(parts)


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() | int():
            return f"{value:.6g}" if abs(value) < 1e6 else str(value)
        case bytes():
            return value.hex()
        case str():
            return f'"{value}"' if not value or " " in value or value != value.strip() else value
        case None:
            return "nothing"
        case _:
            return orjson.dumps(value, default=str).decode()


def _as_json(step: Step) -> dict[str, Any]:
    return {
        "route": step.route,
        "steps": [{"filter": name, "value": value} for name, value in step.steps],
        "target": step.target,
        "value": step.value,
        "refused": step.refused or None,
    }


def _way_out(path: str, read: Profile) -> str:
    """Return what to do about a signal that nobody hears."""
    routes = [*read.routes, *(route for page in read.pages.values() for route in page.routes)]
    heard = list(dict.fromkeys(route.signal for route in routes))
    near = did_you_mean(path, heard)
    if near is not None:
        return near
    if not heard:
        return "this profile has no routes"
    more = f" and {len(heard) - SHOWN} more" if len(heard) > SHOWN else ""
    return f"the routes hear {', '.join(heard[:SHOWN])}{more}"
