"""PURE. What controllers are to show, out of what their controls stand for and how that is.

views = view_of(mapping.controls(paths), profile.lights, seen, beat)
views["apc"]["pad/1/1"].light      # "blink red": asked for, and not yet in the picture
"""

from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeVar

from bridge.surface import Shown, View

DARK: Final = "off"
"""What a profile's `lights:` does not name of a kind that it does; a clipped value is then as an active one."""

DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "scene": {"idle": "dim white", "waiting": "blink green", "active": "green"},
    "cue": {"idle": "dim white", "waiting": "blink yellow", "active": "yellow"},
    "prompt": {"idle": "dim white", "waiting": "blink cyan", "active": "cyan"},
    "page": {"idle": "dim white", "waiting": "blink white", "active": "white"},
    "snapshot": {"idle": "dim white", "waiting": "blink magenta", "active": "magenta"},
    "route": {"idle": "dim white", "waiting": "blink orange", "active": "orange"},
    "source": {"idle": "dim white", "waiting": "blink blue", "active": "blue"},
    "pipeline": {"idle": "dim white", "waiting": "blink purple", "active": "purple"},
    "output": {"idle": "dim white", "waiting": "blink red", "active": "red"},
    "trigger": {"idle": "dim white", "waiting": "blink white", "active": "white"},
    "value": {"idle": "off", "waiting": "blink white", "active": "white", "clipped": "red"},
    "beat": {"idle": "off", "active": "white"},
}
"""The lights of the kinds that a profile's `lights:` does not name.

What can be pressed glows (where a lamp can be dim: else it is out), blinks from the press until the picture shows it, and
is lit while it does: as clips are on the grids that people know, with a colour for each kind. Scenes are green; red is for
what is out of the ordinary: an output that is frozen, a value beyond its range. A value is dark until something sets it.
"""

_FLASH: Final = 1 / 4
"""The part of each beat for which the lamp of a tapped tempo is lit."""

A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)


class State(Protocol[A_co]):
    """What one control stands for now: what is used of `mapping.surface.ControlState`, which says what each means."""

    @property
    def stands_for(self) -> str: ...
    @property
    def chosen(self) -> bool: ...
    @property
    def aims(self) -> tuple[A_co, ...]: ...
    @property
    def way(self) -> float | None: ...
    @property
    def waits(self) -> bool: ...
    @property
    def clipped(self) -> bool: ...


def view_of(
    states: Mapping[str, State[A]],
    lights: Mapping[str, Mapping[str, str]],
    seen: Callable[[A], bool],
    beat: float | None,
) -> dict[str, View]:
    """Return what each input is to show, by its name; `states` go by the signal, `apc/fader/1`.

    `lights` are those of the profile. `seen` says whether the picture shows what an aim asks for. `beat` is the place in
    the beat, 0 to 1; None while there is none.
    """
    views: dict[str, dict[str, Shown]] = {}
    for path, state in states.items():
        name, _, control = path.partition("/")
        light = _light(state.stands_for, _state(state, seen, beat), lights)
        views.setdefault(name, {})[control] = Shown(state.way, light, state.waits)
    return dict(views)


def _state(state: State[A], seen: Callable[[A], bool], beat: float | None) -> str:
    """Return how it is with a control, as `lights:` calls it."""
    match state.stands_for:
        case "beat":
            return "active" if beat is not None and beat % 1 < _FLASH else "idle"
        case "value":
            # While its takeover waits, what the control sends does nothing, beyond the range or not.
            held = "waiting" if state.waits else "clipped" if state.clipped else "active"
            return held if state.chosen or state.waits else "idle"
        case _:
            if not state.chosen:
                return "idle"
            return "active" if all(seen(aim) for aim in state.aims) else "waiting"


def _light(kind: str, state: str, lights: Mapping[str, Mapping[str, str]]) -> str:
    said = lights.get(kind)
    if said is None:
        said = DEFAULTS.get(kind, DEFAULTS["trigger"])
    return said.get(state) or said.get("active" if state == "clipped" else state) or DARK
