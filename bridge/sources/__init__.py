"""Video for Scope to transform: each source brings pictures into a `Fan`, blind to who takes them and what becomes of them.

source = open_source("cam", Video("pattern", "bars"), fan)
mailbox = fan.open()            # for the session's uplink; another one for a page that shows the source
await source.run()
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import assert_never

from bridge.frames import Fan
from bridge.profile.inputs import Video
from bridge.sources.reader import ReaderSource
from bridge.sources.source import Source
from bridge.status import InputStatus


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

    def seek(self, position: float) -> None:
        """There is no other place."""

    def status(self) -> InputStatus:
        """Return why there is no picture."""
        return InputStatus(self.name, self._where, detail=self._why)


def open_source(name: str, options: Video, fan: Fan, folder: Path = Path()) -> Source:
    """Return the source that `options` describe, which brings its pictures into `fan`; nothing is opened before its
    `run`. Files are looked for from `folder`, the profile's."""
    where = f"video from {options.kind} {options.source}"
    match options.kind:
        case "pattern":
            from bridge.sources.pattern import PATTERNS, PatternSource

            if options.source not in PATTERNS:
                return Missing(name, where, f"there is no test pattern called {options.source}: {', '.join(PATTERNS)}")
            return PatternSource(name, options.source, fan)
        case "file":
            from bridge.sources.file import FileReader

            film = FileReader(folder / Path(options.source).expanduser())
            return ReaderSource(name, fan, film, where, film.seek)
        case "camera":
            from bridge.sources.camera import find_camera
            from bridge.sources.device import DeviceReader

            return ReaderSource(name, fan, DeviceReader(partial(find_camera, options.source)), where)
        case "screen":
            from bridge.sources.device import DeviceReader
            from bridge.sources.screen import find_screen

            return ReaderSource(name, fan, DeviceReader(partial(find_screen, options.source)), where)
        case "ndi":
            from bridge.sources.ndi import NdiReader

            return ReaderSource(name, fan, NdiReader(options.source), where)
        case "spout":
            from bridge.sources.spout import SpoutReader

            return ReaderSource(name, fan, SpoutReader(options.source), where)
        case "syphon":
            from bridge.sources.syphon import SyphonReader

            return ReaderSource(name, fan, SyphonReader(options.source), where)
        case _:
            assert_never(options.kind)
