"""One connection of the rehearsal server: what comes over its data channel, and what becomes of it."""

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiortc import RTCDataChannel, RTCPeerConnection

from bridge.clock import now
from bridge.rehearsal.beat import KEYS, MODES, Tempo, delay, modulations
from bridge.rehearsal.network import Line
from bridge.rehearsal.outlet import Output
from bridge.rehearsal.recording import Recordings
from bridge.rehearsal.stage import Show

logger = logging.getLogger(__name__)

_FAREWELL = 0.1
"""How long `stream_stopped` gets to arrive, in seconds."""
_ELSEWHERE = KEYS | {
    "output_sinks",
    "input_source",
    "modulations",
    "beat_cache_reset_rate",
    "quantize_mode",
    "lookahead_ms",
}
"""What Scope takes out of a message before the workers see it, or anybody who asks what was sent. The message takes its place
in their queues all the same. In the parameters that a session begins with they do nothing."""
_EARLY = frozenset({"spout_sender", "spout_receiver"})
"""The same of the beta."""


class Session:
    """One connection: its peer, what it has sent, and its show, unless it is dead from the start."""

    def __init__(
        self,
        peer: RTCPeerConnection,
        parameters: dict[str, Any],
        line: Line,
        tempo: Tempo,
        recordings: Path,
        early: bool = False,
    ) -> None:
        """`early` is Scope's beta: it knows neither nodes nor a tempo."""
        self.name = str(uuid.uuid4())
        self.peer = peer
        self.line = line
        self.parameters = parameters
        """What was sent for the pipelines, what their workers dropped included: that is what the API tells."""
        self.show: Show | None = None
        self.output = Output(lambda: 60.0)
        self.recordings = Recordings(recordings, self.name, frozenset())
        self.tasks: list[asyncio.Task[None]] = []
        """What runs as long as it does."""
        self.started = now()
        self.channel: RTCDataChannel | None = None
        self._early, self._directory, self._tempo = early, recordings, tempo
        self._unsent: list[str] = []
        self._mode, self._lookahead = "none", 0.0
        self._pending: dict[str, Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def graphed(self) -> bool:
        """Whether it was asked for with a graph."""
        return self.show is not None and self.show.layout.graph

    def play(self, show: Show) -> None:
        """Have a show; it is not started."""
        self.show = show
        self.output = show.main
        self.recordings = Recordings(self._directory, self.name, frozenset(show.records))
        self.output.on_sent = self.recordings.take

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message to the client, as soon as there is a channel."""
        text = json.dumps(message)
        if self.channel is not None and self.channel.readyState == "open":
            self.channel.send(text)
        else:
            self._unsent.append(text)

    def opened(self, channel: RTCDataChannel) -> None:
        """Use this channel from now on: the last one that was opened gets the messages."""
        self.channel = channel
        for text in self._unsent:
            channel.send(text)
        self._unsent.clear()

    def heard(self, message: str | bytes) -> None:
        """Take what came over the data channel. Nothing is ever answered; mistakes are only logged."""
        try:
            data = json.loads(message)
        except ValueError as error:
            logger.error("Failed to parse parameter update message: %s", error)
            return
        if not isinstance(data, dict):
            logger.error("Error handling parameter update: %s is not an object", type(data).__name__)
            return
        logger.info("Received parameter update: %s", data)
        try:
            self._take(data)
        except (TypeError, ValueError, OverflowError) as error:
            logger.error("Error handling parameter update: %s", error)

    def _take(self, data: dict[str, Any]) -> None:
        if "paused" in data and not self.graphed:
            self.output.hold(bool(data["paused"]))
        if self._early:
            self.update(data)
            return
        if not data.pop("_quantized", False):
            self.update(data)
            return
        if "paused" in data:  # a pause never waits
            self.update({"paused": data.pop("paused")})
        self._schedule(data)

    def _schedule(self, data: dict[str, Any]) -> None:
        """Hold a message until its boundary. One that is held already takes it in, whatever node it was for."""
        beat = self._tempo.beat()
        if self._mode == "none" or beat is None:
            self.update(data)
            return
        if self._pending is not None:
            self._pending.update(data)
            logger.info("[SCHEDULER] Params merged into existing scheduled change")
            return
        wait = delay(self._mode, beat, self._tempo.beats_per_bar, self._lookahead)
        if wait <= 0:
            self.update(data)
            return
        self._pending = data
        self._timer = asyncio.get_running_loop().call_later(wait, self._apply)
        text = "[SCHEDULER] Change scheduled in %.0fms (mode=%s, lookahead=%.0fms)"
        logger.info(text, wait * 1000, self._mode, self._lookahead * 1000)
        self.tell({"type": "change_scheduled", "delay_ms": int(wait * 1000)})

    def _apply(self) -> None:
        data, self._pending, self._timer = self._pending, None, None
        if data is not None:
            logger.info("[SCHEDULER] Applying scheduled change (%d params)", len(data))
            self.update(data)
            self.tell({"type": "change_applied"})

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._pending = self._timer = None

    def update(self, parameters: Mapping[str, Any]) -> None:
        """Merge parameters and hand them to the workers, as Scope does: nothing is checked."""
        elsewhere = _EARLY if self._early else _ELSEWHERE
        data = {key: value for key, value in parameters.items() if key not in elsewhere}
        node = None
        if not self._early:
            self._direct(parameters)
            node = data.pop("node_id", None)
        self.parameters.update(data)
        if self.show is None:
            return
        if node and node not in self.show.players:
            logger.warning("Unknown node_id '%s', ignoring parameter update", node)
            return
        self.show.put(data, node or None)

    def _direct(self, data: Mapping[str, Any]) -> None:
        """Do what a message says about the beat."""
        if "quantize_mode" in data or "lookahead_ms" in data:
            self._cancel()
        if "quantize_mode" in data:
            if data["quantize_mode"] in MODES:
                self._mode = data["quantize_mode"]
            else:
                logger.warning("[SCHEDULER] Invalid quantize mode '%s', ignoring", data["quantize_mode"])
        if "lookahead_ms" in data:
            self._lookahead = max(0.0, float(data["lookahead_ms"])) / 1000
        if self.show is not None and "modulations" in data:
            moved, wrong = modulations(data["modulations"])
            for name in wrong:
                logger.warning("Invalid modulation config for '%s': %s", name, data["modulations"][name])
            self.show.modulate(moved)
        if self.show is not None and "beat_cache_reset_rate" in data:
            self.show.reset_on(str(data["beat_cache_reset_rate"]))
        if KEYS & data.keys():
            self._tempo.told({key: data[key] for key in KEYS & data.keys()})

    def metrics(self) -> dict[str, Any]:
        """Return how it goes, as the API tells it."""
        elapsed = now() - self.started
        frames_in = self.show.frames_in if self.show is not None else 0
        return {
            "frames_in": frames_in,
            "frames_out": self.output.sent,
            "elapsed_seconds": elapsed,
            "fps_in": frames_in / elapsed if elapsed > 0 else 0.0,
            "fps_out": self.output.sent / elapsed if elapsed > 0 else 0.0,
            "pipeline_fps": self.show.fps if self.show is not None else 0.0,
            "output_sinks": {},
            "input_source_enabled": False,
            "input_source_type": "",
            "relay_mode": False,
        }

    async def close(self, farewell: bool) -> None:
        """Stop the workers and hang up, with a word to the client if there is time for one."""
        self._cancel()
        if self.show is not None:
            self.show.stop()
        if farewell and self.peer.connectionState == "connected":
            try:
                self.tell({"type": "stream_stopped"})
            except Exception as error:  # whatever the channel is up to: we are leaving
                logger.info("Could not say stream_stopped to %s: %s", self.name, error)
            await asyncio.sleep(_FAREWELL)
        self.output.stop()
        if self.show is not None:
            for output in (*self.show.outputs.values(), *self.show.records.values()):
                output.stop()
        for task in self.tasks:
            task.cancel()
        await self.peer.close()
        self.line.close()
        if self.show is not None:
            await self.show.ended()
        await self.recordings.close()
        logger.info("Session %s closed", self.name)
