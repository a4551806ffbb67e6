"""What can be said of a picture: its size and rate, how it is turned and cut, its colours, what of it is transparent."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from bridge.profile.durations import CUT, Duration
from bridge.profile.outputs import Colour, Size
from bridge.profile.shapes.shape import Json, Subject, refuse, resolve, shorten
from bridge.profile.shapes.values import Length, Number, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, did_you_mean

SOURCE: Final = "source"
"""The rate of whatever brings the pictures."""

_BROADCAST = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.952": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}


def _text(node: nodes.Node) -> str:
    """Return what stands at a node that is one value; of any other one, nothing."""
    return node.text.strip() if isinstance(node, nodes.Scalar) else ""


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames per second, or the source's own; 29.97 and its kin mean the exact broadcast rates."""

    what: str = "a number from 1 to 120, or source"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fraction | Literal["source"] | None:
        text = _text(node)
        if text == SOURCE:
            return "source"
        if not isinstance(node, nodes.Scalar) or isinstance(resolve(node), bool | str | None):
            rate = re.fullmatch(r"([0-9.]+) ?(?:fps|hz|p)", text, re.IGNORECASE)
            near = f"without the unit: {rate[1]}" if rate else did_you_mean(text, (SOURCE,))
            refuse(node, notes, subject, self.what, near)
            return None
        value = Number(1, 120).read(node, notes, subject)
        if value is None:
            return None
        return _BROADCAST.get(node.text) or Fraction(value).limit_denominator(1001)

    def schema(self) -> Json:
        return {"anyOf": [Number(1, 120).schema(), {"const": SOURCE}]}


@dataclass(frozen=True, slots=True)
class Steady:
    """How long a picture may be kept back, in seconds; 0 is `off`."""

    what: str = "off, or a time up to 1 s, like 100 ms"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> float | None:
        text = _text(node)
        if text == "off":
            return 0.0
        if found := re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?) ?(ms|s)", text):
            seconds = float(found[1]) / (1000 if found[2] == "ms" else 1)
            if 0 < seconds <= 1:
                return seconds
            refuse(node, notes, subject, self.what, "the longest is 1 s" if seconds else "write off")
            return None
        number = re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text)
        none = text in ("false", "no", "cut") or (number is not None and float(text) == 0)
        hint = "write off" if none else f"with its unit: {text} ms" if number else None
        refuse(node, notes, subject, self.what, hint)
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^(off|[0-9]{1,6}(\.[0-9]{1,6})? ?(ms|s))$"}


@dataclass(frozen=True, slots=True)
class Pixels:
    """Width and height."""

    what: str = "a width and a height like 1920x1080"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Size | None:
        text = _text(node)
        found = re.fullmatch(r"([0-9]{1,6}) ?(x|X|×|\*|,|by) ?([0-9]{1,6})", text)
        if found is None or found[2] != "x" or " " in text:
            refuse(node, notes, subject, self.what, f"write {found[1]}x{found[3]}" if found else None)
            return None
        width, height = int(found[1]), int(found[3])
        if not (16 <= width <= 8192 and 16 <= height <= 8192):
            notes.error(node.place, f"a picture has 16 to 8192 pixels each way, and {text} has not", subject.hint)
            return None
        if width % 2 or height % 2:
            notes.error(
                node.place,
                f"a picture's width and height are even, and {text} has an odd one",
                f"write {width + width % 2}x{height + height % 2}",
            )
            return None
        return width, height

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^[0-9]{1,4}x[0-9]{1,4}$"}


COLOURS: Final[dict[str, Colour]] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "yellow": (255, 255, 0),
}
_HEX: Final = r"#[0-9a-fA-F]{6}"


