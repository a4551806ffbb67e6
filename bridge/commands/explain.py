"""`scope-bridge explain PROFILE SIGNAL [VALUE...]`: what one message would do, filter by filter.

$ scope-bridge explain club.yaml stage/fader1 0.7
stage/fader1 0.7 → smooth → 0.43 → noise_scale 0.43
$ scope-bridge explain club.yaml stage/go
stage/go → cue/first fires
"""

import argparse
import contextlib
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from bridge import mapping, profile
from bridge.errors import Refused
from bridge.mapping import Mapping, Step
from bridge.mapping.patterns import Patterns, fill, is_pattern
from bridge.mapping.plan import wanted_by_conditions
from bridge.mapping.server import SIGNALS
from bridge.profile.building.routes.midi import wrong
from bridge.profile.controllers.reading import looks_like
from bridge.profile.inputs import Midi
from bridge.profile.model import Profile, Route, routes_of
from bridge.profile.source.problems import did_you_mean
from bridge.profile.targets import traits
from bridge.profile.targets.lookup import named
from bridge.signals import Value

SHOWN = 8
"""Names that are told when none is near the one that was asked about."""
_STOPPED = "nothing passes"
"""What a filter makes of a value that it keeps to itself."""


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
    parser.add_argument("--page", metavar="NAME", help="with this page turned to; else the first, as a show starts")
    parser.add_argument("--json", action="store_true", help="print the steps as JSON, for other programs")


def run(arguments: argparse.Namespace) -> int:
    """Print what a message would do, a line for each route that hears it. Return 1 if nothing hears it on any page."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="replace")  # a terminal that lacks the arrow shows something else
    read, _ = profile.load(arguments.profile, os.environ)
    path: str = arguments.signal.strip("/")
    values = [value_of(text) for text in arguments.values]
    played = mapping.compile(read)
    if arguments.page is not None:
        turn(played, read, arguments.page)
    steps = played.explain(path, values)
    clamped = clamps(played, path)
    if arguments.json:
        told = [_as_json(step, clamped=step.target in clamped) for step in steps]
        print(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        for step in steps:
            print(line_of(path, values, step, event=_is_event(step, read), clamped=step.target in clamped))
    remarks = list(remarks_on(path, read, played.around.pages.current, heard=bool(steps)))
    if any(state.waits for state in played.controls([path]).values()):
        remarks.append(
            f"'{path}' waits: the value stays until the control has come to where it is, as its takeover says"
        )
    for remark in remarks:
        print(remark, file=sys.stderr)
    if not steps and not remarks:
        print(f"scope-bridge explain: nothing hears '{path}'", file=sys.stderr)
        print(f"    = {way_out(path, read)}", file=sys.stderr)
        return 1
    return 0


def turn(played: Mapping, read: Profile, page: str) -> None:
    """Turn to a page. Raise `Refused` if the profile has none of that name."""
    if page not in read.pages:
        hint = did_you_mean(page, read.pages) or (
            f"the pages are {_listed(list(read.pages))}" if read.pages else "this profile has no pages"
        )
        raise Refused(f"there is no page called '{page}': {hint}")
    played.around.pages.turn(page)


def clamps(played: Mapping, path: str) -> set[str]:
    """Return the targets whose routes had to clamp what `path` brought."""
    return {state.target for state in played.states() if state.signal == path and state.clamped}


def remarks_on(path: str, read: Profile, here: Sequence[str], *, heard: bool) -> Iterator[str]:
    """Yield what the steps do not say: that a signal does something else on other pages, or besides."""
    if pages := [name for name in pages_of(path, read) if name not in here]:
        options = ", ".join(f"--page {shlex.quote(name)}" for name in pages)
        where = "the page" if len(pages) == 1 else "the pages"
        says = f"on {where} {_listed(pages)} '{path}' leads elsewhere" if heard else _only_there(path, here, pages)
        yield f"{says}: {options}"
    if turned := [page.name for page in read.pages.values() if path in (page.held, page.latched)]:
        yield f"'{path}' turns to the page {_listed(turned)}" + ("" if heard else "; it leads to no target")
    if not heard and path in wanted_by_conditions(read):
        yield f"'{path}' is a condition of a filter 'when'; it leads to no target"
    if not heard and path in SIGNALS:
        yield f"'{path}' tells the bridge how Scope is doing; it leads to no target"


def pages_of(path: str, read: Profile) -> list[str]:
    """Return the pages that have routes of their own for a signal."""
    there = [page for page, route, captured in _hearing(path, read) if page and not _unknown(route, captured, read)]
    return list(dict.fromkeys(there))


def _only_there(path: str, here: Sequence[str], pages: list[str]) -> str:
    noun = "the page" if len(pages) == 1 else "the pages"
    now = (
        f"on the page '{here[0]}'" if len(here) == 1 else f"on the pages {_listed(here)}" if here else "without a page"
    )
    return f"'{path}' leads to no target {now}, only on {noun} {_listed(pages)}"


def _hearing(path: str, read: Profile) -> list[tuple[str | None, Route, dict[str, str]]]:
    """Return the routes whose signal is `path`, or a pattern that it fits, with their page and what `{n}` stands for."""
    patterns: Patterns[tuple[str | None, Route]] = Patterns()
    for page, route in routes_of(read):
        patterns.add(route.signal, (page, route))
    return [(page, route, captured) for (page, route), captured in patterns.find(path)]


def _unknown(route: Route, captured: dict[str, str], read: Profile) -> str | None:
    """Return the first target of a route that does not exist with these names filled in; None: all do."""
    if not is_pattern(route.signal):
        return None
    return next((text for text in _ends(route) if named(fill(text, captured), read) is None), None)


def _ends(route: Route) -> list[str]:
    return [text for text, _ in route.across] or [route.target_text]


def _is_event(step: Step, read: Profile) -> bool:
    """Return whether a step leads to something that happens, and not to a value."""
    target = named(step.target, read)
    return target is not None and traits.is_trigger(target)


def value_of(text: str) -> Value:
    """Return the value that a word of the command line means: a number, or text."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    with contextlib.suppress(ValueError):
        return int(text)
    with contextlib.suppress(ValueError):
        return float(text)
    return text


