"""What OSC can reach on the rehearsal server: `/scope/<key>` over UDP, on the port that HTTP has.

A value is held against the known paths (type, range, choices) and then goes to every session as it is. Nothing is
answered; what is unknown or wrong is dropped, and the log says so. As in Scope, `prompt` and three more are passed on
under a name that no pipeline reads: there a browser translates them.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pythonosc.osc_packet import OscPacket, ParseError

from bridge.rehearsal.pipelines import Pipeline
from bridge.rehearsal.schemas import schema

logger = logging.getLogger(__name__)

PREFIX = "/scope/"
Entry = Mapping[str, Any]
"""One path, as the API tells it."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "float": (int, float),
    "number": (int, float),
    "integer": (int,),
    "bool": (bool, int, float),
    "boolean": (bool, int, float),
    "string": (str,),
    "integer_list": (list,),
}
_METHODS = ["linear", "slerp"]
_RUNTIME: tuple[Entry, ...] = (
    {"key": "prompt", "type": "string", "description": "One prompt (needs a browser)"},
    {"key": "input_mode", "type": "string", "description": "From nothing or from video", "enum": ["text", "video"]},
    {"key": "transition_steps", "type": "integer", "description": "Chunks per transition (needs a browser)", "min": 0},
    {
        "key": "interpolation_method",
        "type": "string",
        "description": "How prompts mix (needs a browser)",
        "enum": _METHODS,
    },
    {
        "key": "temporal_interpolation_method",
        "type": "string",
        "description": "How prompts become others (needs a browser)",
        "enum": _METHODS,
    },
    {"key": "denoising_step_list", "type": "integer_list", "description": "Denoising steps, two or more"},
    {"key": "noise_scale", "type": "float", "description": "Turbulence and grain", "min": 0.0, "max": 1.0},
    {"key": "noise_controller", "type": "bool", "description": "Let the server choose the noise"},
    {
        "key": "kv_cache_attention_bias",
        "type": "float",
        "description": "How much the past weighs",
        "min": 0.01,
        "max": 1.0,
    },
    {"key": "manage_cache", "type": "bool", "description": "Cut when a change needs a clean start"},
    {"key": "reset_cache", "type": "bool", "description": "Cut now (send true)"},
    {"key": "vace_context_scale", "type": "float", "description": "How strong VACE is", "min": 0.0, "max": 2.0},
    {"key": "paused", "type": "bool", "description": "Pause, or go on"},
)


class Inventory:
    """The paths that are known: those of every session, those of the pipelines, and those that a graph adds."""

    def __init__(self, pipelines: Mapping[str, Pipeline], loaded: Callable[[], Iterable[str]]) -> None:
        """`loaded` tells the keys under which pipelines are loaded; in a graph those are the ids of its nodes."""
        self._pipelines = {name: tuple(_live(pipeline)) for name, pipeline in pipelines.items()}
        self._loaded = loaded
        self._added: tuple[Entry, ...] = ()

    def add(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Take what a graph adds, in place of what it added before."""
        self._added = tuple(_added(entry) for entry in entries)

    def told(self) -> dict[str, Any]:
        """Return the paths as the API tells them."""
        loaded = list(self._loaded())
        active: dict[str, list[Entry]] = {"Runtime": [_addressed(entry) for entry in _RUNTIME]}
        available: dict[str, list[Entry]] = {}
        for name, entries in self._pipelines.items():
            if entries:
                (active if name in loaded else available)[name] = [_addressed(entry) for entry in entries]
        for entry in self._added:
            active.setdefault(entry.get("group") or entry.get("pipeline_id") or "Graph", []).append(entry)
        return {"active": active, "available": available, "active_pipeline_ids": loaded}

    def find(self, key: str) -> Entry | None:
        """Return the path of that key; None without. What a graph adds comes before all others."""
        everywhere = (*self._added, *_RUNTIME, *(one for entries in self._pipelines.values() for one in entries))
        return next((entry for entry in everywhere if entry["key"] == key), None)


def _live(pipeline: Pipeline) -> Iterator[Entry]:
    """Yield the paths of what may change while a pipeline runs."""
    for key, told in schema(pipeline)["config_schema"]["properties"].items():
        if told.get("ui", {}).get("is_load_param", True):
            continue
        limits = {ours: told[theirs] for ours, theirs in (("min", "minimum"), ("max", "maximum")) if theirs in told}
        entry = {"key": key, "type": told["type"], "description": told["description"], "pipeline_id": pipeline.name}
        yield {**entry, **limits, "default": told["default"]}


def _addressed(entry: Entry) -> Entry:
    return {**entry, "osc_address": PREFIX + entry["key"]}


def _added(entry: Mapping[str, Any]) -> Entry:
    key = entry["osc_address"].removeprefix(PREFIX).lstrip("/")
    return {**entry, "key": key, "osc_address": PREFIX + key, "description": entry.get("description", "")}


def wrong(entry: Entry, value: Any) -> str | None:
    """Return why a value cannot go to that path; None if it can."""
    accepted = _TYPES.get(entry["type"])
    if accepted is not None and type(value) not in accepted:
        return f"type mismatch: expected {entry['type']}, got {type(value).__name__}"
    if entry["type"] == "integer_list":
        odd = next((item for item in value if type(item) is not int), None)
        return None if odd is None else f"type mismatch: expected integer_list, got {type(odd).__name__}"
    low, high = entry.get("min"), entry.get("max")
    if isinstance(value, int | float):
        if low is not None and value < low:
            return f"value {value} below minimum {low}"
        if high is not None and value > high:
            return f"value {value} above maximum {high}"
    choices = entry.get("enum")
    if choices is not None and value not in choices:
        return f"value {value!r} not in allowed values {choices}"
    return None


class Receiver(asyncio.DatagramProtocol):
    """What listens for OSC."""

    def __init__(self, inventory: Inventory, broadcast: Callable[[dict[str, Any]], None]) -> None:
        self._inventory = inventory
        self._broadcast = broadcast
        self.log_all = False
        """Whether every message that is passed on is logged too."""

    def datagram_received(self, data: bytes, address: tuple[str | Any, int]) -> None:
        """Take a packet; a bundle is taken as its messages, at once."""
        try:
            messages = [timed.message for timed in OscPacket(data).messages]
        except (ParseError, ValueError, IndexError) as error:
            logger.info("OSC INVALID  packet from %s: %s", address[0], error)
            return
        for message in messages:
            self.heard(message.address, list(message.params))

    def heard(self, path: str, arguments: list[Any]) -> None:
        """Take one message."""
        if not path.startswith(PREFIX):
            return
        key = path.removeprefix(PREFIX)
        value = arguments[0] if len(arguments) == 1 else arguments
        entry = self._inventory.find(key)
        if entry is None:
            logger.info("OSC UNKNOWN  %s = %r", path, value)
            return
        reason = wrong(entry, value)
        if reason is not None:
            logger.info("OSC INVALID  %s = %r  reason=%s", path, value, reason)
            return
        if self.log_all:
            logger.info("OSC VALID  %s = %r", path, value)
        node, parameter = entry.get("node_id"), entry.get("param") or key
        if node is None:
            self._broadcast({key: value})
        elif entry.get("pipeline_id") is not None:
            self._broadcast({"node_id": node, parameter: value})
        # Of a node that is no pipeline only a browser hears.
