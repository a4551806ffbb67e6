"""The terminal: a few calm lines that show the `Status`; a log, where there is no terminal.

Scope     streaming   longlive on Scope 0.2.4
          15.6 fps   chunk 0.77 s   age 0.04 s   412 messages · 405 chunks   1 reconnect
Show      drop        cue doors, first waits   page looks   124 bpm
Levels                kick 0.60
Inputs    stage       OSC on 127.0.0.1:9000   240 /s
Outputs   program     NDI source SHOW (Scope Bridge)   2 watching   15.6 → 30.0 fps   age 0.04 s   late 0.08 s   1.2 ms
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import compress
from typing import Any, NamedTuple, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from bridge.log import printable
from bridge.status import InputStatus, OutputStatus, Phase, RouteStatus, ScopeStatus, ShowStatus, Status

PERIOD = 0.25
"""Seconds between two looks at the status."""

_RATE_SPAN = 2.0
_PHASE_STYLES = {Phase.STREAMING: "green", Phase.PAUSED: "blue"}
_STALE = 1.0
"""Seconds without a new picture after which an output is in trouble while Scope sends some."""
_PAGE = "page"
"""The picture of the page: it takes the newest there is, and what it leaves out is no trouble."""
_FAR = 0.02
"""Seconds there and back from which a server's distance is worth telling."""
_WAITING = "yellow"
_GAP = 2
_TITLE_WIDTH = 7
_NAME_WIDTH = 16
_VALUE_WIDTH = 14
_ROUTES_WIDTH = 100
_ASKED_FROM = 70
"""Columns from which the routes show what was asked; below, the value in the picture has to do."""
_TITLE_FROM = 50
"""Columns from which the routes stand in line with the rest; below, their names need the room."""
_SPARE_LINES = 2
_ARROW = " → "


class Dashboard:
    """Shows the status on `console`: live in a terminal, else (or when `plain`) a line for each new phase or complaint.

    Log lines of the same console appear above the live lines.
    """

    def __init__(self, snapshot: Callable[[], Status], console: Console, plain: bool) -> None:
        self._snapshot = snapshot
        self._console = console
        self._plain = plain or not console.is_terminal

    async def run(self) -> None:
        """Show the status until cancelled; then one line says what was done, in place of a picture that looks live."""
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
        loop = asyncio.get_running_loop()
        rates = Rates()
        terminal = sys.stderr
        # A terminal can be stopped (Ctrl-S), which may not stop the loop. One thread keeps the pictures in order, so that
        # none which was under way when we are cancelled comes after the last line.
        with (
            Live(console=self._console, auto_refresh=False) as live,
            _log_above_live(terminal),
            ThreadPoolExecutor(1, "dashboard") as drawing,
        ):

            def draw(picture: RenderableType) -> None:
                live.update(picture, refresh=True)

            try:
                while True:
                    status = self._snapshot()
                    rates.feed(status)
                    await loop.run_in_executor(drawing, draw, picture_of(status, rates, self._console))
                    await asyncio.sleep(PERIOD)
            except asyncio.CancelledError:
                drawing.submit(draw, Text(ending_of(self._snapshot())))
                raise


class News:
    """PURE. What is new in a status, as lines of text."""

    def __init__(self) -> None:
        self._phases: dict[str, Phase] = {}
        """By the name of the Scope."""
        self._complaints: tuple[str, ...] = ()

    def of(self, status: Status) -> Iterator[str]:
        """Yield a line if the phase is another one than the last time, and one for each new complaint."""
        for scope in (status.scope, *status.others):
            if scope.phase is not self._phases.get(scope.name):
                named = f"{scope.name}: " if scope.name else ""
                yield _clean(named + (f"{scope.phase.value}: {scope.detail}" if scope.detail else scope.phase.value))
            self._phases[scope.name] = scope.phase
        for complaint in status.complaints:
            if complaint not in self._complaints:
                yield f"! {_clean(complaint)}"
        self._complaints = status.complaints


class OutputRates(NamedTuple):
    """What an output does in a second."""

    shown: float
    """Pictures of Scope, each counted once."""
    sent: float
    overwritten: float


