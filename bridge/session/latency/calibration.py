"""How long a value takes from the hand to the picture, as it was measured, kept on disk by server and pipeline.

store = CalibrationStore(state_directory())
store.keep(calibration)                              # `scope-bridge calibrate` does
store.find("http://127.0.0.1:8000", "longlive")      # a show asks: its quantised cues go out that much earlier
"""

import json
import logging
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from bridge import disk
from bridge.errors import Unavailable
from bridge.profile.model import Scope

logger = logging.getLogger(__name__)

VERSION: Final = 1
"""Of the file's form. A bridge reads its own and no other."""
LONGEST: Final = 600.0
"""Seconds that no way from hand to picture takes: what a file says beyond is no good."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured on one server with one pipeline. Times are in seconds."""

    url: str
    """The server's, as the profile names it."""
    pipeline: str
    """As `pipeline_of` names it."""
    latency: float
    """From hand to picture: the median."""
    slowest: float
    """The same at the 95th percentile."""
    waiting: float
    """Of that, until a chunk begins that uses the value: the median."""
    generating: float
    """From then until that chunk is made: the median."""
    delivery: float
    """From then until its first frame is here and decoded: the median."""
    estimated: bool
    """Whether the parts (not the whole) were worked out from the pace of the frames and the round trip, because the
    pictures do not say when their chunk began."""
    chunk: float
    """How long a chunk took meanwhile."""
    flashes: int
    """How often a step was sent."""
    seen: int
    """How often it was seen in the picture."""


def pipeline_of(scope: Scope) -> str:
    """Return the name under which what a Scope runs is kept: all its pipelines, in their order."""
    return " > ".join(node.pipeline for node in scope.nodes)


class CalibrationStore:
    """All that was measured by this user on this machine, in one file."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "calibrations.json"

    def find(self, url: str, pipeline: str) -> Calibration | None:
        """Return what was measured last; None if nothing was, or what is there cannot be used."""
        return _read(self._servers().get(url, {}).get(pipeline), url, pipeline)

    def keep(self, calibration: Calibration) -> None:
        """Write a calibration in place of the one before. Raise `Unavailable` if the disk does not take it."""
        servers = self._servers()
        values = asdict(calibration)
        url, pipeline = values.pop("url"), values.pop("pipeline")
        servers[url] = {**servers.get(url, {}), pipeline: values}
        document = {"scope_bridge_calibrations": VERSION, "servers": servers}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            disk.replace(self._file, f"{json.dumps(document, indent=2, ensure_ascii=False)}\n".encode())
        except OSError as error:
            raise Unavailable(f"cannot keep the calibration in {self._file}: {error.strerror or error}") from error

    def _servers(self) -> dict[str, dict[str, Any]]:
        try:
            document = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.warning("what was calibrated cannot be read from %s: %s", self._file, error)
            return {}
        if not isinstance(document, dict) or document.get("scope_bridge_calibrations") != VERSION:
            logger.warning("%s holds no calibrations that this bridge can read", self._file)
            return {}
        servers = document.get("servers")
        if not isinstance(servers, dict):
            return {}
        return {url: dict(known) for url, known in servers.items() if isinstance(known, Mapping)}


def _read(values: Any, url: str, pipeline: str) -> Calibration | None:
    """Return a calibration out of a file, where every number of it can be one."""
    if not isinstance(values, Mapping):
        return None
    names = [field.name for field in fields(Calibration) if field.name not in ("url", "pipeline")]
    known: dict[str, Any] = {name: values.get(name) for name in names}
    times = [known[name] for name in ("latency", "slowest", "waiting", "generating", "delivery", "chunk")]
    counts = [known["flashes"], known["seen"]]
    good = all(_is_number(time) and 0 <= time <= LONGEST for time in times) and all(
        isinstance(count, int) and not isinstance(count, bool) for count in counts
    )
    return Calibration(url, pipeline, **known) if good and isinstance(known["estimated"], bool) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
