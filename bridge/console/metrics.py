"""PURE. The numbers of a `Status` in Prometheus' text format: for who watches several machines, or a whole night.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from bridge.status import InputStatus, OutputStatus, Phase, ScopeStatus, Status

T = TypeVar("T")

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_PREFIX: Final = "scope_bridge"


@dataclass(frozen=True, slots=True)
class _Metric(Generic[T]):
    """One number of each Scope, input or output."""

    name: str
    """A name that ends in `_total` is that of a counter, all others are gauges."""
    help: str
    of: Callable[[T], float | None]
    """None: it is not known, and left out."""


_SCOPE: Final[tuple[_Metric[ScopeStatus], ...]] = (
    _Metric("streaming", "Whether frames come.", lambda one: one.phase is Phase.STREAMING),
    _Metric("fps", "Frames received per second.", lambda one: one.fps),
    _Metric("chunk_seconds", "How long one chunk takes.", lambda one: one.chunk_seconds),
    _Metric("frame_age_seconds", "How long ago the newest frame came.", lambda one: one.frame_age),
    _Metric("round_trip_seconds", "To the server and back.", lambda one: one.round_trip),
    _Metric("received_bits_per_second", "What arrives.", lambda one: one.bandwidth),
    _Metric("frames_total", "Frames received.", lambda one: one.frames),
    _Metric("chunks_total", "Chunks seen to be finished.", lambda one: one.chunks),
    _Metric("messages_total", "Parameter messages sent.", lambda one: one.messages),
    _Metric("sessions_total", "Sessions that brought frames.", lambda one: one.sessions),
    _Metric("video_sent_total", "Frames of video sent up.", lambda one: one.sent_up),
    _Metric("video_repeated_total", "Those that had been sent before.", lambda one: one.sent_up_again),
    _Metric("video_dropped_total", "Frames of video inputs that were not sent.", lambda one: one.dropped_up),
)
_INPUT: Final[tuple[_Metric[InputStatus], ...]] = (
    _Metric("signals_total", "Signals, or pictures of a video input.", lambda one: one.signals),
    _Metric("refused_total", "What could not be taken.", lambda one: one.refused),
)
_OUTPUT: Final[tuple[_Metric[OutputStatus], ...]] = (
    _Metric("sent_total", "Pictures sent, repeats included.", lambda one: one.sent),
    _Metric("shown_total", "Frames of Scope that were shown.", lambda one: one.shown),
    _Metric("repeated_total", "Pictures that were shown again.", lambda one: one.repeated),
    _Metric("overwritten_total", "Frames of Scope that were never shown.", lambda one: one.overwritten),
    _Metric("frame_age_seconds", "How long ago its newest frame came.", lambda one: one.age),
    _Metric("delay_seconds", "For how long pictures are kept back.", lambda one: one.delay),
    _Metric("conversion_seconds", "How long making one picture takes.", lambda one: one.conversion),
    _Metric("receivers", "Who watches, where that can be known.", lambda one: one.receivers),
    _Metric("level", "The master fader.", lambda one: one.level),
    _Metric("frozen", "Whether it holds its picture by hand.", lambda one: one.frozen),
    _Metric("troubled", "Whether something is wrong with it.", lambda one: one.detail != ""),
)


def text(status: Status) -> str:
    """Return the numbers of `status`, each with its kind and what it means."""
    lines = [
        *_block("seconds", "Since the bridge started.", [("", status.seconds)]),
        *_block("complaints", "What needs a person.", [("", len(status.complaints))]),
    ]
    scopes = [(one.name or "scope", one) for one in (status.scope, *status.others)]
    lines += _blocks("scope", scopes, _SCOPE)
    lines += _blocks("input", [(one.name, one) for one in status.inputs], _INPUT)
    lines += _blocks("output", [(one.name, one) for one in status.outputs], _OUTPUT)
    return "\n".join(lines) + "\n"


def _blocks(kind: str, things: list[tuple[str, T]], metrics: Iterable[_Metric[T]]) -> list[str]:
    lines: list[str] = []
    for metric in metrics:
        values = [(f'{{{kind}="{_escaped(name)}"}}', metric.of(one)) for name, one in things]
        lines += _block(f"{kind}_{metric.name}", metric.help, values)
    return lines


def _block(name: str, help: str, values: list[tuple[str, float | None]]) -> list[str]:
    known = [(label, value) for label, value in values if value is not None]
    if not known:
        return []
    full = f"{_PREFIX}_{name}"
    kind = "counter" if name.endswith("_total") else "gauge"
    return [
        f"# HELP {full} {help}",
        f"# TYPE {full} {kind}",
        *(f"{full}{label} {float(value):.10g}" for label, value in known),
    ]


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
