"""What several commands take, as argparse's types: each raises what argparse tells as a wrong usage."""

import argparse
import math
from pathlib import Path
from urllib.parse import urlsplit

from bridge.rehearsal.faults import planned
from bridge.rehearsal.pipelines import PIPELINES


def server(text: str) -> str:
    """Return the address of a server as the command line gives it."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise argparse.ArgumentTypeError(f"{text!r} is no address; for example: http://127.0.0.1:8000")
    return text


def port(text: str) -> int:
    """Return a TCP port, 0 for any free one."""
    if text.isdecimal() and int(text) <= 65_535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: a port is a whole number from 0 to 65535")


def fault(text: str) -> str:
    """Return a fault of the rehearsal server, as it was written."""
    try:
        planned(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def count(text: str) -> int:
    """Return a number of frames per chunk."""
    return _whole(text, 1, 1000, "a chunk has 1 to 1000 frames")


def positive(text: str) -> float:
    """Return a number above 0."""
    return _number(text, 0.001, 86_400, "it takes a number from 0.001 to 86400")


def seconds(text: str) -> float:
    """Return a number of seconds, 0 or more."""
    return _number(text, 0, 3600, "it takes a number of seconds from 0 to 3600")


def part(text: str) -> float:
    """Return a part of a whole, from 0 to 1."""
    return _number(text, 0, 1, "it takes a number from 0 to 1")


def vram(text: str) -> float | None:
    """Return an amount of GPU memory in GB; None for 0: no GPU."""
    return _number(text, 0, 1024, "it takes a number of GB from 0 (no GPU) to 1024") or None


def folder(text: str) -> Path:
    """Return a folder; it need not be there yet."""
    path = Path(text)
    if path.exists() and not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return path


def model(text: str) -> str:
    """Return the id of a pipeline that needs models."""
    names = [name for name, pipeline in PIPELINES.items() if pipeline.models]
    if text not in names:
        raise argparse.ArgumentTypeError(f"{text!r} needs no models: write one of {', '.join(names)}")
    return text


def _whole(text: str, low: int, high: int, expected: str) -> int:
    number = _number(text, low, high, expected)
    if number != int(number):
        raise argparse.ArgumentTypeError(f"{text!r} will not do: {expected}")
    return int(number)


def _number(text: str, low: float, high: float, expected: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{text!r} will not do: {expected}")
    return number
