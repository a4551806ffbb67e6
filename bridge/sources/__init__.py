"""Video for Scope to transform: each source brings pictures into a `Fan`, blind to who takes them and what becomes of them.

source = open_source("cam", Video("pattern", "bars"), fan)
mailbox = fan.open()            # for the session's uplink; another one for a page that shows the source
await source.run()
"""

import asyncio
from typing import Final, Protocol, assert_never

from bridge.frames import Fan
from bridge.profile.inputs import Video
from bridge.status import InputStatus

_CALLED: Final = {
    "ndi": "NDI sources",
    "spout": "Spout senders",
    "syphon": "Syphon servers",
    "file": "video files",
    "camera": "cameras",
    "screen": "screens",
}


class Source(Protocol):
    """Something that brings pictures."""

    @property
    def name(self) -> str:
        """What the profile calls it."""

    async def run(self) -> None:
        """Bring pictures until cancelled. Raise `Unavailable` when there is nothing to take them from, or no more."""

    def status(self) -> InputStatus:
        """Return what it does and how it fares, its pictures counted as signals; cheap, from the event loop's thread."""


class Missing:
    """A source that cannot be opened, whatever one tries: its status says why, and everything else plays."""

    def __init__(self, name: str, where: str, why: str) -> None:
        """`where` is for the status: `video from ndi CAM`."""
        self.name = name
        self._where = where
        self._why = why

    async def run(self) -> None:
        """Bring nothing, until cancelled: there is no use in trying again."""
        await asyncio.Event().wait()

    def status(self) -> InputStatus:
        """Return why there is no picture."""
        return InputStatus(self.name, self._where, detail=self._why)


def open_source(name: str, options: Video, fan: Fan) -> Source:
    """Return the source that `options` describe, which brings its pictures into `fan`; nothing is opened before its
    `run`."""
    where = f"video from {options.kind} {options.source}"
    match options.kind:
        case "pattern":
            from bridge.sources.pattern import PATTERNS, PatternSource

            if options.source not in PATTERNS:
                return Missing(name, where, f"there is no test pattern called {options.source}: {', '.join(PATTERNS)}")
            return PatternSource(name, options.source, fan)
        case "ndi" | "spout" | "syphon" | "file" | "camera" | "screen":
            return Missing(name, where, f"{_CALLED[options.kind]} as sources come with a later version")
        case _:
            assert_never(options.kind)
