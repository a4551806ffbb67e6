"""Where a profile counts in beats and bars, which needs a tempo. A prompt or a test picture of bars does not."""

import re
from collections.abc import Iterator

from bridge.profile.durations import BPM
from bridge.profile.shapes.shape import figure
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, Place

_MUSICAL = re.compile(r"(?:[0-9.]+ ?)?(?:beats?|bars?)|[0-9]+ per (?:[0-9.]+ ?)?(?:beats?|bars?)")
_SIGNAL = re.compile(r"tempo/(beat|bar|phase)\b")
_LENGTHS = {
    "prompts": ("fade",),
    "scenes": ("fade",),
    "safe": ("fade",),
    "cues": ("wait", "follow"),
    "guard": ("max_rate", "max_cuts"),
    "routes": ("period", "filters"),
    "pages": ("period", "filters"),
    "outputs": ("after", "back"),
}
"""By section, the keys whose values are lengths, however deep they stand."""
_OF_TEXT = ("choose", "math", "when", "bank", "words")
"""Keys below which nothing is a length."""


def check_tempo(root: nodes.Mapping, has_tempo: bool, notes: Notes) -> None:
    """Warn, once, that beats and bars have a tempo of their own where the profile names no source of one."""
    place = None if has_tempo else next(_musical(root), None)
    if place is not None:
        notes.warning(
            place,
            f"beats and bars count at {figure(BPM)} bpm: this profile says no tempo",
            "say one: tempo: {bpm: 124}, or tempo: [{link: true}, {bpm: 124}]",
            "or let someone tap it: - td/tap -> tap",
        )


def _musical(root: nodes.Mapping) -> Iterator[Place]:
    """Yield where a length in beats or bars stands, or a signal that follows them."""
    for key, value in root.pairs:
        if not isinstance(key, nodes.Scalar):
            continue
        if key.text in _LENGTHS:
            yield from _in_section(value, key.text, _LENGTHS[key.text])
        elif key.text == "scope":
            yield from _swings(value)
        elif key.text == "scopes" and isinstance(value, nodes.Mapping):
            for _, one in value.pairs:
                yield from _swings(one)


def _swings(scope: nodes.Node) -> Iterator[Place]:
    """Yield where a Scope's parameters swing, unless its own tempo says how fast."""
    pairs = scope.pairs if isinstance(scope, nodes.Mapping) else ()
    given = {key.text: (key, value) for key, value in pairs if isinstance(key, nodes.Scalar)}
    own = given.get("tempo")
    if own is not None and isinstance(own[1], nodes.Scalar) and own[1].text != "off":
        return
    if "modulations" in given and isinstance(given["modulations"][1], nodes.Mapping):
        yield given["modulations"][0].place


def _in_section(node: nodes.Node, section: str, keys: tuple[str, ...]) -> Iterator[Place]:
    match node:
        case nodes.Sequence(items=items):
            for item in items:
                if isinstance(item, nodes.Scalar) and section in ("routes", "pages") and _SIGNAL.match(item.text):
                    yield item.place
                yield from _in_section(item, section, keys)
        case nodes.Mapping(pairs=pairs):
            for key, value in pairs:
                name = key.text if isinstance(key, nodes.Scalar) else ""
                if name in keys:
                    yield from _lengths(value)
                elif name in ("from", "while") and isinstance(value, nodes.Scalar) and _SIGNAL.match(value.text):
                    yield value.place
                elif name not in _OF_TEXT:
                    yield from _in_section(value, section, keys)


def _lengths(node: nodes.Node) -> Iterator[Place]:
    match node:
        case nodes.Scalar(text=text) if _MUSICAL.fullmatch(text.removeprefix("fade ").strip()):
            yield node.place
        case nodes.Sequence(items=items):
            for item in items:
                yield from _lengths(item)
        case nodes.Mapping(pairs=pairs):
            for key, value in pairs:
                if not (isinstance(key, nodes.Scalar) and key.text in _OF_TEXT):
                    yield from _lengths(value)