class Rates:
    """PURE. How much a second each input brings and each output shows, over about two seconds of statuses."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, dict[tuple[str, str], int]]] = deque()

    def feed(self, status: Status) -> None:
        """Take the counts of one more status."""
        counts = {(entry.name, "signals"): entry.signals for entry in status.inputs}
        for output in status.outputs:
            for what in OutputRates._fields:
                counts[f"output {output.name}", what] = getattr(output, what)
        self._counts.append((status.seconds, counts))
        while len(self._counts) > 2 and self._counts[0][0] < status.seconds - _RATE_SPAN:
            self._counts.popleft()

    def of(self, name: str) -> float:
        """Return the signals a second of the input called `name`; 0 while unknown."""
        return self._rate((name, "signals"))

    def of_output(self, name: str) -> OutputRates:
        """Return what the output called `name` does in a second; zeros while unknown, and after it began anew."""
        return OutputRates(*(max(0.0, self._rate((f"output {name}", what))) for what in OutputRates._fields))

    def _rate(self, of: tuple[str, str]) -> float:
        (since, before), (until, after) = self._counts[0], self._counts[-1]
        if until <= since or of not in before or of not in after:
            return 0.0
        return (after[of] - before[of]) / (until - since)


def ending_of(status: Status) -> str:
    """PURE. Return the line that sums up the run that ends: `ended after 0:03:12: 2,870 frames, 214 messages`."""
    scopes = (status.scope, *status.others)
    frames, messages = sum(scope.frames for scope in scopes), sum(scope.messages for scope in scopes)
    time = timedelta(seconds=int(status.seconds))
    return f"ended after {time}: {_count(frames, 'frame')}, {_count(messages, 'message')}"


def picture_of(status: Status, rates: Rates, console: Console) -> RenderableType:
    """Return what `console` shows, made for its size; routes that do not fit in its height are counted instead."""
    scopes = (status.scope, *status.others)
    streaming = any(scope.phase is Phase.STREAMING for scope in scopes)
    outputs = [_output(entry, rates.of_output(entry.name), streaming) for entry in status.outputs]
    rows = [
        *_titled("Show", _show(status.show)),
        *_titled("Levels", _levels(status.show)),
        *_titled("Inputs", [(entry.name, _input(entry, rates.of(entry.name))) for entry in status.inputs]),
        *_titled("Outputs", outputs),
    ]
    phases = (len(scope.phase.value) for scope in scopes)
    names = min(_NAME_WIDTH, max(*phases, *(len(name.plain) for _, name, _ in rows), 0))
    parts: list[RenderableType] = [""]
    for scope in scopes:
        table = _table(names)
        table.add_row(_clean(scope.name) or "Scope", _phase(scope), _text(scope.detail))
        figures = _in_lines(_figures(scope), console.width - _TITLE_WIDTH - _GAP)
        parts += [table, Padding(Text(figures, "dim"), (0, 0, 0, _TITLE_WIDTH + _GAP))]
    if rows:
        about = _table(names)
        for row in rows:
            about.add_row(*row)
        parts.append(about)
    complaints = Text("\n".join(f"! {_clean(each)}" for each in status.complaints), style=_WAITING)
    if complaints:
        parts.append(complaints)  # above the routes: what does not fit is cut off below
    if status.notes:
        about_notes = f"{_count(len(status.notes), 'note')} about the profile: scope-bridge check prints them"
        parts.append(Text(about_notes, "dim", no_wrap=True, overflow="ellipsis"))
    if status.routes:
        rest = console.height - len(console.render_lines(Group(*parts), pad=False)) - _SPARE_LINES
        parts.append(_routes(status.routes, min(console.width, _ROUTES_WIDTH), rest))
    return Group(*parts)


def _table(names: int) -> Table:
    table = Table.grid(padding=(0, _GAP), expand=True)
    table.add_column(width=_TITLE_WIDTH, style="dim", no_wrap=True)
    table.add_column(width=names, no_wrap=True, overflow="ellipsis")
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    return table


def _titled(title: str, rows: Sequence[tuple[str | Text, Text]]) -> list[tuple[str, Text, Text]]:
    return [
        ("" if index else title, name if isinstance(name, Text) else _text(name), about)
        for index, (name, about) in enumerate(rows)
    ]


def _phase(scope: ScopeStatus) -> Text:
    return Text(scope.phase.value, style=f"bold {_PHASE_STYLES.get(scope.phase, _WAITING)}")


def _figures(scope: ScopeStatus) -> list[str]:
    reconnects = max(0, scope.sessions - 1)
    figures = [
        f"{scope.fps:.1f} fps",
        f"chunk {_seconds(scope.chunk_seconds)}",
        f"age {_seconds(scope.frame_age)}",
        f"{scope.messages} messages · {scope.chunks} chunks",
    ]
    if scope.round_trip is not None and scope.round_trip >= _FAR:
        figures.append(f"{scope.round_trip * 1000:.0f} ms away")
    if scope.bandwidth is not None:
        figures.append(f"{scope.bandwidth / 1e6:.1f} Mbit/s")
    if scope.sent_up:
        parts = ((scope.sent_up, "sent up"), (scope.sent_up_again, "again"), (scope.dropped_up, "dropped"))
        figures.append("video " + " · ".join(f"{count:,} {what}" for count, what in parts if count))
    if scope.latency is not None:
        figures.append(f"hand to picture {_seconds(scope.latency)}")
    if scope.progress is not None:
        figures.append(f"{scope.progress:.0%}")
    if reconnects:
        figures.append(_count(reconnects, "reconnect"))
    if scope.standby:
        figures.append(_clean(f"{'main server' if scope.on_standby else 'standby'}: {scope.standby}"))
    return figures


def _in_lines(figures: list[str], width: int) -> str:
    """Return the figures in lines of at most `width` cells; none is torn apart while it fits in a line."""
    lines = figures[:1]
    for figure in figures[1:]:
        longer = f"{lines[-1]}{' ' * _GAP}{figure}"
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(figure)
    return "\n".join(lines)


def _show(show: ShowStatus) -> list[tuple[str, Text]]:
    """Return the one row of a show that has more to it than routes: scene, cue, page, tempo."""
    text = Text()
    if show.cues:
        text.append(_clean(f"cue {show.cue or '–'}"))
        if show.coming is not None:
            text.append(_clean(f", {show.coming} waits"), _WAITING)
    for more in (
        f"page {', '.join(show.turned)}" if show.turned else None,
        None if show.bpm is None else f"{show.bpm:.4g} bpm",
    ):
        if more is not None:
            text.append(_clean(f"   {more}" if text else more))
    return [(show.scene or "–", text)] if text or show.scenes else []


def _levels(show: ShowStatus) -> list[tuple[str, Text]]:
    """Return the one row of a show that has faders: the levels that a hand can be off from."""
    said = [f"{fader.name} {'–' if fader.value is None else f'{fader.value:.2f}'}" for fader in show.faders]
    return [("", _text("   ".join(said)))] if said else []


def _input(entry: InputStatus, rate: float) -> Text:
    feeds = f"   → {entry.feeds}" if entry.feeds else ""
    text = _text(f"{entry.where}   {rate:.0f} /s{feeds}")
    if entry.refused:
        text.append(f"   {entry.refused} refused")
    return _and_trouble(text, entry.detail)


def _output(entry: OutputStatus, rates: OutputRates, streaming: bool) -> tuple[Text, Text]:
    """Return an output's name, and what there is to say of it: the hand and the trouble first, for the end may be cut off."""
    name, text = _text(entry.name), _text(entry.where)
    if entry.receivers is not None:
        text.append(f"   {entry.receivers} watching")
    if entry.frozen:
        text.append("   frozen", "bold cyan")
    if entry.level < 1:
        text.append("   black" if entry.level == 0 else f"   level {entry.level:.2f}", "bold red")
    for trouble in _troubles(entry, rates, streaming):
        name.stylize(f"bold {_WAITING}")
        text.append(f"   {trouble}", _WAITING)
    text.append("".join(f"   {figure}" for figure in _of_output(entry, rates)), "dim")
    return name, text


