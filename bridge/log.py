"""What the bridge writes while it runs: one calm line per thing that matters to a person.

    21:04:12  warning  bridge.supervisor: program stopped: another output is already called 'Scope Bridge'; again in 0.5 s

`configure` is for commands; modules only ever say `logging.getLogger(__name__)`. A `Complaints` is for what may happen
ten thousand times a second.
"""

import logging
import sys
from collections.abc import Hashable
from typing import TextIO

_QUIET = ("aiohttp.access", "aioice", "aiortc", "libav")
"""Libraries that report, as warnings, what is ordinary in a talk over a network."""

_TOPICS = 64
"""How many things a `Complaints` tells apart unless told otherwise."""


class _Calm(logging.Formatter):
    """One line per record, whatever is in it: addresses and texts come from the network."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s  %(word)-7s  %(name)s: %(message)s", datefmt="%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.word = record.levelname.lower()
        record.message = printable(record.message)
        return super().formatMessage(record)


def printable(text: str) -> str:
    """Return `text` with everything that could move a terminal's cursor or break the line written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def configure(
    level: int = logging.INFO, *, libraries: int = logging.WARNING, stream: TextIO | None = None
) -> logging.Handler:
    """Write the bridge's records from `level` up, and those of libraries from `libraries` up, to `stream`.

    `stream` is stderr unless given. Libraries that chatter about ordinary network weather are heard from ERROR up,
    or from `libraries` if that asks for more than warnings. Calling it again replaces what was configured before.
    Returns the handler, which `logging.getLogger().removeHandler` takes away again.
    """
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler.formatter, _Calm)]:
        root.removeHandler(handler)
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(_Calm())
    root.addHandler(handler)
    root.setLevel(libraries)
    logging.getLogger("bridge").setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR if libraries == logging.WARNING else libraries)
    logging.captureWarnings(True)
    return handler


class Complaints:
    """Says a complaint the first time it comes, and counts it from then on.

    One thread complains; any thread may read `total` and `latest`.
    """

    def __init__(self, logger: logging.Logger, topics: int = _TOPICS) -> None:
        """`topics` bounds how many different things are told apart; what comes after is only counted."""
        self._logger = logger
        self._limit = topics
        self._said: set[Hashable] = set()
        self.total = 0
        """How many complaints there were."""
        self.latest = ""
        """The text of the last one, or empty."""

    def about(self, topic: Hashable, text: str) -> None:
        """Complain: to the log if `topic` is new, to the count and to `latest` in any case."""
        self.total += 1
        self.latest = text
        if topic in self._said or len(self._said) > self._limit:
            return
        self._said.add(topic)
        if len(self._said) > self._limit:
            self._logger.warning("%s (and so many others that from now on they are only counted)", text)
        else:
            self._logger.warning("%s (said once, then only counted)", text)
