"""`scope-bridge bench WHAT`: how fast the bridge is on this machine, and how fresh: each figure beside a peer in the
same run."""

import argparse
import json
import os
import platform
import sys

from bridge import __version__
from bridge.bench import MATTERS, measure
from bridge.bench.measuring import QUICK, STEADY, Figure
from bridge.bench.table import table
from bridge.errors import Refused

ALL = "all"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "what",
        metavar="WHAT",
        choices=[*MATTERS, ALL],
        help="; ".join(f"{name}: {about}" for name, about in MATTERS.items()) + f"; {ALL}: everything",
    )
    parser.add_argument(
        "--only",
        metavar="PART",
        default="",
        help="one part of WHAT alone; mapping: signals, patterns, smoothers, replay; frames: sooner, convert, path, "
        "eight (the last two need NDI); freshness: hands, and on request alone jumps (1 minute), wrong (1), endless (11); "
        "midi: decode, mapping, callback, flood (the last two need JACK)",
    )
    parser.add_argument("--quick", action="store_true", help="a few seconds, and rough figures")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object, for other programs")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print. Return 0, whatever came out: a slow machine is no failure."""
    if arguments.only and arguments.what == ALL:
        raise Refused(f"'{ALL}' has no parts: say what --only {arguments.only} belongs to")
    names = list(MATTERS) if arguments.what == ALL else [arguments.what]
    effort = QUICK if arguments.quick else STEADY
    measured: dict[str, list[Figure]] = {}
    for name in names:
        measured[name] = []
        for figure in measure(name, effort, arguments.only):
            measured[name].append(figure)
            print(f"{name}: {figure.name}", file=sys.stderr, flush=True)
    if arguments.json:
        print(json.dumps(_as_json(measured, arguments.quick), indent=2, ensure_ascii=False))
        return 0
    for name, figures in measured.items():
        print(f"{name}: {MATTERS[name]}\n")
        print(table(figures), end="\n\n")
    missed = [figure.name for figures in measured.values() for figure in figures if figure.met is False]
    if missed:
        print(f"targets missed: {len(missed)}; on a busy machine, measure again before believing it")
    return 0


def _as_json(measured: dict[str, list[Figure]], quick: bool) -> dict[str, object]:
    return {
        "version": __version__,
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "quick": quick,
        "figures": {name: [figure.as_json() for figure in figures] for name, figures in measured.items()},
    }
