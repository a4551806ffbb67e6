"""`scope-bridge run PROFILE`: the daemon."""

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console

from bridge import log
from bridge.app import App, Options, to_server
from bridge.commands.arguments import port, server
from bridge.console.dashboard import Dashboard
from bridge.profile import report
from bridge.supervisor import Task


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("profile", metavar="PROFILE", help="the profile to play; read again whenever it changes")
    parser.add_argument("--scope", metavar="URL", type=server, help="the Scope server, instead of the profile's own")
    parser.add_argument("--headless", action="store_true", help="no status in the terminal: one line per event")
    parser.add_argument("--resume", action="store_true", help="go on where the last run of this profile was")
    parser.add_argument("--record", metavar="FILE", type=Path, help="record every signal, for replay")
    parser.add_argument("--panel", metavar="PORT", type=port, default=8765, help="the page's port (default 8765)")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="say more; twice: every message")


def run(arguments: argparse.Namespace) -> int:
    """Play a profile until told to stop."""
    console = Console(stderr=True)
    listen(arguments.verbose)
    app = App(
        arguments.profile,
        Options(
            panel_port=arguments.panel,
            adjust=to_server(arguments.scope),
            resume=arguments.resume,
            record=arguments.record,
        ),
    )
    if app.warnings:
        console.print(report(app.warnings, arguments.profile), markup=False, highlight=False, soft_wrap=True)
    asyncio.run(until_told(app.run(status_of(app, console, arguments.headless))))
    return 0


def listen(verbosity: int) -> None:
    """Write the log as often as `-v` was given: lifecycle, then every message, then the libraries' too."""
    log.configure(
        logging.DEBUG if verbosity else logging.INFO, libraries=logging.INFO if verbosity > 1 else logging.WARNING
    )


def status_of(app: App, console: Console, plain: bool) -> Task:
    """Return the service that shows the app's status in the terminal."""
    return Task("status", Dashboard(app.status, console, plain).run)


async def until_told(work: Coroutine[Any, Any, None]) -> None:
    """Do `work` until it ends, or until the process is told to end (Ctrl-C, SIGTERM): then cancel it and clean up."""
    task = asyncio.current_task()
    assert task is not None
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await work
