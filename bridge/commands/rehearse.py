"""`scope-bridge rehearse`: the stand-in Scope alone, for a rig without a GPU."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable

from bridge.commands.arguments import count, fault, folder, model, part, port, positive, seconds, vram
from bridge.errors import Unavailable
from bridge.rehearsal.dialect import DIALECTS
from bridge.rehearsal.faults import Fault, planned
from bridge.rehearsal.server import Options, serve


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    usual = Options()
    parser.add_argument("--host", default=usual.host, help="the address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=port,
        default=usual.port,
        help="the port, also for OSC; 0 takes a free one (default: %(default)s)",
    )
    parser.add_argument(
        "--chunk", type=positive, default=usual.chunk, help="seconds of work per chunk (default: %(default)s)"
    )
    parser.add_argument("--frames", type=count, default=usual.frames, help="frames per chunk (default: %(default)s)")
    parser.add_argument("--fps", type=positive, default=usual.fps, help="frames sent per second (default: as made)")
    parser.add_argument(
        "--jitter",
        type=part,
        default=usual.jitter,
        metavar="P",
        help="by which part chunks take longer or shorter, 0 to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--first-chunk",
        type=seconds,
        default=usual.first_chunk,
        metavar="SECONDS",
        help="how long the first chunk after a load takes (default: as any)",
    )
    parser.add_argument(
        "--load-seconds",
        type=seconds,
        default=usual.load_seconds,
        metavar="SECONDS",
        help="how long a pipeline loads (default: %(default)s)",
    )
    parser.add_argument(
        "--vram",
        type=vram,
        default=usual.vram,
        metavar="GB",
        help="the memory of the GPU it stands in for; 0: there is none (default: %(default)s)",
    )
    parser.add_argument(
        "--dialect",
        choices=tuple(DIALECTS),
        default=usual.dialect,
        help="the version of Scope it stands in for (default: %(default)s)",
    )
    parser.add_argument(
        "--loras", type=folder, metavar="FOLDER", help="where LoRAs lie (default: a folder with two, for this run)"
    )
    parser.add_argument(
        "--assets", type=folder, metavar="FOLDER", help="where uploads lie (default: a folder for this run)"
    )
    parser.add_argument(
        "--missing",
        type=model,
        action="append",
        default=[],
        metavar="PIPELINE",
        help="let the models of a pipeline be missing until they are downloaded; may be repeated",
    )
    parser.add_argument(
        "--download-seconds",
        type=seconds,
        default=usual.download_seconds,
        metavar="SECONDS",
        help="how long such a download takes (default: %(default)s)",
    )
    parser.add_argument(
        "--fault",
        type=fault,
        action="append",
        default=[],
        metavar="NAME[:NUMBER][@SECONDS]",
        help="what goes wrong, perhaps that many seconds after the first chunk; may be repeated: "
        + ", ".join(kind.written for kind in Fault),
    )
    parser.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    parser.add_argument("--json", action="store_true", help="say where it listens as one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted. Return the exit status."""
    options = Options(
        host=arguments.host,
        port=arguments.port,
        chunk=arguments.chunk,
        frames=arguments.frames,
        fps=arguments.fps,
        jitter=arguments.jitter,
        first_chunk=arguments.first_chunk,
        load_seconds=arguments.load_seconds,
        vram=arguments.vram,
        dialect=arguments.dialect,
        loras=arguments.loras,
        assets=arguments.assets,
        missing=tuple(arguments.missing),
        download_seconds=arguments.download_seconds,
        faults=tuple(planned(text) for text in arguments.fault),
    )

    def listening(url: str) -> None:
        if arguments.json:
            print(json.dumps({"url": url, "pid": os.getpid()}), flush=True)
        else:
            print(f"rehearsal server on {url}", flush=True)

    try:
        asyncio.run(_serve(options, listening, arguments.with_parent))
    except Unavailable as error:
        print(f"scope-bridge rehearse: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(options: Options, listening: Callable[[str], None], with_parent: bool) -> None:
    """Serve until the process is told to end."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    if with_parent:
        threading.Thread(target=_watch_parent, args=(loop, task.cancel), name="parent", daemon=True).start()
    with contextlib.suppress(asyncio.CancelledError):
        await serve(options, listening)


def _watch_parent(loop: asyncio.AbstractEventLoop, end: Callable[[], object]) -> None:
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(end)
