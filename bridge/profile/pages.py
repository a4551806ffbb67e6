"""What the `pages:` of a profile can be: what a controller does meanwhile.

pages:
  perform: {grids: {apc/pad: [[scene/intro, scene/drop], [prompt/reef, ~]]}}
  looks:
    while: apc/shift
    routes: [{from: "apc/fader/{n}", to: "lora/{n}"}]
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bridge.profile import source, targets
from bridge.profile.model import Page, Route, Target
from bridge.profile.problems import Notes
from bridge.profile.routes import RouteList, short
from bridge.profile.scene_shapes import NAME
from bridge.profile.shapes import Json, Subject, is_nothing, refuse, shorten, told
from bridge.profile.structures import Field, Fields, Given, Record, Table
from bridge.profile.values import Text

Row = list[Given[str] | None]
"""The targets of a row of pads; None: a pad that does nothing."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of pads, each with the target that a press of it leads to."""

    what: str = "a list of rows, each a list of targets"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> list[Row] | None:
        if not isinstance(node, source.Sequence):
            written = f"[[{node.text}]]" if isinstance(node, source.Scalar) and node.text else None
            refuse(node, notes, subject, self.what, f"write {subject.name}: {written}" if written else None)
            return None
        flat = [item for item in node.items if isinstance(item, source.Scalar) and not is_nothing(item)]
        if flat:
            row = ", ".join(item.text or "~" for item in node.items if isinstance(item, source.Scalar))
            notes.error(
                flat[0].place,
                f"a grid is a list of rows, and '{shorten(flat[0].text)}' stands in none",
                f"write {subject.name}: [[{shorten(row, 60)}]]",
            )
            return None
        return [self._row(row, notes, subject) for row in node.items]

    def schema(self) -> Json:
        cell: Json = {"anyOf": [{"type": "string", "pattern": f"^(?:{targets.regex_of_all()})?$"}, {"type": "null"}]}
        return {"type": "array", "items": {"anyOf": [{"type": "array", "items": cell}, {"type": "null"}]}}

    def _row(self, node: source.Node, notes: Notes, subject: Subject) -> Row:
        if is_nothing(node):
            return []
        if not isinstance(node, source.Sequence):
            if not isinstance(node, source.Unreadable):
                notes.error(node.place, f"a row of a grid is a list of targets, not {told(node)}", subject.hint)
            return []
        return [self._cell(cell, notes) for cell in node.items]

    def _cell(self, node: source.Node, notes: Notes) -> Given[str] | None:
        if is_nothing(node) or (isinstance(node, source.Scalar) and not node.text.strip()):
            return None
        if isinstance(node, source.Scalar) and " -> " in node.text:
            notes.error(
                node.place,
                "a pad of a grid is the signal itself: only its target stands here",
                f"write {shorten(node.text.split(' -> ')[-1].strip())}",
            )
            return None
        if not isinstance(node, source.Scalar):
            if not isinstance(node, source.Unreadable):
                notes.error(
                    node.place,
                    f"a pad of a grid is the target that a press leads to, not {told(node)}",
                    "for example: [[scene/intro, prompt/reef]]",
                )
            return None
        text = Text("a target").read(node, notes, Subject("a pad of a grid", ""))
        return None if text is None else Given(text, node.place, node.place)


@dataclass(frozen=True, slots=True)
class Button:
    """The signal of one button."""

    what: str = "the signal of a button: input/path"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> str | None:
        several = isinstance(node, source.Sequence)
        text = None if several else Text(self.what).read(node, notes, subject)
        if several or (text is not None and re.search(r"[*{\[]", text)):
            notes.error(
                node.place,
                f"{subject.called} takes the signal of one button, and this can be several",
                "write several routes to a page instead: - apc/bank/1 -> page/looks",
            )
            return None
        return text

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^[^/*{}\[\]]+/[^*{}\[\]]+$"}


PAGE = Record(
    "a page",
    (
        Field(
            "while",
            Button(),
            "The page holds for as long as this signal is up: a button held.",
            "apc/shift",
        ),
        Field(
            "from",
            Button(),
            "A press of this goes to the page, and from it back to where one came from.",
            "apc/bank",
        ),
        Field(
            "routes",
            RouteList(),
            "What drives what on this page; for the same signal these routes come before those of the profile.",
            '[{from: "apc/fader/{n}", to: "lora/{n}"}]',
        ),
        Field(
            "grids",
            Table(
                "a grid",
                Grid(),
                r"[^/{}\[\]*]+(?:/[^/{}\[\]*]+)+",
                "it is named after its pads: the input, a slash and what they are called there",
                examples="[[scene/intro, scene/drop], [prompt/reef, ~]]",
            ),
            "Pads by row and column, each with what it triggers or switches; `~` is a pad that does nothing. The first "
            "pad of the first row of `apc/pad` is `apc/pad/1/1`.",
            "{apc/pad: [[scene/intro, scene/drop], [prompt/reef, ~]]}",
        ),
    ),
    aliases={"grid": "grids", "pads": "grids", "route": "routes", "hold": "while", "held": "while", "latch": "from"},
)

PAGES: Table[Fields] = Table(
    "a page",
    PAGE,
    NAME,
    reserved={"next": "page/next goes on to the next page", "previous": "page/previous goes back to the page before"},
    examples="{while: apc/shift, routes: [apc/fader/1 -> lora/1]}",
)


@dataclass(slots=True)
class Reader:
    """Puts pages together, once the names of the whole profile are known."""

    names: targets.Names
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
                found = targets.find(cell.value, cell.place, self.names, self.notes)
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
        if not kinds or cell.value in targets.plain_names():
            return False
        self.notes.error(
            cell.place,
            f"'{shorten(cell.value)}' is the name of a {kinds[0]}, and a pad leads to a target",
            f"write {' or '.join(f'{kind}/{cell.value}' for kind in kinds)}",
        )
        return True

    def _fits(self, pad: str, cell: Given[str], target: Target) -> bool:
        """Note a target that a press cannot mean; return whether it can."""
        if targets.is_trigger(target) or targets.is_switch(target):
            return True
        hint = None
        if cell.value == "prompt" or re.fullmatch(r"prompt/[^/]+/text", cell.value):
            bank = next(iter(self.names.bank or ()), "reef")
            hint = f"a prompt of the bank has a target of its own: prompt/{bank}"
        self.notes.error(
            cell.place,
            f"a pad happens or switches, and {cell.value} takes {targets.takes(target, {})}",
            hint or "set it by a scene, and put that here: scene/<name>",
            f"or give it a route: {pad} -> {cell.value}",
        )
        return False
