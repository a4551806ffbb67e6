"""A performance of the full example: the same signals at the same times for every variant of it, and what they bring.

What counts is what reaches Scope, the outputs and the person: where a session begins, what each chunk gets, the verbs,
what was refused. How routes are called and listed does not: a key that only shows there would act on nothing.
"""

import copy
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import yaml

from bridge import profile
from bridge.mapping import Effects, compile
from bridge.profile import Profile, Reading
from bridge.signals import Batch, Sample, Value

FULL: Final = Path(__file__).parents[1] / "profile" / "full.yaml"
ENVIRONMENT: Final = {"TURN_SECRET": "hush"}
TREE: Final[dict[str, Any]] = yaml.safe_load(FULL.read_text(encoding="utf-8"))
GONE: Final = object()
"""Stands for a key or an item that is taken away."""
CHUNK: Final = 0.75
"""Seconds from one take to the next."""
END: Final = 64.5
"""Seconds that the performance takes."""

Fact = tuple[str, object]
"""What it is about (a parameter of Scope, the name of a verb, or `refused`), and what became of it, with the time."""


def _press(at: float, path: str) -> Iterator[tuple[float, Sample]]:
    """Press a control and let go of it."""
    yield at, (path, (1.0,))
    yield at + 0.1, (path, (0.0,))


def _sweep(at: float, path: str, *places: float) -> Iterator[tuple[float, Sample]]:
    """Move a control: it has to pass where its target is before it takes it."""
    for index, place in enumerate(places):
        yield at + index / 50, (path, (place,))


def _kicks(begin: float, count: int) -> Iterator[tuple[float, Sample]]:
    for index in range(count):
        yield begin + 0.48 * index, ("ears/kick", (0.9,))
        yield begin + 0.48 * index + 0.03, ("ears/kick", (0.0,))


def _say(at: float, path: str, *values: Value) -> Iterator[tuple[float, Sample]]:
    yield at, (path, values)


def _signals() -> Iterator[tuple[float, Sample]]:
    """Yield what is sent, and when. The tempo and the oscillator of the example play all the time beside it."""
    # Hands
    yield from _say(0.10, "panel/prompt/accent/text", "frost flowers")
    yield from _say(0.20, "td/depth", 1.5)
    yield from _say(0.30, "td/custom", 3.0)
    yield from _say(0.40, "td/xy", 0.8, 0.2)
    yield from _sweep(1.0, "apc/fader/1", 0.0, 0.13, 0.25, 0.38, 0.5)
    yield from _say(1.5, "panel/image/reference", "face")
    yield from _kicks(2.0, 3)
    yield from _sweep(4.0, "apc/knob/1", 0.87, 1.0, 0.79, 0.5)
    yield from _kicks(4.3, 3)
    yield from _sweep(6.0, "apc/crossfader", 0.0, 0.16, 0.31, 0.47, 0.63, 0.79, 0.94, 1.0, 0.71)
    yield from _sweep(6.5, "apc/crossfader", 0.31)
    yield from _say(6.8, "td/blackout", 0.5)
    yield from _say(7.2, "td/blackout", 1.0)
    # The page that is held, and back
    yield from _say(7.6, "apc/shift", 1.0)
    yield from _sweep(7.7, "apc/fader/1", 0.0, 0.24, 0.47, 0.71, 1.0, 0.79)
    yield from _sweep(8.0, "apc/fader/2", 0.0, 0.24, 0.47, 0.71, 1.0, 0.79)
    yield from _say(8.4, "apc/shift", 0.0)
    yield from _sweep(8.5, "apc/fader/1", 1.0, 0.76, 0.5, 0.25, 0.0)
    # Prompts and words
    yield from _press(9.1, "apc/pad/2/2")
    for index, place in enumerate((0.1, 0.5, 0.9)):
        yield from _say(9.8 + index, "panel/word/mood", place)
        yield from _say(10.3 + index, "panel/word/speed", place)
    yield from _press(13.0, "apc/pad/2/1")
    for index in range(4):
        yield from _say(17.0 + CHUNK * index, "panel/prompt/next", 1.0)
    yield from _press(20.5, "apc/pad/2/2")
    # Scenes: a hand on the depth of the kick before the scene that brings it back
    yield from _press(22.0, "apc/pad/1/1")
    yield from _sweep(23.0, "apc/knob/1", 1.0, 0.71, 0.31)
    yield from _press(24.0, "apc/pad/1/2")
    yield from _kicks(24.1, 8)
    yield from _say(29.0, "panel/route/kick/on", 0)
    yield from _kicks(29.2, 2)
    yield from _say(30.5, "panel/route/kick/on", 1)
    # Cues
    yield from _say(31.0, "panel/cue/doors", 1.0)
    yield from _say(33.0, "ableton/scene/Drop")
    yield from _say(45.0, "panel/cue/back", 1.0)
    # What brings back
    yield from _say(46.0, "panel/snapshot/save/1", 1.0)
    yield from _say(47.0, "panel/noise_scale", 0.6)
    yield from _say(48.0, "panel/snapshot/recall/1", 1.0)
    yield from _say(49.0, "panel/undo", 1.0)
    yield from _say(50.0, "panel/panic", 1.0)
    yield from _kicks(51.0, 2)
    yield from _press(54.0, "apc/pad/1/2")
    yield from _say(60.0, "panel/scene/save/mine", 1.0)
    yield from _say(62.0, "panel/prompt/base/text", "the end")


