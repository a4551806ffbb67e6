"""Models and their downloads: the rehearsal server needs none, and lets them come as if it did."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any

from bridge.rehearsal.pipelines import PIPELINES

logger = logging.getLogger(__name__)

STEP = 0.05
"""How often a download gets further, in seconds."""


class Models:
    """Which pipelines' models are there. What is not can be downloaded: that takes its time, and nothing comes."""

    def __init__(self, missing: Collection[str], seconds: float) -> None:
        """The models of `missing` pipelines are not there; a download takes `seconds`."""
        self._missing = {name for name in missing if name in PIPELINES and PIPELINES[name].models}
        self._seconds = seconds
        self._progress: dict[str, tuple[str, float]] = {}

    def has(self, pipeline: str) -> bool:
        """Return whether all that a pipeline needs is there. An unknown one needs nothing."""
        return pipeline not in self._missing

    def downloading(self, pipeline: str) -> bool:
        """Return whether a download is under way."""
        return pipeline in self._progress

    def status(self, pipeline: str) -> Mapping[str, Any]:
        """Return the status as the API tells it: the progress is that of the file that comes right now."""
        if pipeline not in self._progress:
            return {"downloaded": self.has(pipeline), "progress": None}
        artifact, part = self._progress[pipeline]
        progress = {"is_downloading": True, "percentage": round(part * 100, 1), "current_artifact": artifact}
        return {"downloaded": False, "progress": progress}

    async def download(self, pipeline: str) -> None:
        """Let the models of a pipeline come, one file after the other. What is there comes in no time."""
        if self.has(pipeline):
            return
        artifacts = PIPELINES[pipeline].models
        seconds = self._seconds / len(artifacts)
        try:
            for artifact in artifacts:
                logger.info("Downloading %s for %s", artifact, pipeline)
                steps = max(1, round(seconds / STEP))
                for step in range(steps):
                    self._progress[pipeline] = artifact, step / steps
                    await asyncio.sleep(seconds / steps)
        finally:
            self._progress.pop(pipeline, None)
        self._missing.discard(pipeline)
        logger.info("Models of %s are there", pipeline)
