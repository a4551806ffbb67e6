"""The terminal: a few calm lines that show the `Status`; a log, where there is no terminal.

Scope     streaming   longlive on Scope 0.2.4
          15.6 fps   chunk 0.77 s   age 0.04 s   412 messages · 405 chunks   1 reconnect
Inputs    stage       OSC on 127.0.0.1:9000   240 /s
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bridge.log import printable
from bridge.status import InputStatus, OutputStatus, Phase, RouteStatus, ScopeStatus, Status

PERIOD = 0.25
"""Seconds between two looks at the status."""

_RATE_SPAN = 2.0
_PHASE_STYLES = {Phase.STREAMING: "green", Phase.PAUSED: "blue"}
_WAITING = "yellow"
_TITLE_WIDTH = 7
_NAME_WIDTH = 16
_VALUE_WIDTH = 16
_ROUTES_WIDTH = 100


class Dashboard:
    """Shows the status on `console`: live in a terminal, else (or when `plain`) a line for each new phase or complaint.

    Log lines of the same console appear above the live lines.
    """

    def __init__(self, snapshot: Callable[[], Status], console: Console, plain: bool) -> None:
        self._snapshot = snapshot
        self._console = console
        self._plain = plain or not console.is_terminal

    async def run(self) -> None:
        """Show the status until cancelled. The terminal's last picture stays where it is."""
        if self._plain:
            await self._tell()
        else:
            await self._show()

    async def _tell(self) -> None:
        news = News()
        while True:
            for line in news.of(self._snapshot()):
                await asyncio.to_thread(self._console.print, Text(line), soft_wrap=True)
            await asyncio.sleep(PERIOD)

    async def _show(self) -> None:
        rates = Rates()
        terminal = sys.stderr
        with Live(console=self._console, auto_refresh=False) as live, _log_above_live(terminal):
            while True:
                status = self._snapshot()
                rates.feed(status)
                picture = picture_of(status, rates, self._console.size.height)
                await asyncio.to_thread(live.update, picture, refresh=True)  # a terminal can be stopped: never the loop
                await asyncio.sleep(PERIOD)


class News:
    """PURE. What is new in a status, as lines of text."""

    def __init__(self) -> None:
        self._phase: Phase | None = None
        self._complaints: tuple[str, ...] = ()

    def of(self, status: Status) -> Iterator[str]:
        """Yield a line if the phase is another one than the last time, and one for each new complaint."""
        scope = status.scope
        if scope.phase is not self._phase:
            yield _clean(f"{scope.phase.value}: {scope.detail}" if scope.detail else scope.phase.value)
        for complaint in status.complaints:
            if complaint not in self._complaints:
                yield f"! {_clean(complaint)}"
        self._phase, self._complaints = scope.phase, status.complaints


