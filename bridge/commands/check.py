"""`scope-bridge check PROFILE`: every problem with its place and a way out, or what each route will do."""

import argparse
import json
import os
import sys
from typing import Any

from bridge import profile
from bridge.errors import ProfileError
from bridge.profile import Problem
from bridge.profile.problems import report


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("profile", metavar="PROFILE", help="the profile to look at; nothing is started")
    parser.add_argument("--json", action="store_true", help="print the problems as a JSON list, for other programs")


def run(arguments: argparse.Namespace) -> int:
    """Print what is wrong with a profile, or what it will do. Return 2 if it has errors, else 0."""
    _print_anything()
    path: str = arguments.profile
    try:
        text = profile.contents(path)
    except ProfileError as error:
        sentence = str(error).splitlines()[0].removeprefix(f"{path}:").strip()
        print(json.dumps([_unplaced(path, sentence)], indent=2) if arguments.json else error)
        return 2
    reading = profile.read(text, path, os.environ)
    if arguments.json:
        print(json.dumps([_as_json(problem) for problem in reading.problems], indent=2, ensure_ascii=False))
    else:
        if reading.profile is not None:
            for line in profile.describe(reading.profile):
                print(line)
            if reading.profile.routes:
                print()
        print(report(reading.problems, path))
    return 2 if reading.errors else 0


def _as_json(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity.value,
        "file": problem.path,
        "line": problem.line,
        "column": problem.column,
        "end_column": problem.excerpt.column + problem.excerpt.width,
        "message": problem.message,
        "hints": list(problem.hints),
        "source": problem.excerpt.text,
    }


def _unplaced(path: str, message: str) -> dict[str, Any]:
    return {"severity": "error", "file": path, "line": None, "column": None, "message": message, "hints": []}


def _print_anything() -> None:
    """Let a terminal that lacks a character show another in its place, rather than stop."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
