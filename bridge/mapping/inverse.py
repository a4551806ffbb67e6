"""PURE. The way back through a route's filters: where a control would be whose value is this.

    back = Inverse((Curve("exp"), Invert()))
    back.exact                                             # True
    back(0.3)                                              # 0.833…: bent it is 0.7, and turned around 0.3

Only what bends the way or turns it around leads back exactly. Of other filters many places have one value, or it takes time
to get there: of them the value itself counts as the place, or, of a choice, the middle of where it is chosen.
"""

from collections.abc import Callable, Sequence
from functools import partial

from bridge.mapping.shape import invert, unbend, unbends
from bridge.profile.filters import Choose, Curve, Filter, Invert

Back = Callable[[float], float]


class Inverse:
    """The way back through some filters."""

    def __init__(self, filters: Sequence[Filter]) -> None:
        found = [_back(option) for option in filters]
        self.exact = all(exact for _, exact in found)
        """Whether each value has one place, and that is found."""
        self._steps = tuple(step for step, _ in reversed(found) if step is not None)

    def __call__(self, way: float) -> float:
        """Return the place from which the filters lead to `way`."""
        for step in self._steps:
            way = step(way)
        return way


def _back(option: Filter) -> tuple[Back | None, bool]:
    match option:
        case Invert(way):
            return partial(invert, way), True
        case Curve():
            return partial(unbend, option), unbends(option)
        case Choose(items):
            return partial(_chosen, items), False
        case _:
            return None, False


def _chosen(items: Sequence[float | str], value: float) -> float:
    """Return the middle of where the nearest of some items is chosen; where items are text, of that with the number."""
    numbers = [item for item in items if isinstance(item, int | float)]
    of = numbers if len(numbers) == len(items) else range(len(items))
    index = min(range(len(items)), key=lambda at: abs(of[at] - value))
    return (index + 0.5) / len(items)
