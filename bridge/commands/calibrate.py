"""`scope-bridge calibrate PROFILE`: how long a value takes from the hand to the picture, measured on the server itself."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bridge import profile
from bridge.commands.arguments import server
from bridge.commands.run import listen, until_told
from bridge.mapping.ensemble import Ensemble
from bridge.profile.model import Profile, Scope
from bridge.session.latency.calibration import Calibration, CalibrationStore, pipeline_of
from bridge.session.latency.flashing import Calibrator, Outcome
from bridge.session.store import SessionStore, state_directory

FLASHES = 12
MOST = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("profile", metavar="PROFILE", help="the profile whose Scope is measured, with what it loads")
    parser.add_argument("--scope", metavar="URL", type=server, help="the Scope server, instead of the profile's own")
    parser.add_argument(
        "--flashes", metavar="N", type=_flashes, default=FLASHES, help="how often a step is sent (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="the result as one line of JSON for each Scope")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="say more; twice: every message")


def run(arguments: argparse.Namespace) -> int:
    """Measure each Scope of the profile, keep what was found, and tell it."""
    listen(arguments.verbose)
    read, warnings = profile.load(arguments.profile)
    if warnings:
        print(profile.report(warnings, arguments.profile), file=sys.stderr)
    store = CalibrationStore(state_directory())
    for scope, begin in _scopes(read, arguments.scope):
        outcome = _measured(scope, begin, arguments.flashes)
        if outcome is None:
            return 0  # told to end before it was done
        calibration = outcome.calibration(scope.url, pipeline_of(scope))
        store.keep(calibration)
        print(json.dumps(as_json(calibration, outcome)) if arguments.json else told(calibration, outcome))
    return 0


def _scopes(read: Profile, url: str | None) -> Iterator[tuple[Scope, Mapping[str, Any]]]:
    """Yield each Scope of a profile, or the first at another URL, with what its session begins with."""
    parts = Ensemble(read).parts
    for name, part in parts.items():
        scope = read.scopes[name] if name else read.scope
        if url is None:
            yield scope, part.initial()
        else:
            yield replace(scope, url=url.rstrip("/")), part.initial()
            return


def _measured(scope: Scope, begin: Mapping[str, Any], flashes: int) -> Outcome | None:
    outcome: Outcome | None = None

    async def measure() -> None:
        nonlocal outcome
        calibrator = Calibrator(scope, begin, SessionStore(state_directory()))
        outcome = await calibrator.run(flashes, lambda text: print(text, file=sys.stderr, flush=True))

    asyncio.run(until_told(measure()))
    return outcome


def as_json(calibration: Calibration, outcome: Outcome) -> dict[str, Any]:
    """Return what was found as an object, times in milliseconds."""
    return {
        "url": calibration.url,
        "pipeline": calibration.pipeline,
        "flashed": outcome.flashed,
        "flashes": calibration.flashes,
        "seen": calibration.seen,
        "chunk_ms": _ms(calibration.chunk),
        "hand_to_picture_ms": {"p50": _ms(calibration.latency), "p95": _ms(calibration.slowest)},
        "parts_ms": {
            "waiting": _ms(calibration.waiting),
            "generating": _ms(calibration.generating),
            "delivery": _ms(calibration.delivery),
        },
        "parts_estimated": calibration.estimated,
        "each_ms": [_ms(flight.whole) for flight in outcome.flights],
    }


def told(calibration: Calibration, outcome: Outcome) -> str:
    """Return what was found, for a person."""
    parts = "parts, estimated from the pace of the frames" if calibration.estimated else "parts"
    return (
        f"{calibration.pipeline} at {calibration.url}: from hand to picture {1000 * calibration.latency:.0f} ms "
        f"(95 %: {1000 * calibration.slowest:.0f} ms; a chunk takes {1000 * calibration.chunk:.0f} ms)\n"
        f"  {parts}: waiting for a chunk {1000 * calibration.waiting:.0f} ms, "
        f"generating {1000 * calibration.generating:.0f} ms, delivery {1000 * calibration.delivery:.0f} ms\n"
        f"  {calibration.seen} of {calibration.flashes} steps of {outcome.flashed} were seen; "
        "shows on this server go by it from now on"
    )


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _flashes(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= MOST:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} will not do: a step is sent 1 to {MOST} times")
