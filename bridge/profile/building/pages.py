"""From pages as they are written to what a controller does: each pad of a grid becomes a route like any other."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bridge.profile.filters import Toggle
from bridge.profile.language.pages import Laid, Row
from bridge.profile.language.routes import short
from bridge.profile.model import Page, Route, Target
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given
from bridge.profile.source.problems import Notes, Place, did_you_mean
from bridge.profile.targets import lookup, traits
from bridge.profile.targets.names import Names

_SNAPSHOTS = 99


@dataclass(slots=True)
class Reader:
    """Puts pages together, once the names of the whole profile are known."""

    names: Names
    notes: Notes
    signal: Callable[[Given[str]], bool]
    """Notes what is wrong with a signal; returns whether it can arrive."""
    routes: Callable[[Sequence[Given[Fields]], str], list[Route]]
    """Makes routes of what `RouteList` read, for the page of that name."""
    holds: Callable[[Given[str]], bool]
    """Notes what is wrong with a signal that is to be held down; returns whether it can be."""
    pads: Callable[[str, Place], list[list[str | None]] | None]
    """Returns the signals of a grid's pads by row and column, none at all after noting, at that place, that there is no
    such grid; None where how many there are is not known."""
    inputs: Collection[str] | None
    """The inputs of the profile; None: not known."""
    unsure: Collection[str] = ()
    """Those whose controller could not be read, which is said there."""

    def pages(self, given: Mapping[str, Given[Fields]]) -> dict[str, Page]:
        """Return the pages by name, in the order of the file: the first is where a show starts.

        A pad becomes a route like any other, from `<grid>/<row>/<column>`.
        """
        return {name: self._page(name, one.value) for name, one in given.items()}

    def _page(self, name: str, fields: Fields) -> Page:
        held, latched = (self._button(fields, key) for key in ("while", "from"))
        on = self._on(name, fields)
        if "while" in fields and "from" in fields:
            self.notes.error(
                fields["from"].key,
                f"the page '{name}' is held by one button and latched by another, and only one of them can turn it",
                f"for as long as a button is down: while: {fields['while'].value}",
                f"with each press, there and back: from: {fields['from'].value}",
                elsewhere=fields["while"].key,
            )
        written: list[Given[Fields]] = list(fields["routes"].value) if "routes" in fields else []
        grids: Mapping[str, Given[list[Row | Laid]]] = fields["grids"].value if "grids" in fields else {}
        for grid, rows in grids.items():
            written.extend(self._pads(grid, rows))
        if on is not None:
            self._check_own(name, on, written)
        return Page(name, held, latched, tuple(self.routes(written, name)), on)

    def _button(self, fields: Fields, key: str) -> str | None:
        given: Given[str] | None = fields.get(key)
        if given is None or not self.signal(given) or (key == "while" and not self.holds(given)):
            return None
        return given.value

    def _on(self, name: str, fields: Fields) -> str | None:
        """Return the input that a page is for."""
        given: Given[str] | None = fields.get("for")
        if given is None:
            return None
        if self.inputs is not None and given.value not in self.inputs:
            self.notes.error(
                given.place,
                f"the page '{name}' is for the input '{shorten(given.value)}', and there is none of that name",
                did_you_mean(given.value, self.inputs)
                or (f"the inputs are {', '.join(self.inputs)}" if self.inputs else "take it out"),
            )
            return None
        return given.value

    def _check_own(self, name: str, on: str, written: Sequence[Given[Fields]]) -> None:
        """Note routes of a page for one input that listen to another one."""
        for route in written:
            heard: list[Given[str]] = route.value["from"].value if "from" in route.value else []
            for one in heard:
                other = one.value.partition("/")[0]
                if other != on and other in (self.inputs or ()):
                    self.notes.error(
                        one.place,
                        f"the page '{name}' is for the controls of {on}, and this listens to {other}",
                        f"put it on a page without 'for: {on}', or among the routes of the profile",
                    )

    def _pads(self, grid: str, given: Given[list[Row | Laid]]) -> list[Given[Fields]]:
        """Return the routes of a grid, as if they were written out. Where no pad can arrive, that is said once."""
        known = self.pads(grid, given.key)
        if known == [] or (known is None and not self.signal(Given(f"{grid}/1/1", given.key, given.key))):
            return []
        if known is None and (laid := next((row for row in given.value if isinstance(row, Laid)), None)):
            if grid.partition("/")[0] not in self.unsure:
                self.notes.error(
                    laid.place,
                    f"{laid.text} is laid over all pads of {grid}, and how many there are is not known",
                    "say which controller the input is: controller: akai-apc40-mk2",
                    f"or write the rows out: [[{self._two_of(laid)}]]",
                )
            return []
        routes: list[Given[Fields]] = []
        for row, cells in _laid_out(self, given.value, known):
            for column, cell in enumerate(cells, 1):
                if cell is None or self._bare(cell):
                    continue
                signal = f"{grid}/{row}/{column}" if known is None else self._there(known, row, column, grid, cell)
                if signal is None:
                    continue
                pad = Given(signal, cell.place, cell.place)
                found = lookup.find(cell.value, cell.place, self.names, self.notes)
                if found is not None and self._fits(pad.value, cell, found[1]):
                    fields = dict(short(pad, cell))
                    if known is not None and traits.is_switch(found[1]):  # such pads spring back
                        fields["filters"] = Given([Given(Toggle(), cell.place, cell.place)], cell.place, cell.place)
                    routes.append(Given(fields, cell.place, cell.place))
        return routes

    def _there(self, pads: list[list[str | None]], row: int, column: int, grid: str, cell: Given[str]) -> str | None:
        """Return the signal of a pad, after noting one that the controller does not have."""
        signal = pads[row - 1][column - 1] if row <= len(pads) and column <= len(pads[row - 1]) else None
        if signal is None:
            size = f"{_count(len(pads), 'row')} of {len(pads[0])}"
            where = f"row {row}" if row > len(pads) else f"column {column}"
            self.notes.error(
                cell.place,
                f"{grid} is {size}, and {shorten(cell.value)} stands in {where}",
                "put it onto another page, or take it out",
            )
        return signal

    def named(self, laid: Laid) -> list[str] | None:
        """Return the targets of all that is laid over pads, in the order of the profile; None: not all are known. Of
        snapshots there are as many as there are pads."""
        if laid.kind.startswith("snapshot/"):
            return [f"{laid.kind}/{number}" for number in range(1, _SNAPSHOTS + 1)]
        known = self._tables[laid.kind]
        return None if known is None else [f"{laid.kind}/{name}" for name in known]

    def left_out(self, laid: Laid, targets: Sequence[str]) -> None:
        """Warn of what finds no pad."""
        if laid.kind.startswith("snapshot/"):
            return
        names = [target.removeprefix(f"{laid.kind}/") for target in targets]
        some = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        self.notes.warning(
            laid.place,
            f"there are not enough pads for {laid.text}: left out {'is' if len(names) == 1 else 'are'} {shorten(some, 120)}",
            "give them a page of their own, written out, or another grid",
        )

    def nothing(self, laid: Laid) -> None:
        """Note that there is nothing to lay over pads."""
        what = {"prompt": "no bank of prompts", "source": "no video inputs"}.get(laid.kind, f"no {laid.kind}s")
        self.notes.error(laid.place, f"this profile has {what}, so {laid.text} is nothing", "take it out, or add some")

    def _two_of(self, laid: Laid) -> str:
        names = (self.named(laid) or [])[:2]
        return ", ".join(names) or f"{laid.kind}/intro"

    @property
    def _tables(self) -> Mapping[str, Collection[str] | None]:
        return {
            "scene": self.names.scenes,
            "prompt": self.names.bank,
            "cue": self.names.cues,
            "page": self.names.pages,
            "source": self.names.inputs,
        }

    def _bare(self, cell: Given[str]) -> bool:
        """Note a name without what it is the name of; return whether it is one."""
        tables = self._tables
        kinds = [kind for kind, known in tables.items() if kind != "source" and cell.value in (known or ())]
        if not kinds or cell.value in lookup.plain_names():
            return False
        self.notes.error(
            cell.place,
            f"'{shorten(cell.value)}' is the name of a {kinds[0]}, and a pad leads to a target",
            f"write {' or '.join(f'{kind}/{cell.value}' for kind in kinds)}",
        )
        return True

    def _fits(self, pad: str, cell: Given[str], target: Target) -> bool:
        """Note a target that a press cannot mean; return whether it can."""
        if traits.is_trigger(target) or traits.is_switch(target):
            return True
        hint = None
        if cell.value == "prompt" or re.fullmatch(r"prompt/[^/]+/text", cell.value):
            bank = next(iter(self.names.bank or ()), "reef")
            hint = f"a prompt of the bank has a target of its own: prompt/{bank}"
        self.notes.error(
            cell.place,
            f"a pad happens or switches, and {cell.value} takes {traits.takes(target, {})}",
            hint or "set it by a scene, and put that here: scene/<name>",
            f"or give it a route: {pad} -> {cell.value}",
        )
        return False


def _laid_out(reader: Reader, rows: Sequence[Row | Laid], pads: list[list[str | None]] | None) -> list[tuple[int, Row]]:
    """Return the rows of a grid with their numbers, what is laid over the pads filled in: each begins a row of its own."""
    found: list[tuple[int, Row]] = []
    number = 1
    for row in rows:
        if not isinstance(row, Laid):
            found.append((number, row))
            number += 1
            continue
        targets = reader.named(row)
        if targets is not None and not targets:
            reader.nothing(row)
        left = list(targets or ())
        while left and pads is not None and number <= len(pads):
            cells: Row = []
            for pad in pads[number - 1]:  # a place without a pad is passed over
                cells.append(Given(left.pop(0), row.place, row.place) if pad is not None and left else None)
            found.append((number, cells))
            number += 1
        if left:
            reader.left_out(row, left)
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
