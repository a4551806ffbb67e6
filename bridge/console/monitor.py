"""PURE. What arrives, as a table for a terminal or as lines: every signal with its values, range, rate, count and age.

listening to the show of club.yaml (process 4711) · http://127.0.0.1:8765
Inputs   apc  MIDI port APC40 mkII   42 /s
         td   OSC on 127.0.0.1:9000   0 /s
signal                       newest         range seen      rate      count     age
apc/fader/1                   0.504              0 … 1     42 /s      1,204   0.0 s
td/go                       trigger                                      12   3.1 s
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from bridge.log import printable
from bridge.signals import Batch, Value

MOST: Final = 4096
"""Signals that are told apart; of what comes after, only the messages are counted."""
MOVED: Final = 1.0
"""Seconds for which a signal that has moved stands out."""

_POSITIONS: Final = 4
"""Values of a message whose range is kept."""
_BYTES: Final = 8
"""Bytes of a message that are shown."""
_ACTIVE: Final = 2.0
"""Seconds since it moved after which a signal gives way to others, where not all fit."""
_BARE: Final = re.compile(r"[^\W\d][^\s\"]*")
"""A text that needs no quotes, unless it is one of the next."""
_WORDS: Final = ("true", "false", "nothing", "nan", "inf")
_TITLE_WIDTH: Final = 7
_INPUT_WIDTH: Final = 16
_GAP: Final = 2
_NAME_WIDTH: Final = 48
_NAME_LEAST: Final = 8
_NEWEST_WIDTH: Final = 22
_NEWEST_LEAST: Final = 10
_WIDTHS: Final = {"range seen": 17, "rate": 8, "count": 9, "age": 6}
"""The columns of figures, in their order."""
_KEPT_FIRST: Final = ("rate", "range seen", "age", "count")
"""The same in the order in which they are worth the room."""
_WAITING: Final = "yellow"


class Range(NamedTuple):
    """What was seen of the numbers at one place in a signal's messages."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One signal."""

    path: str
    values: tuple[Value, ...]
    """The newest; none: a trigger."""
    ranges: tuple[Range | None, ...]
    """Of the first values of its messages; None where no finite number was seen."""
    rate: float
    """Messages per second, over about one second."""
    count: int
    """Messages since the beginning."""
    age: float
    """Seconds since the newest message."""
    still: float
    """Seconds since it moved: since a message that was another than the one before, or a trigger."""


@dataclass(slots=True)
class _Seen:
    values: tuple[Value, ...] = ()
    ranges: list[Range | None] = field(default_factory=list)
    rate: float = 0.0
    count: int = 0
    at: float = 0.0
    moved: float = 0.0


class Heard:
    """Everything that has arrived, a row for each signal, in the order in which they were first heard."""

    def __init__(self, most: int = MOST) -> None:
        """`most` bounds the rows."""
        self._most = most
        self._rows: dict[str, _Seen] = {}
        self.count = 0
        """Messages since the beginning."""
        self.beyond = 0
        """Of these, the ones of signals that have no row, as there are too many."""
        self.lost = 0
        """Batches that were too many to be taken."""

    def feed(self, batch: Batch) -> None:
        """Take what arrived."""
        for path, values in batch.samples:
            self.count += 1
            row = self._rows.get(path)
            if row is None:
                if len(self._rows) >= self._most:
                    self.beyond += 1
                    continue
                row = self._rows[path] = _Seen(at=batch.time)
            _take(row, values, batch.time)

    def rows(self, now: float) -> list[Row]:
        """Return all signals."""
        return [
            Row(
                path,
                seen.values,
                tuple(seen.ranges),
                _decayed(seen.rate, now - seen.at),
                seen.count,
                max(0.0, now - seen.at),
                max(0.0, now - seen.moved),
            )
            for path, seen in self._rows.items()
        ]

    def rate(self, name: str, now: float) -> float:
        """Return the messages per second of the input called `name`."""
        own = (seen for path, seen in self._rows.items() if path.partition("/")[0] == name)
        return sum(_decayed(seen.rate, now - seen.at) for seen in own)


