"""What the rehearsal server says about its machine: the GPU it stands in for, and that it has no video outputs of its own."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from bridge.rehearsal.library import Rejected

_OUTPUTS: Mapping[str, Mapping[str, Any]] = {
    name: {"available": False, "reason": reason, "install_hint": hint}
    for name, reason, hint in (
        ("spout", "The rehearsal server has no Spout", "Run Scope on Windows to use Spout sources and sinks."),
        ("ndi", "The rehearsal server has no NDI", "Run Scope with the NDI SDK to use NDI sources and sinks."),
        ("syphon", "The rehearsal server has no Syphon", "Run Scope on macOS to use Syphon sources and sinks."),
    )
}
_SOURCES: Mapping[str, str] = {"ndi": "NDI", "spout": "Spout", "syphon": "Syphon", "video_file": "Video File"}


def info(vram: float | None, objects: bool) -> dict[str, Any]:
    """Return what the API tells about the hardware, with `vram` in GB. Not as `objects`, it is one yes or no about Spout."""
    if not objects:
        return {"vram_gb": vram, "spout_available": False}
    return {"vram_gb": vram, **{name: dict(told) for name, told in _OUTPUTS.items()}}


def sources() -> dict[str, Any]:
    """Return what kinds of video source there are, as the API tells them. Only files are to be had here."""
    return {
        "input_sources": [
            {
                "source_id": name,
                "source_name": title,
                "source_description": "Video files of the assets" if name == "video_file" else f"Video by {title}",
                "available": name == "video_file",
            }
            for name, title in _SOURCES.items()
        ]
    }


async def found(kind: str, videos: Callable[[], list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the sources of one kind as the API tells them. Raise `Rejected` for what is no kind, or not to be had."""
    if kind not in _SOURCES:
        raise Rejected(404, f"Unknown input source type '{kind}'")
    if kind != "video_file":
        raise Rejected(400, f"Input source '{kind}' is not available on this system")
    files = await asyncio.to_thread(videos)
    told = [{"name": one["name"], "identifier": one["path"], "metadata": None} for one in files]
    return {"source_type": kind, "sources": told}
