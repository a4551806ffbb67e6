"""Values as YAML that the reader of profiles, and any other reader of YAML, takes for the same values.

reef at night            text stands as it is where it can
"4: the drop"            and in quotes where YAML would take it for something else
[1000, 750]              lists and mappings in flow, on one line
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from bridge.errors import Refused

_YAML_1_1: Final[Any] = yaml.resolver.Resolver()
"""What an older reader takes `on`, `1:30` or `2026-01-01` for; such text is quoted, so that every reader sees text."""
_YAML_1_2: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0[ox][0-9a-fA-F]+|[yYnN]")
"""What a newer one takes for a number, and what some take for a switch."""

_FIRST: Final = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]")
_MISREAD: Final = re.compile(r": |:$| #|\s$|\t")
_ENDS_IN_FLOW: Final = re.compile(r"[,\[\]{}]|:$|\?")
_ESCAPED: Final = re.compile(
    '["\\\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue002-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]'
)
"""What double quotes need an escape for: themselves, and what no YAML file may hold or would not keep."""
_MARKS: Final = re.compile(r'["\\]')
_ODD_SPACE: Final = re.compile(r"^ *[\xa0\u2000-\u200b\u202f\u205f\u3000]", re.MULTILINE)
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


_WIDEST: Final = 118
"""Columns that a mapping in brackets may reach; a longer one gets a line for each key."""


class EditError(Refused, ValueError):
    """A profile cannot be written into without a risk to what stands in it. Nothing was changed; the text says why."""


def scalar(value: Any, *, in_flow: bool = False, quote: str | None = None) -> str:
    """Return a number, a switch, text or nothing on one line.

    `in_flow` says that it stands between brackets, where less can stand without quotes. `quote` is the quotation mark
    that its place had before, `'` or `"`; text keeps it where it can. Raise `EditError` for what YAML cannot hold.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return _text(value, in_flow, quote)
    raise EditError(f"a profile cannot hold a {type(value).__name__}")


def flow(value: Any, *, in_flow: bool = False, quote: str | None = None) -> str:
    """Return any value on one line, as `scalar` does; a list and a mapping stand in brackets."""
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{key(name, in_flow=True)}: {flow(it, in_flow=True)}" for name, it in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(it, in_flow=True) for it in value) + "]"
    return scalar(value, in_flow=in_flow, quote=quote)


def key(name: Any, *, in_flow: bool = False) -> str:
    """Return the key of a mapping, without its colon. Raise `EditError` for one that is no text or has two lines."""
    if not isinstance(name, str):
        raise EditError(f"a key is text, not a {type(name).__name__}")
    if "\n" in name or "\r" in name:
        raise EditError("a name stands on one line")
    return _text(name, in_flow, None)


def literal(text: str, indent: int) -> list[str] | None:
    """Return text of several lines as a block: `|` and its lines, `indent` deep. None if it must be quoted instead."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    if "\n" not in text or not body or not lines[-1] or not next(line for line in lines if line).strip(" "):
        return None
    kept = all(line.strip(" ") or not line for line in lines) and next(line for line in lines if line)[0] != " "
    if not kept or _ODD_SPACE.search(text) or _ESCAPED.search(_MARKS.sub("", text).replace("\n", "")):
        return None
    return ["|" if text.endswith("\n") else "|-", *(" " * indent + line if line else "" for line in lines)]


@dataclass(frozen=True, slots=True)
class Layout:
    """How new lines are indented."""

    step: int = 2
    """How much deeper the keys of a block are than the key above them."""
    dash: int = 2
    """How much deeper the dashes of a block are than the key above them; may be 0."""

    def entry(
        self, column: int, name: str, value: Any, levels: int = 0, *, in_flow: bool = True, quote: str | None = None
    ) -> list[str]:
        """Return the lines of an entry of a block, `column` deep.

        The outermost `levels` of its value are blocks. Further mappings are in brackets where `in_flow` and where they
        fit a line; lists always are.
        """
        head = " " * column + key(name) + ":"
        rows = self.value(len(head), column, value, levels, in_flow=in_flow, quote=quote)
        return [f"{head} {rows[0]}" if rows[0] else head, *rows[1:]]

    def value(
        self, width: int, column: int, value: Any, levels: int = 0, *, in_flow: bool = True, quote: str | None = None
    ) -> list[str]:
        """Return what follows a key that is `column` deep and ends at `width`: the rest of its line, and lines below."""
        if isinstance(value, Mapping) and value and (levels > 0 or not (in_flow and _fits(width + 1, value))):
            below, inner = column + self.step, levels - 1
            return ["", *(row for k, v in value.items() for row in self.entry(below, k, v, inner, in_flow=in_flow))]
        if isinstance(value, list | tuple) and value and levels > 0:
            return ["", *(row for it in value for row in self.item(column + self.dash, "- ", it, in_flow=in_flow))]
        rows = literal(value, column + self.step) if isinstance(value, str) else None
        return [flow(value, quote=quote)] if rows is None else rows

    def item(self, column: int, dash: str, value: Any, *, in_flow: bool = True, quote: str | None = None) -> list[str]:
        """Return the lines of one more item of a list that is a block; `dash` has the blanks behind it."""
        if not isinstance(value, Mapping) or not value or (in_flow and _fits(column + len(dash), value)):
            return [" " * column + dash + flow(value, quote=quote)]
        inner = column + len(dash)
        rows = [row for k, v in value.items() for row in self.entry(inner, k, v)]
        return [" " * column + dash + rows[0][inner:], *rows[1:]]


def _fits(width: int, value: Mapping[str, Any]) -> bool:
    return not _has_lines(value) and width + len(flow(value)) <= _WIDEST


def _has_lines(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_lines, value.values()))
    return isinstance(value, str) and "\n" in value


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise EditError(f"{value} is no number that a profile can hold")
    shortest = float.__repr__(value)
    mantissa, exponent, power = shortest.partition("e")
    # Without a point, `1e-07` is text to readers of YAML 1.1.
    return f"{mantissa}.0e{power}" if exponent and "." not in mantissa else shortest


def _text(text: str, in_flow: bool, quote: str | None) -> str:
    if quote is None and not _needs_quotes(text, in_flow):
        return text
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise EditError("half a character (a lone surrogate) cannot be written into a profile")
    # Without marks to escape, double quotes are what everybody knows; with them, single quotes can be read.
    single = quote == "'" or (quote is None and "'" not in text and _MARKS.search(text) is not None)
    if single and not _ESCAPED.search(_MARKS.sub("", text)):
        return "'" + text.replace("'", "''") + "'"
    return '"' + _ESCAPED.sub(lambda found: _escape(found.group()), text) + '"'


def _needs_quotes(text: str, in_flow: bool) -> bool:
    return (
        not _FIRST.match(text)
        or _MISREAD.search(text) is not None
        or (in_flow and _ENDS_IN_FLOW.search(text) is not None)
        or _ESCAPED.search(_MARKS.sub("", text)) is not None
        or _YAML_1_1.resolve(yaml.ScalarNode, text, (True, False)) != "tag:yaml.org,2002:str"
        or _YAML_1_2.fullmatch(text) is not None
    )


def _escape(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    code = ord(letter)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
