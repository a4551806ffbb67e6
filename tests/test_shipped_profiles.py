"""The profiles in `mappings/`: `check` finds nothing in them, and every signal that they name does something."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bridge import mapping, profile
from bridge.parameters import Change
from bridge.profile.filters import Toggle
from bridge.profile.inputs import Midi
from bridge.profile.model import Profile, Route
from bridge.profile.targets import traits
from bridge.signals import Batch, Value
from bridge.verbs import Verb

SHIPPED = sorted((Path(__file__).parents[1] / "mappings").glob("*.yaml"))
GESTURES: tuple[tuple[Value, ...], ...] = ((0.1,), (1.0,), (0.0,), ("aurora",), ("/srv/pictures/face.png",), (0.5,))
"""What a rig sends: a fader up, a button pressed and let go, texts."""
SETTLED = 20.0
"""Seconds after which a cue that waits for four bars has come, and every fade has arrived."""
STEP = 0.25
HELD = 1.0
"""Seconds for which each of the gestures stays: a long press is one by then."""


class Playing:
    """A profile at work, under way for so long that there is a cue to go back from and something to take back."""

    def __init__(self, of: Profile) -> None:
        self.mapping = mapping.compile(of)
        self.now = 100.0
        self.verbs: list[Verb] = []
        self.told: list[Change] = []
        for target in ("cue/go", "cue/go", "prompt/next", *(f"snapshot/save/{number}" for number in range(1, 9))):
            self.send(f"panel/{target}", 1)
        self.send("panel/prompt", "a prompt that no scene has")
        self.wait()

    def send(self, path: str, *values: Value) -> None:
        self.verbs += self.mapping.feed(Batch(self.now, ((path, values),))).verbs

    def wait(self, seconds: float = SETTLED) -> None:
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            self.verbs += self.mapping.tick(self.now).verbs
            self.told += self.mapping.take(self.now)

    def look(self) -> str:
        """Return everything that a signal can have changed."""
        return repr((self.mapping.state(), self.mapping.director.coming, self.verbs, self.told))


def routes(of: Profile) -> Iterator[tuple[str | None, Route]]:
    yield from ((None, route) for route in of.routes)
    yield from ((page.name, route) for page in of.pages.values() for route in page.routes)


def parameters() -> Iterator[Any]:
    for path in SHIPPED:
        numbers = count()
        for page, route in routes(profile.load(path, {})[0]):
            yield pytest.param(path, page, route, id=f"{path.stem}-{next(numbers)}-{route.target_text}")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_check_finds_nothing(path: Path) -> None:
    _, problems = profile.load(path, {})

    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize(("path", "page", "route"), list(parameters()))
def test_every_signal_does_something(path: Path, page: str | None, route: Route) -> None:
    of = profile.load(path, {})[0]
    touched, untouched = Playing(of), Playing(of)
    if page is not None:
        for playing in (touched, untouched):
            playing.send(f"panel/page/{page}", 1)
    assert touched.look() == untouched.look()
    signal = route.signal.replace("{n}", "1")
    differs = False
    for values in GESTURES:
        touched.send(signal, *values)
        for playing in (touched, untouched):
            playing.wait(HELD)
        differs = differs or touched.look() != untouched.look()

    assert touched.mapping.knows(signal)
    assert differs or made_by_time(route, touched), f"{signal} changes nothing"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_button_that_springs_back_leaves_a_switch_as_it_put_it(path: Path) -> None:
    of = profile.load(path, {})[0]
    for _, route in routes(of):
        name, _, rest = route.signal.partition("/")
        options = of.inputs.get(name)
        control = options.controller.controls.get(rest) if isinstance(options, Midi) and options.controller else None
        if control is None or control.kind not in ("button", "pad") or route.target is None:
            continue
        if traits.is_switch(route.target):
            assert any(isinstance(one, Toggle) for one in route.filters), f"{route.signal} ends what it begins"


def made_by_time(route: Route, playing: Playing) -> bool:
    """Return whether a route whose signal the bridge makes itself moves its target as time passes."""
    if not route.signal.startswith(("lfo/", "tempo/")):
        return False
    before = playing.mapping.lasting_values()[route.target_text]
    playing.wait(3.0)
    return bool(playing.mapping.lasting_values()[route.target_text] != before)