def _troubles(entry: OutputStatus, rates: OutputRates, streaming: bool) -> Iterator[str]:
    """Yield what is wrong with an output. While no Scope sends pictures, that none comes is no fault of its own."""
    if entry.detail:
        yield _clean(entry.detail)
    if streaming and entry.age is not None and entry.age >= _STALE:
        yield f"no new picture for {entry.age:.0f} s"
    if entry.sent and rates.overwritten >= 1 and entry.name != _PAGE:
        yield f"{rates.overwritten:.0f} /s overwritten"


def _of_output(entry: OutputStatus, rates: OutputRates) -> Iterator[str]:
    """Yield the numbers of an output, those that matter most first."""
    if rates.sent:
        yield f"{rates.shown:.1f}{_ARROW}{rates.sent:.1f} fps" if entry.shown else f"{rates.sent:.1f} fps"
    if entry.age is not None:
        yield f"age {_seconds(entry.age)}"
    if entry.delay:
        yield f"late {_seconds(entry.delay)}"
    if entry.conversion is not None:
        yield f"{entry.conversion * 1000:.1f} ms"
    if entry.sent and entry.overwritten:
        yield f"{entry.overwritten:,} overwritten"


def _and_trouble(text: Text, trouble: str) -> Text:
    return text.append(f"   {_clean(trouble)}", _WAITING) if trouble else text