SIGNALS: Final = sorted(_signals(), key=lambda signal: signal[0])


def play(show: Profile) -> Iterator[Fact]:
    """Yield what the performance brings of a profile, in its order, one fact at a time."""
    mapping = compile(show)
    for parameter, value in mapping.initial().items():
        yield parameter, ("begins with", value)
    coming = iter([*SIGNALS, (END + 1, ("td/end", ()))])
    at, sample = next(coming)
    for number in range(int(END / CHUNK) + 1):
        chunk = number * CHUNK
        while at <= chunk:
            yield from _said(at, mapping.feed(Batch(at, [sample])))
            at, sample = next(coming)
        yield from _said(chunk, mapping.tick(chunk))
        for change in mapping.take(chunk):
            yield change.parameter, (chunk, change)


def _said(now: float, effects: Effects) -> Iterator[Fact]:
    for verb in effects.verbs:
        yield type(verb).__name__, (now, verb)
    for why in effects.refused:
        yield "refused", (now, why)


def read(edits: dict[str, Any]) -> Reading:
    """Read the example with other values at some places (`scope.load.width`), or without what stands there (`GONE`)."""
    tree = copy.deepcopy(TREE)
    for place, value in edits.items():
        _set(tree, place.split("."), value)
    text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
    return profile.read(text, str(FULL), ENVIRONMENT, profile.text_at)


def changed(place: str, other: Any) -> Profile:
    """Return the example with another value at one place; or with several edits by place, where one needs the others."""
    reading = read(other if isinstance(other, dict) and place in other else {place: other})
    assert reading.profile is not None, "\n".join(map(str, reading.problems))
    return reading.profile


def _set(tree: dict[str, Any], keys: list[str], value: Any) -> None:
    node: Any = tree
    for key in keys[:-1]:
        node = node[int(key) if isinstance(node, list) else key]
    last: Any = int(keys[-1]) if isinstance(node, list) else keys[-1]
    if value is GONE:
        del node[last]
    elif isinstance(node, list) and last == len(node):
        node.append(value)
    else:
        node[last] = value


def leaves(node: Any = TREE, above: str = "") -> Iterator[str]:
    """Yield the place of every value of the example that holds no other ones, in its order."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        place = f"{above}{key}"
        if isinstance(value, dict | list):
            yield from leaves(value, f"{place}.")
        else:
            yield place


@cache
def whole() -> Reading:
    """Return the example as it is."""
    return read({})


def example() -> Profile:
    """Return the example's profile."""
    found = whole().profile
    assert found is not None
    return found


@cache
def transcript() -> tuple[Fact, ...]:
    """Return everything that the performance brings of the example as it is."""
    return tuple(play(example()))


def differs(show: Profile, subject: str) -> bool:
    """Return whether the performance of a profile brings something else about `subject` than that of the example."""
    as_it_is = (fact for about, fact in transcript() if about == subject)
    as_it_would_be = (fact for about, fact in play(show) if about == subject)
    return any(one != other for one, other in zip_longest(as_it_is, as_it_would_be))