class Rates:
    """PURE. How many signals a second each input brings, over about two seconds of statuses."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, dict[str, int]]] = deque()

    def feed(self, status: Status) -> None:
        """Take the counts of one more status."""
        self._counts.append((status.seconds, {entry.name: entry.signals for entry in status.inputs}))
        while len(self._counts) > 2 and self._counts[0][0] < status.seconds - _RATE_SPAN:
            self._counts.popleft()

    def of(self, name: str) -> float:
        """Return the signals a second of the input called `name`; 0 while unknown."""
        (since, before), (until, after) = self._counts[0], self._counts[-1]
        if until <= since or name not in before or name not in after:
            return 0.0
        return (after[name] - before[name]) / (until - since)


def picture_of(status: Status, rates: Rates, height: int) -> RenderableType:
    """PURE. Return what the terminal shows; routes that do not fit in `height` lines are counted instead."""
    rows = [
        *_titled("Inputs", [(entry.name, _input(entry, rates.of(entry.name))) for entry in status.inputs]),
        *_titled("Outputs", [(entry.name, _output(entry)) for entry in status.outputs]),
    ]
    names = min(_NAME_WIDTH, max(len(status.scope.phase.value), *(len(name.plain) for _, name, _ in rows), 0))
    scope = _table(names)
    scope.add_row("Scope", _phase(status.scope), _text(status.scope.detail))
    parts: list[RenderableType] = ["", scope, Padding(Text(_figures(status.scope), "dim"), (0, 0, 0, _TITLE_WIDTH + 2))]
    if rows:
        about = _table(names)
        for row in rows:
            about.add_row(*row)
        parts.append(about)
    complaints = Text("\n".join(f"! {_clean(each)}" for each in status.complaints), style=_WAITING)
    if complaints:
        parts.append(complaints)  # above the routes: what does not fit is cut off below
    if status.routes:
        rest = height - 5 - len(rows) - len(complaints.plain.splitlines())
        parts.append(Constrain(_routes(status.routes, rest), _ROUTES_WIDTH))
    return Group(*parts)


def _table(names: int) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=_TITLE_WIDTH, style="dim", no_wrap=True)
    table.add_column(width=names, no_wrap=True, overflow="ellipsis")
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    return table


def _titled(title: str, rows: list[tuple[str, Text]]) -> list[tuple[str, Text, Text]]:
    return [("" if index else title, _text(name), about) for index, (name, about) in enumerate(rows)]


def _phase(scope: ScopeStatus) -> Text:
    return Text(scope.phase.value, style=f"bold {_PHASE_STYLES.get(scope.phase, _WAITING)}")


def _figures(scope: ScopeStatus) -> str:
    reconnects = max(0, scope.sessions - 1)
    figures = [
        f"{scope.fps:.1f} fps",
        f"chunk {_seconds(scope.chunk_seconds)}",
        f"age {_seconds(scope.frame_age)}",
        f"{scope.messages} messages · {scope.chunks} chunks",
    ]
    if reconnects:
        figures.append(f"{reconnects} reconnect{'s' if reconnects > 1 else ''}")
    return "  ".join(figures)


def _input(entry: InputStatus, rate: float) -> Text:
    text = _text(f"{entry.where}   {rate:.0f} /s")
    if entry.refused:
        text.append(f"   {entry.refused} refused")
    return _and_trouble(text, entry.detail)


def _output(entry: OutputStatus) -> Text:
    text = _text(entry.where)
    if entry.receivers is not None:
        text.append(f"   {entry.receivers} watching")
    if entry.frozen:
        text.append("   frozen", "bold cyan")
    if entry.level < 1:
        text.append("   black" if entry.level == 0 else f"   level {entry.level:.2f}", "bold red")
    return _and_trouble(text, entry.detail)


def _and_trouble(text: Text, trouble: str) -> Text:
    return text.append(f"   {_clean(trouble)}", _WAITING) if trouble else text


def _routes(routes: tuple[RouteStatus, ...], height: int) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=_TITLE_WIDTH, style="dim", no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(justify="right", width=_VALUE_WIDTH, no_wrap=True, overflow="ellipsis")
    table.add_column(justify="right", width=_VALUE_WIDTH, no_wrap=True, overflow="ellipsis")
    table.add_row("Routes", "", Text("asked", "dim"), Text("in the picture", "dim"))
    fitting = len(routes) if len(routes) < height else max(0, height - 2)
    for route in routes[:fitting]:
        shown = _text(_value(route.in_picture))
        if route.in_picture != route.asked:
            shown.stylize(_WAITING)
        table.add_row("", _text(f"{route.signal} → {route.target}"), _text(_value(route.asked)), shown)
    if fitting < len(routes):
        table.add_row("", Text(f"and {len(routes) - fitting} more", "dim"), "", "")
    return table


def _value(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:.3f}"
        case list() | tuple():
            return " ".join(str(each) for each in value)
        case _:
            return str(value)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"


def _text(text: str) -> Text:
    return Text(_clean(text))


def _clean(text: str) -> str:
    """Keep the lines and what can be printed in them: a sender's text must not steer the terminal."""
    return "\n".join(printable(line) for line in text.splitlines())


@contextmanager
def _log_above_live(terminal: TextIO) -> Iterator[None]:
    """Let log handlers that write to `terminal` write through `sys.stderr`, which a `Live` puts above its lines."""
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is terminal and terminal.isatty()
    ]
    for handler in handlers:
        handler.setStream(sys.stderr)
    try:
        yield
    finally:
        for handler in handlers:
            handler.setStream(terminal)
