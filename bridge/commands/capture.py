"""`scope-bridge capture PROFILE FILE`: records what a rig sends, without a Scope and without outputs."""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bridge import profile
from bridge.capture import Writer, gather
from bridge.commands.run import listen, until_told
from bridge.inputs import Input, open_input
from bridge.signals import Batch
from bridge.supervisor import Supervisor, Task

SHOWN: Final = 0.25
"""Seconds between two counts on a terminal."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("profile", metavar="PROFILE", help="the profile whose inputs are recorded; it travels along")
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="the capture to write; a file that is there already is kept, and the next free name taken",
    )
    parser.add_argument("-v", "--verbose", action="count", default=0, help="say more; twice: every message")


def run(arguments: argparse.Namespace) -> int:
    """Record until told to stop. Return 1 if the recording ended before that."""
    listen(arguments.verbose)
    read, warnings = profile.load(arguments.profile, os.environ)
    for warning in warnings:
        print(warning, file=sys.stderr)
    inputs = [open_input(name, options) for name, options in read.inputs.items()]
    with Writer(arguments.file, gather(arguments.profile, read.files)) as writer:
        print(f"recording into {writer.path}; Ctrl-C ends it", file=sys.stderr)
        try:
            asyncio.run(until_told(record(inputs, writer)))
        except KeyboardInterrupt:
            pass
        finally:
            _say(writer, "\n" if sys.stderr.isatty() else "")
    print(f"{writer.signals} signals in {writer.path}")
    return 1 if writer.trouble else 0


async def record(inputs: Iterable[Input], writer: Writer) -> None:
    """Write what `inputs` bring, until cancelled or until nothing more can be written."""

    def take(batch: Batch) -> None:
        writer.put(batch)

    def service(opened: Input) -> Task:
        return Task(f"input {opened.name}", lambda: opened.run(take))

    services = [service(opened) for opened in inputs]
    async with asyncio.TaskGroup() as tasks:
        show = tasks.create_task(_count(writer))
        recording = tasks.create_task(Supervisor().run(services))
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({show, recording}, return_when=asyncio.FIRST_COMPLETED)
        show.cancel()
        recording.cancel()


async def _count(writer: Writer) -> None:
    """Show how many signals there are, until the recording ends by itself."""
    while not writer.trouble:
        if sys.stderr.isatty():
            _say(writer, "")
        await asyncio.sleep(SHOWN)


def _say(writer: Writer, end: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{writer.signals} signals", end=end, file=sys.stderr, flush=True)