def fitting(rows: Sequence[Row], most: int) -> list[Row]:
    """Return at most `most` rows in their order: those that moved last, so that a hand finds what it touches.

    Those that moved within the last two seconds are equals: what moves all the time must not make the others jump.
    """
    if len(rows) <= most:
        return list(rows)
    by_stillness = sorted(range(len(rows)), key=lambda place: max(rows[place].still, _ACTIVE))
    return [rows[place] for place in sorted(by_stillness[: max(0, most)])]


class Ear(NamedTuple):
    """One input, as the monitor tells of it."""

    name: str
    where: str
    """For a person: `OSC on 127.0.0.1:9000`."""
    trouble: str = ""
    """What is wrong, or what it waits for."""


def picture_of(head: str, ears: Sequence[Ear], heard: Heard, now: float, console: Console) -> RenderableType:
    """Return what `console` shows, made for its size; signals that do not fit in its height are counted instead."""
    parts: list[RenderableType] = [Text(printable(head), "dim", no_wrap=True, overflow="ellipsis")]
    if ears:
        about = Table.grid(padding=(0, _GAP), expand=True)
        about.add_column(width=_TITLE_WIDTH, style="dim", no_wrap=True)
        about.add_column(
            width=min(_INPUT_WIDTH, max(cell_len(ear.name) for ear in ears)), no_wrap=True, overflow="ellipsis"
        )
        about.add_column(ratio=1)
        shown_ears = ears[: max(1, console.height // 3)]  # the rest of the room is for what arrives
        for index, ear in enumerate(shown_ears):
            about.add_row("" if index else "Inputs", Text(printable(ear.name)), _about(ear, heard.rate(ear.name, now)))
        if len(shown_ears) < len(ears):
            about.add_row("", "", Text(f"and {len(ears) - len(shown_ears)} more", "dim"))
        parts.append(about)
    parts += [Text(remark, _WAITING, no_wrap=True, overflow="ellipsis") for remark in _remarks(heard)]
    rows = heard.rows(now)
    taken = len(console.render_lines(Group(*parts), pad=False)) + 2  # the table's head, and the cursor's line
    room = max(0, console.height - taken)
    if rows:
        shown = rows if len(rows) <= room else fitting(rows, room - 1)
        if shown:
            parts.append(_table(shown, console.width))
        if len(shown) < len(rows):
            parts.append(Text(f"and {len(rows) - len(shown):,} more", "dim", no_wrap=True, overflow="ellipsis"))
    else:
        parts.append(Text("nothing has arrived yet", "dim", no_wrap=True, overflow="ellipsis"))
    return Group(*parts)


def line_of(path: str, values: tuple[Value, ...], since: float) -> str:
    """Return one message as a line, `12.041 apc/fader/1 0.5`; `since` is when it came, in seconds of the monitor's run.

    A text that could be taken for something else is in quotes.
    """
    words = [printable(path), *(_word(value) for value in values)]
    return f"{since:.3f} {' '.join(words)}"


def _take(row: _Seen, values: tuple[Value, ...], at: float) -> None:
    # A rate that forgets with a time constant of one second: each message adds one per second to it.
    row.rate = _decayed(row.rate, at - row.at) + 1.0
    if not values or values != row.values or not row.count:
        row.moved = at
    row.values, row.at = values, at
    row.count += 1
    for place, value in enumerate(values[:_POSITIONS]):
        if place == len(row.ranges):
            row.ranges.append(None)
        if isinstance(value, float | int) and not isinstance(value, bool) and math.isfinite(value):
            seen = row.ranges[place]
            row.ranges[place] = (
                Range(value, value) if seen is None else Range(min(seen.low, value), max(seen.high, value))
            )


def _decayed(rate: float, seconds: float) -> float:
    return rate * math.exp(-max(0.0, seconds))


def _about(ear: Ear, rate: float) -> Text:
    text = Text(printable(ear.where), no_wrap=not ear.trouble, overflow=None if ear.trouble else "ellipsis")
    if ear.trouble:  # what to do stands at its end, so it may take several lines
        return text.append(f"{'   ' if ear.where else ''}{printable(ear.trouble)}", _WAITING)
    return text.append(f"   {rate:.0f} /s", "" if rate >= 0.5 else "dim")


def _remarks(heard: Heard) -> Iterator[str]:
    if heard.lost:
        yield f"! {heard.lost:,} bursts came too fast to be shown here; the show has them all"
    if heard.beyond:
        yield f"! {heard.beyond:,} messages of further signals: only the first {MOST:,} signals are told apart"


def _table(rows: Sequence[Row], width: int) -> Table:
    paths = {row.path: printable(row.path) for row in rows}
    longest = max(cell_len(path) for path in paths.values())
    # The names come first: what else there is room for is shown.
    room = width - min(longest, _NAME_WIDTH)
    newest = _NEWEST_WIDTH if room >= sum(_WIDTHS.values()) + _NEWEST_WIDTH + 4 * _GAP + _GAP else _NEWEST_LEAST
    room -= newest + _GAP
    kept = []
    for title in _KEPT_FIRST:
        if room >= _WIDTHS[title] + _GAP:
            kept.append(title)
            room -= _WIDTHS[title] + _GAP
    titles = [title for title in _WIDTHS if title in kept]
    names = max(_NAME_LEAST, min(longest, width - newest - _GAP - sum(_WIDTHS[title] + _GAP for title in titles)))
    columns = [
        Column("signal", width=names, no_wrap=True),
        Column("newest", width=newest, justify="right", no_wrap=True),
    ]
    columns += [Column(title, width=_WIDTHS[title], justify="right", no_wrap=True) for title in titles]
    table = Table(*columns, box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for row in rows:
        figures = {
            "range seen": _beginning(_ranges(row.ranges), _WIDTHS["range seen"]),
            "rate": f"{row.rate:.0f} /s" if row.rate >= 0.5 else "",
            "count": f"{row.count:,}",
            "age": _age(row.age),
        }
        cells = [_ending(paths[row.path], names), _beginning(_values(row.values), newest)]
        style = "bold" if row.still < MOVED else "" if row.age < MOVED else "dim"
        table.add_row(*(Text(cell) for cell in [*cells, *(figures[title] for title in titles)]), style=style)
    return table


def _ending(text: str, width: int) -> str:
    """Return `text` in `width` cells: what is too long loses its middle, for names in a row differ at their end."""
    if cell_len(text) <= width:
        return text
    end = 2 * width // 3
    return f"{set_cell_size(text, width - 1 - end)}…{set_cell_size(text[::-1], end)[::-1]}"


def _beginning(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"


def _values(values: tuple[Value, ...]) -> str:
    return " ".join(_value(value) for value in values) if values else "trigger"


def _value(value: Value) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "on" if value else "off"
        case float():
            return _number(value)
        case bytes():
            shown = value[:_BYTES].hex(" ")
            return shown if len(value) <= _BYTES else f"{shown} … ({len(value)} bytes)"
        case str():
            return printable(" ".join(value.splitlines()))
        case _:
            return str(value)


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 1e6 else f"{value:.4g}"


def _ranges(ranges: tuple[Range | None, ...]) -> str:
    """Return the ranges seen; of several values without spaces, to have room for the second."""
    if not any(ranges):
        return ""
    told = ["–" if each is None else " … ".join(dict.fromkeys(map(_short, each))) for each in ranges]
    return told[0] if len(told) == 1 else ", ".join(each.replace(" ", "") for each in told)


def _short(value: float) -> str:
    """Return a range's end: with the digits of a controller, and what is nearly nothing as nothing."""
    if abs(value) < 0.0005:
        return "0"
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 1000 else f"{value:.5g}"


def _age(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"


def _word(value: Value) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.6g}"
        case bytes():
            return value.hex()
        case str():
            text = printable(value)
            return text if _BARE.fullmatch(text) and text not in _WORDS else json.dumps(text, ensure_ascii=False)
        case _:
            return str(value)