def _routes(routes: tuple[RouteStatus, ...], width: int, height: int) -> Table:
    kept = (width >= _TITLE_FROM, True, width >= _ASKED_FROM, True)
    others = compress((_TITLE_WIDTH, 0, _VALUE_WIDTH, _VALUE_WIDTH), kept)
    names = width - sum(others) - _GAP * (sum(kept) - 1)
    columns = (
        Column(width=_TITLE_WIDTH, no_wrap=True),
        Column(width=names, no_wrap=True, overflow="ellipsis"),
        Column(width=_VALUE_WIDTH, justify="right", no_wrap=True, overflow="ellipsis"),
        Column(width=_VALUE_WIDTH, justify="right", no_wrap=True, overflow="ellipsis"),
    )
    table = Table.grid(*compress(columns, kept), padding=(0, _GAP))

    def add(title: str, name: Text, asked: Text, in_picture: Text) -> None:
        table.add_row(*compress((Text(title, "dim"), name, asked, in_picture), kept))

    name = "" if kept[0] else "Routes"
    add("Routes", Text(name, "dim"), Text("asked", "dim"), Text("in the picture", "dim"))
    fitting = len(routes) if len(routes) < height else max(0, height - 2)
    for route in routes[:fitting]:
        shown = Text(_line(_value(route.in_picture)))
        if route.asked is not None and route.in_picture != route.asked:
            shown.stylize(_WAITING)
        add("", Text(_way(route, names)), Text(_line(_value(route.asked))), shown)
    if fitting < len(routes):
        add("", Text(f"and {len(routes) - fitting} more", "dim"), Text(), Text())
    return table


def _way(route: RouteStatus, width: int) -> str:
    """Return `signal → target` in at most `width` cells; what is too long loses its middle, the target less of it."""
    signal, target = _line(route.signal), _line(route.target)
    room = width - cell_len(_ARROW)
    for_target = min(cell_len(target), max((room + 1) // 2, room - cell_len(signal)))
    return f"{_shortened(signal, room - for_target)}{_ARROW}{_shortened(target, for_target)}"


def _shortened(name: str, width: int) -> str:
    if cell_len(name) <= width:
        return name
    end = width // 2  # not the smaller half: names in a row differ at their end, as fader1 and fader2
    return f"{set_cell_size(name, width - 1 - end)}…{set_cell_size(name[::-1], end)[::-1]}"


def _value(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:.3f}"
        case list() | tuple():
            return " ".join(_value(each) for each in value)
        case _:
            return str(value)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _text(text: str) -> Text:
    return Text(_clean(text))


def _clean(text: str) -> str:
    """Keep the lines and what can be printed in them: a sender's text must not steer the terminal."""
    return "\n".join(printable(line) for line in text.splitlines())


def _line(text: str) -> str:
    """Return the text as one line: a prompt of three lines is still one route."""
    return printable(" ".join(text.splitlines()))


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
