"""The server's log, as its API tells it: the last lines, and those since a place that the client remembers."""

import logging
import threading
from collections import deque

_KEPT = 5000


class Journal(logging.Handler):
    """Keeps log lines in memory. An offset is the number of bytes that were ever written, as in a file."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"))
        self._lines: deque[tuple[int, str]] = deque(maxlen=_KEPT)
        self._offset = 0
        self._writing = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, one line per line of its text."""
        for line in self.format(record).splitlines():
            with self._writing:
                self._offset += len(line.encode()) + 1
                self._lines.append((self._offset, line))

    def lines(self) -> list[str]:
        """Return all lines that are kept."""
        with self._writing:
            return [line for _, line in self._lines]

    def tail(self, lines: int, since: int) -> tuple[list[str], int]:
        """Return up to `lines` lines (the last ones, or with `since` the first after that offset), and where they end."""
        with self._writing:
            kept, offset = list(self._lines), self._offset
        if since <= 0 or since > offset:
            return [line for _, line in kept[-lines:]], offset
        after = [(end, line) for end, line in kept if end > since][:lines]
        return [line for _, line in after], after[-1][0] if after else since