@dataclass(frozen=True, slots=True)
class Paint:
    """A colour, by its name or as the web writes it."""

    what: str = 'a colour like black or "#1a2b3c"'

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Colour | None:
        text = _text(node)
        if text in COLOURS:
            return COLOURS[text]
        if re.fullmatch(_HEX, text):
            return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
        bare = re.match(rf"{_HEX}\b", notes.rest_of_line(node.place).strip()) if not text else None
        if bare:
            hint = f'in quotes, for # begins a comment: {subject.name}: "{bare[0]}"'
        elif short := re.fullmatch(r"#([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])", text):
            hint = f'write "#{short[1] * 2}{short[2] * 2}{short[3] * 2}"'
        elif re.fullmatch(r"[0-9a-fA-F]{6}", text):
            hint = f'write "#{text}"'
        else:
            near = "did you mean 'grey'?" if text == "gray" else did_you_mean(text, COLOURS) if text else None
            hint = near or f'the names are {", ".join(COLOURS)}; any other one is written as "#1a2b3c"'
        refuse(node, notes, subject, self.what, hint)
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^({'|'.join(COLOURS)}|{_HEX})$"}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the whole, below all of it."""

    what: str = "a part like 10% or 0.1, below all of it"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> float | None:
        text = _text(node)
        if found := re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%", text):
            part = float(found[1]) / 100
        else:
            value = resolve(node) if isinstance(node, nodes.Scalar) else None
            if isinstance(value, bool) or not isinstance(value, int | float):
                pixels = re.fullmatch(r"[0-9]+ ?(px|pixels?)", text)
                refuse(node, notes, subject, self.what, "say it in percent of the picture" if pixels else None)
                return None
            part = value
        if not 0 <= part < 1:
            refuse(node, notes, subject, self.what, f"write {text}%" if re.fullmatch(r"[0-9]{1,2}", text) else None)
            return None
        return float(part)

    def schema(self) -> Json:
        percent: Json = {"type": "string", "pattern": r"^[0-9]{1,2}(\.[0-9]{1,6})? ?%$"}
        return {"anyOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1}, percent]}


@dataclass(frozen=True, slots=True)
class Turn:
    """Quarters of a turn, in degrees clockwise."""

    what: str = "0, 90, 180 or 270 degrees, clockwise"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> int | None:
        value = resolve(node) if isinstance(node, nodes.Scalar) else None
        if isinstance(value, int) and not isinstance(value, bool) and value in (0, 90, 180, 270):
            return value
        found = re.fullmatch(r"(-?[0-9]{1,4})(?: ?(?:°|deg|degrees))?", _text(node))
        near = f"write {int(found[1]) % 360}" if found and int(found[1]) % 90 == 0 else None
        refuse(node, notes, subject, self.what, near)
        return None

    def schema(self) -> Json:
        return {"enum": [0, 90, 180, 270]}


@dataclass(frozen=True, slots=True)
class Back:
    """How the live picture returns."""

    what: str = "cut, or a fade like fade 1 s"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Duration | None:
        text = _text(node)
        if text == "cut":
            return CUT
        word, _, rest = text.partition(" ")
        if not isinstance(node, nodes.Scalar) or word != "fade":
            length = re.fullmatch(r"[0-9.]+ ?(ms|s|chunks?|beats?|bars?)", text)
            refuse(node, notes, subject, self.what, f"write fade {text}" if length else None)
            return None
        return Length().read(nodes.Scalar(node.place, rest.strip(), node.plain), notes, Subject("fade", "1 s"))

    def schema(self) -> Json:
        return {"type": "string", "pattern": "^(cut|fade .+)$"}


_UNITS: Final = {"k": 1e3, "M": 1e6}
_LEAST, _MOST = 1e5, 2e8


@dataclass(frozen=True, slots=True)
class Bitrate:
    """Bits per second."""

    what: str = "a bit rate like 6 Mbit or 800 kbit"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> float | None:
        text = _text(node)
        if found := re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?) ?([kM])bit(?:/s)?", text):
            rate = float(found[1]) * _UNITS[found[2]]
            if _LEAST <= rate <= _MOST:
                return rate
            refuse(node, notes, subject, self.what, "from 100 kbit to 200 Mbit")
            return None
        hint = None
        if found := re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]+)?) ?(?:([kKmM])(?:b(?:it)?(?:/s|ps)?)?)?", text):
            unit = {"k": "kbit", "m": "Mbit"}.get((found[2] or "").lower())
            bits = float(found[1])
            hint = (
                f"write {found[1]} {unit}"
                if unit
                else f"write {bits / 1e6:g} Mbit"
                if bits >= _LEAST
                else f"with its unit: {found[1]} {'kbit' if bits >= 100 else 'Mbit'}"
            )
        refuse(node, notes, subject, self.what, hint)
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,6})? ?[kM]bit(/s)?$"}


STREAMS: Final = ("rtmp", "rtmps", "rtsp", "udp")
"""What the address of a stream can begin with."""


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """Where a stream goes; `${NAME}` in it is filled in later, by `building.outputs`."""

    what: str = "the address of a stream, like rtmp://live.example.org/app/key"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        text = Text(self.what, environment=True).read(node, notes, subject)
        if text is None or re.match(rf"({'|'.join(STREAMS)})://", text):
            return text
        scheme, slashes, rest = text.partition("://")
        if not slashes and re.fullmatch(r"[\w.\-]+\.[\w.\-]+(:[0-9]+)?(/.*)?", text):
            hint: str | None = f'write "rtmp://{text}"'
        else:
            near = did_you_mean(scheme, STREAMS) if slashes else None
            hint = near.replace("'?", f"://{rest}'?") if near else None
        notes.error(
            node.place,
            f"a stream's address begins with {', '.join(f'{one}://' for one in STREAMS[:-1])} or {STREAMS[-1]}://, and "
            f"'{shorten(text)}' does not",
            hint,
            subject.hint,
        )
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^({'|'.join(STREAMS)})://"}