def line_of(path: str, values: list[Value], step: Step, *, event: bool = False, clamped: bool = False) -> str:
    """Return one route's way as a line: the signal, each filter with what leaves it, the target with what it gets.

    `event` says that the target is something that happens, `clamped` that the number was brought into a range.
    """
    parts = [" ".join([path, *map(_shown, values)])]
    for name, value in step.steps:
        parts += [name, value if value == _STOPPED else _shown(value)]
    stopped = bool(step.steps) and step.steps[-1][1] == _STOPPED
    if step.refused:
        end = f"{step.target}, which refuses it: {step.refused}"
    elif event:
        end = f"{step.target} {'fires' if step.value else 'does not fire'}"
    elif stopped or step.value is None:
        end = f"{step.target} stays" + ("" if step.value is None else f" {_shown(step.value)}")
    else:
        end = f"{step.target} {_shown(step.value)}" + (" (clamped)" if clamped else "")
    return " → ".join([*parts, end])


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


def _as_json(step: Step, *, clamped: bool) -> dict[str, Any]:
    return {
        "route": step.route,
        "steps": [{"filter": name, "value": value} for name, value in step.steps],
        "target": step.target,
        "value": step.value,
        "clamped": clamped,
        "refused": step.refused or None,
    }


def way_out(path: str, read: Profile) -> str:
    """Return what to do about a signal that nobody hears."""
    name, _, own = path.partition("/")
    options = read.inputs.get(name)
    if isinstance(options, Midi) and (problem := wrong(name, options, own, looks_like)) is not None:
        sentence, ways = problem
        return f"{sentence}: {ways[0]}"
    for _, route, captured in _hearing(path, read):
        text = _unknown(route, captured, read)
        if text is not None:
            return f"'{route.signal}' fits it, but there is no target '{fill(text, captured)}'{_known(text, captured, read)}"
    heard = list(dict.fromkeys(route.signal for _, route in routes_of(read)))
    near = did_you_mean(path, heard)
    if near is not None:
        return near
    return f"the routes hear {_listed(heard)}" if heard else "this profile has no routes"


def _known(text: str, captured: dict[str, str], read: Profile) -> str:
    """Return the names that would make a target of `text`, as the end of a sentence."""
    tables = (read.loras, read.scenes, read.cues, read.pages, read.prompts.bank, read.prompts.slots)
    others = (read.prompts.words, read.outputs, read.inputs, read.images, read.catalogue.parameters)
    routes = [route.name for _, route in routes_of(read) if route.name]
    names = dict.fromkeys(name for table in (*tables, *others, routes) for name in table)
    for key in captured:
        form = fill(text, {other: said for other, said in captured.items() if other != key})
        if known := [name for name in names if named(fill(form, {key: name}), read) is not None]:
            return f": {{{key}}} in '{text}' can be {_listed(known)}"
    return ""


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"
