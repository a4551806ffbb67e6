"""What the `pages:` of a profile can be, as they are written: what a controller does meanwhile.

pages:
  perform: {grids: {apc/pad: [[scene/intro, scene/drop], [prompt/reef, ~]]}}
  bank: {grids: {apc/pad: [scene/*, prompt/*]}}
  looks:
    while: apc/shift
    routes: [{from: "apc/fader/{n}", to: "lora/{n}"}]
"""

import re
from dataclasses import dataclass
from typing import Final

from bridge.profile.language.routes import RouteList
from bridge.profile.language.scenes import NAME
from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, shorten, told
from bridge.profile.shapes.structures import Field, Fields, Given, Record, Table
from bridge.profile.shapes.values import Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, Place, nearest
from bridge.profile.targets import lookup

Row = list[Given[str] | None]
"""The targets of a row of pads; None: a pad that does nothing."""


@dataclass(frozen=True, slots=True)
class Laid:
    """All things of a kind, laid over the pads in the order of the profile."""

    text: str
    """As in the profile: `scene/*`."""
    place: Place

    @property
    def kind(self) -> str:
        """What they begin with: `scene`, `snapshot/recall`."""
        return self.text.removesuffix("/*")


LAID: Final = ("scene", "prompt", "cue", "page", "source", "snapshot/recall", "snapshot/save")
"""What can be laid over pads: what has a target of its own for each."""
_LAID: Final = rf"(?:{'|'.join(LAID)})/\*"


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of pads, each with the target that a press of it leads to; or what is laid over them."""

    what: str = "a list of rows, each a list of targets, or all of a kind, like scene/*"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Row | Laid] | None:
        if isinstance(node, nodes.Scalar) and (laid := _laid(node)):
            return [laid]
        if not isinstance(node, nodes.Sequence):
            if isinstance(node, nodes.Scalar) and (near := _meant(node.text)):
                refuse(node, notes, subject, self.what, near)
                return None
            written = f"[[{node.text}]]" if isinstance(node, nodes.Scalar) and node.text else None
            refuse(node, notes, subject, self.what, f"write {subject.name}: {written}" if written else None)
            return None
        flat = [
            item
            for item in node.items
            if isinstance(item, nodes.Scalar) and not is_nothing(item) and _laid(item) is None
        ]
        if flat and (near := _meant(flat[0].text)):
            notes.error(flat[0].place, f"'{shorten(flat[0].text)}' cannot be laid over pads", near)
            return None
        if flat:
            row = ", ".join(item.text or "~" for item in node.items if isinstance(item, nodes.Scalar))
            notes.error(
                flat[0].place,
                f"a grid is a list of rows, and '{shorten(flat[0].text)}' stands in none",
                f"write {subject.name}: [[{shorten(row, 60)}]]",
            )
            return None
        return [_laid(row) or self._row(row, notes, subject) for row in node.items]

    def schema(self) -> Json:
        cell: Json = {"anyOf": [{"type": "string", "pattern": f"^(?:{lookup.regex_of_all()})?$"}, {"type": "null"}]}
        laid: Json = {"type": "string", "pattern": f"^{_LAID}$"}
        rows: Json = {"type": "array", "items": {"anyOf": [{"type": "array", "items": cell}, laid, {"type": "null"}]}}
        return {"anyOf": [laid, rows]}

    def _row(self, node: nodes.Node, notes: Notes, subject: Subject) -> Row | Laid:
        if is_nothing(node):
            return []
        if not isinstance(node, nodes.Sequence):
            if not isinstance(node, nodes.Unreadable):
                notes.error(node.place, f"a row of a grid is a list of targets, not {told(node)}", subject.hint)
            return []
        return [self._cell(cell, notes) for cell in node.items]

    def _cell(self, node: nodes.Node, notes: Notes) -> Given[str] | None:
        if is_nothing(node) or (isinstance(node, nodes.Scalar) and not node.text.strip()):
            return None
        if isinstance(node, nodes.Scalar) and " -> " in node.text:
            notes.error(
                node.place,
                "a pad of a grid is the signal itself: only its target stands here",
                f"write {shorten(node.text.split(' -> ')[-1].strip())}",
            )
            return None
        if not isinstance(node, nodes.Scalar):
            if not isinstance(node, nodes.Unreadable):
                notes.error(
                    node.place,
                    f"a pad of a grid is the target that a press leads to, not {told(node)}",
                    "for example: [[scene/intro, prompt/reef]]",
                )
            return None
        if _laid(node):
            notes.error(
                node.place,
                f"{node.text} is laid over many pads, and this is one",
                f"as a row of its own, or alone: {node.text}",
            )
            return None
        text = Text("a target").read(node, notes, Subject("a pad of a grid", ""))
        return None if text is None else Given(text, node.place, node.place)


def _laid(node: nodes.Node) -> Laid | None:
    """Return what is laid over pads, if that is what stands there."""
    if not isinstance(node, nodes.Scalar) or not re.fullmatch(_LAID, node.text):
        return None
    return Laid(node.text, node.place)


def _meant(text: str) -> str | None:
    """Return what to say to something with a star that cannot be laid over pads."""
    if not text.endswith("*"):
        return None
    kind = text.rstrip("*").rstrip("/")
    near = {"snapshot": "snapshot/recall", "video": "source"}.get(kind) or nearest(kind, LAID)
    return f"write {near}/*" if near else f"what can be is {', '.join(f'{one}/*' for one in LAID)}"


@dataclass(frozen=True, slots=True)
class Button:
    """The signal of one button."""

    what: str = "the signal of a button: input/path"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        several = isinstance(node, nodes.Sequence)
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
            "for",
            Text("the name of an input"),
            "The controller that the page is for, by its input's name. Such pages act on its own controls only, and come "
            "before those of the whole rig. They are turned apart from all others: by their buttons, by `page/<name>`, and "
            "by `page/next` and `page/previous` from that controller; from others, these turn the rig's. A show starts on "
            "the first of them, or, if that has a button, on none. Tempo and oscillators act on all pages in force.",
            "apc",
            default="the page is one of the whole rig",
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
            "pad of the first row of `apc/pad` is `apc/pad/1/1`. On a controller whose pads are known, `scene/*` lays all "
            "scenes over them, row by row, in their order here; so do `prompt/*`, `cue/*`, `page/*`, `source/*` and "
            "`snapshot/recall/*`; in a list each begins a row of its own. There each press turns a switch, like "
            "`output/all/freeze`, on or off.",
            "{apc/pad: [[scene/intro, scene/drop], [prompt/reef, ~]]}",
        ),
    ),
    aliases={
        "grid": "grids",
        "pads": "grids",
        "route": "routes",
        "hold": "while",
        "held": "while",
        "latch": "from",
        "input": "for",
        "controller": "for",
    },
)

PAGES: Table[Fields] = Table(
    "a page",
    PAGE,
    NAME,
    reserved={"next": "page/next goes on to the next page", "previous": "page/previous goes back to the page before"},
    examples="{while: apc/shift, routes: [apc/fader/1 -> lora/1]}",
)
