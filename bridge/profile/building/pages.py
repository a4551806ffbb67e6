"""From pages as they are written to what a controller does: each pad of a grid becomes a route like any other."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bridge.profile.language.pages import Row
from bridge.profile.language.routes import short
from bridge.profile.model import Page, Route, Target
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given
from bridge.profile.source.problems import Notes
from bridge.profile.targets import lookup, traits
from bridge.profile.targets.names import Names


@dataclass(slots=True)
class Reader:
    """Puts pages together, once the names of the whole profile are known."""

    names: Names
    notes: Notes
    signal: Callable[[Given[str]], bool]
    """Notes what is wrong with a signal; returns whether it can arrive."""
    routes: Callable[[Sequence[Given[Fields]], str], list[Route]]
    """Makes routes of what `RouteList` read, for the page of that name."""

    def pages(self, given: Mapping[str, Given[Fields]]) -> dict[str, Page]:
        """Return the pages by name, in the order of the file: the first is where a show starts.

        A pad becomes a route like any other, from `<grid>/<row>/<column>`.
        """
        return {name: self._page(name, one.value) for name, one in given.items()}

    def _page(self, name: str, fields: Fields) -> Page:
        held, latched = (self._button(fields, key) for key in ("while", "from"))
        if "while" in fields and "from" in fields:
            self.notes.error(
                fields["from"].key,
                f"the page '{name}' is held by one button and latched by another, and only one of them can turn it",
                f"for as long as a button is down: while: {fields['while'].value}",
                f"with each press, there and back: from: {fields['from'].value}",
                elsewhere=fields["while"].key,
            )
        written: list[Given[Fields]] = list(fields["routes"].value) if "routes" in fields else []
        grids: Mapping[str, Given[list[Row]]] = fields["grids"].value if "grids" in fields else {}
        for grid, rows in grids.items():
            written.extend(self._pads(grid, rows))
        return Page(name, held, latched, tuple(self.routes(written, name)))

    def _button(self, fields: Fields, key: str) -> str | None:
        given: Given[str] | None = fields.get(key)
        return given.value if given is not None and self.signal(given) else None

    def _pads(self, grid: str, given: Given[list[Row]]) -> list[Given[Fields]]:
        """Return the routes of a grid, as if they were written out. Where no pad can arrive, that is said once."""
        if not self.signal(Given(f"{grid}/1/1", given.key, given.key)):
            return []
        routes: list[Given[Fields]] = []
        for row, cells in enumerate(given.value, 1):
            for column, cell in enumerate(cells, 1):
                if cell is None:
                    continue
                if self._bare(cell):
                    continue
                pad = Given(f"{grid}/{row}/{column}", cell.place, cell.place)
                found = lookup.find(cell.value, cell.place, self.names, self.notes)
                if found is not None and self._fits(pad.value, cell, found[1]):
                    routes.append(Given(short(pad, cell), cell.place, cell.place))
        return routes

    def _bare(self, cell: Given[str]) -> bool:
        """Note a name without what it is the name of; return whether it is one."""
        tables = {
            "scene": self.names.scenes,
            "prompt": self.names.bank,
            "cue": self.names.cues,
            "page": self.names.pages,
        }
        kinds = [kind for kind, known in tables.items() if cell.value in (known or ())]
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
