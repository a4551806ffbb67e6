"""`scope-bridge check PROFILE`: every problem with its place and a way out, or what each route will do."""

import argparse
import json
import os
import sys
from typing import Any

from bridge import profile
from bridge.catalogue import STANDARD, Catalogue
from bridge.errors import ProfileError, Unavailable
from bridge.profile import Problem, Severity
from bridge.profile.overview import overview, pace
from bridge.profile.source.problems import report

TIMEOUT = 5.0
"""Seconds for a server to say what it knows."""
SCHEMAS = "/api/v1/pipelines/schemas"
STATUS = "/api/v1/pipeline/status"
METRICS = "/api/v1/session/metrics"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("profile", metavar="PROFILE", help="the profile to look at; nothing is started")
    parser.add_argument("--json", action="store_true", help="print the problems as a JSON list, for other programs")
    parser.add_argument(
        "--scope",
        metavar="URL",
        help="ask this server which pipelines and parameters it has: plugins have their own, with ranges; and, where a "
        "session runs, how often a value is taken",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what is wrong with a profile, or what it will do.

    Return 2 if it has errors, 1 if the server that was to be asked does not answer, else 0.
    """
    _print_anything()
    path: str = arguments.profile
    try:
        text = profile.contents(path)
    except ProfileError as error:
        sentence = str(error).splitlines()[0].removeprefix(f"{path}:").strip()
        print(json.dumps([_unplaced(path, sentence)], indent=2) if arguments.json else error)
        return 2
    try:
        catalogue = STANDARD if arguments.scope is None else _asked(arguments.scope)
    except Unavailable as error:
        print(f"scope-bridge check: {error}", file=sys.stderr)
        return 1
    reading = profile.read(text, path, os.environ, profile.text_at, catalogue)
    if arguments.json:
        print(json.dumps([_as_json(problem) for problem in reading.problems], indent=2, ensure_ascii=False))
    else:
        if reading.profile is not None:
            read = reading.profile
            rate = None if arguments.scope is None else _rate(arguments.scope, read.scope.pipeline)
            timing = pace(read, rate) if rate is not None else []
            for lines in (profile.describe(read), overview(read), timing):
                if lines:
                    print("\n".join(lines), end="\n\n")
        print(report(sorted(reading.problems, key=_notes_last), path))
    return 2 if reading.errors else 0


def _asked(url: str) -> Catalogue:
    """Return what the server at `url` can be told. Raise `Unavailable` if it does not say."""
    return STANDARD.extended(_reply(url, SCHEMAS))


def _rate(url: str, pipeline: str) -> float | None:
    """Return how many frames a second the server makes with `pipeline`; None where it runs another one, or none."""
    try:
        status, metrics = _reply(url, STATUS), _reply(url, METRICS)
    except Unavailable:
        return None
    if not isinstance(status, dict) or status.get("pipeline_id") != pipeline:
        return None
    sessions = metrics.get("sessions") if isinstance(metrics, dict) else None
    for session in sessions.values() if isinstance(sessions, dict) else ():
        fps = session.get("pipeline_fps") if isinstance(session, dict) else None
        if isinstance(fps, int | float) and fps > 0:
            return float(fps)
    return None


def _reply(url: str, path: str) -> Any:
    """Return what the server at `url` says there. Raise `Unavailable` if it does not."""
    import httpx

    from bridge.session.http.asking import is_loopback, unreached

    if not url.startswith(("http://", "https://")):
        url = f"http://{url}"
    try:
        # A proxy of the environment is for far servers; this machine's own are never behind it.
        reply = httpx.get(url.rstrip("/") + path, timeout=TIMEOUT, trust_env=not is_loopback(url))
        reply.raise_for_status()
        return reply.json()
    except httpx.TimeoutException as error:
        raise Unavailable(f"the server at {url} does not answer within {TIMEOUT:.0f} s") from error
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise Unavailable(f"the server at {url} answers {status} to {path}: is it Scope?") from error
    except httpx.ConnectError as error:
        raise Unavailable(unreached(url, error)) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"the server at {url} cannot be reached: {str(error) or type(error).__name__}") from error
    except json.JSONDecodeError as error:
        raise Unavailable(f"the server at {url} does not answer in JSON: is it Scope?") from error
    except ValueError as error:
        raise Unavailable(f"the server at {url} cannot be reached: this is no address") from error


def _notes_last(problem: Problem) -> bool:
    return problem.severity is Severity.NOTE


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
