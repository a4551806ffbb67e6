"""What a place in a profile can hold: reading it, its JSON Schema and its words in the reference are one declaration.

A `Shape` reads a node into a value, or notes in the reader's words why it cannot. `values` has the shapes of single
values, `structures` those that are made of others.
"""

import math
import re
from typing import Any, NamedTuple, Protocol, TypeVar

from bridge.profile.source import nodes
from bridge.profile.source.mistakes import ENVIRONMENT_HINT
from bridge.profile.source.nodes import Node, Scalar, Unreadable
from bridge.profile.source.problems import Notes

Json = dict[str, Any]


T = TypeVar("T")


T_co = TypeVar("T_co", covariant=True)


_INTEGER = re.compile(r"[-+]?[0-9]+")


_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")


FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


_SWITCH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


ENVIRONMENT = re.compile(r"\$\{(?:[A-Z_][A-Z0-9_]*|\w+:-[^}]*)\}")
"""What looks like a variable of the environment, as against a `{word}` of a prompt."""


_NOTHING = {"", "~", "null", "Null", "NULL"}


class Subject(NamedTuple):
    """What is being read, for the sentences about it."""

    name: str
    """As in the profile: `noise_scale`, `out`."""
    example: str
    """A value to paste, in YAML; may be empty."""

    @property
    def called(self) -> str:
        """The name, as it stands in a sentence: words that could belong to the sentence are marked."""
        return self.name if "_" in self.name or "/" in self.name else f"'{shorten(self.name)}'"

    @property
    def hint(self) -> str | None:
        """The example, as a hint."""
        return f"for example: {self.name}: {self.example}" if self.example else None


class Shape(Protocol[T_co]):
    """What a place can hold."""

    @property
    def what(self) -> str:
        """What it takes, as a noun: `a number from 0 to 1`."""

    def read(self, node: Node, notes: Notes, subject: Subject) -> T_co | None:
        """Return the value at `node`, or None after noting why there is none."""

    def schema(self) -> Json:
        """Return the JSON Schema of what `read` takes."""


def resolve(node: Scalar) -> Any:
    """Return what a scalar is by YAML 1.2's core schema: only `true` and `false` are switches, `0042` is 42."""
    text = node.text
    if not node.plain:
        return text
    if text in _NOTHING:
        return None
    if text in _SWITCH:
        return _SWITCH[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 400 else math.inf
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0) if len(text) < 400 else math.inf
    if FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def is_nothing(node: Node) -> bool:
    """Return whether nothing stands at `node`, as after a key whose items are all commented out."""
    return isinstance(node, Scalar) and node.plain and node.text in _NOTHING


def told(node: Node) -> str:
    """Return what stands at `node`, as a noun for a sentence."""
    match node:
        case Scalar():
            value = resolve(node)
            if value is None:
                return "nothing"
            if isinstance(value, str):
                return f"the text '{shorten(value)}'"
            return node.text if isinstance(value, bool) else f"the number {node.text}"
        case nodes.Sequence():
            return "a list"
        case nodes.Mapping():
            return "a mapping"
        case Unreadable():
            return "something unreadable"


def shorten(text: str, width: int = 40) -> str:
    """Return `text` on one line, cut where it is longer than a sentence can bear."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1].rstrip() + "…"


def figure(number: float) -> str:
    """Return a number as a person writes it: `1`, `0.25`, `4294967295`."""
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e15 else f"{number:.6g}"


def span(low: float | None, high: float | None) -> str:
    """Return the words for what a number may be, with a blank before them, or nothing."""
    if low is not None and high is not None:
        return f" from {figure(low)} to {figure(high)}"
    if low is not None:
        return f" of {figure(low)} or more"
    return "" if high is None else f" up to {figure(high)}"


def refuse(node: Node, notes: Notes, subject: Subject, what: str, *hints: str | None) -> None:
    """Note that `node` is not what the subject takes; silent where reading failed before."""
    if isinstance(node, Unreadable):
        return
    elsewhere = ENVIRONMENT_HINT if isinstance(node, Scalar) and ENVIRONMENT.search(node.text) else None
    notes.error(node.place, f"{subject.called} takes {what}, not {told(node)}", *hints, elsewhere, subject.hint)
