"""How far the values of a route can go: whether its filters have something to do, and whether its target can take it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from bridge.profile.building.routes.intervals import ANYTHING, UP, WAY, Interval, is_way, settled, through
from bridge.profile.filters import (
    Accumulate,
    Changed,
    Choose,
    Clamp,
    Curve,
    Deadzone,
    Edge,
    Envelope,
    Every,
    Filter,
    Gate,
    Levels,
    Math,
    Press,
    Round,
    Spring,
    Toggle,
)
from bridge.profile.model import Mix, ParameterTarget, Range, Target
from bridge.profile.shapes.shape import figure, shorten
from bridge.profile.shapes.structures import Fields, Given
from bridge.profile.source.problems import Notes, Place
from bridge.profile.targets import traits

_FARTHEST: Final = 600.0
"""Beyond this power of e, a value counts as infinite."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """What the check of one route and one target is about."""

    fields: Fields
    target: Target
    name: str
    """The target, as in the profile."""
    source: Range | None
    has_way: bool
    notes: Notes

    @property
    def mix(self) -> Mix:
        return cast(Mix, self.fields["mix"].value) if "mix" in self.fields else "latest"

    @property
    def filters(self) -> list[Given[Filter]]:
        """Everything that values go through, in its order: the keys `press` and `every` come first."""
        first: list[Given[Filter]] = []
        if given := self.fields.get("press"):
            first.append(Given(Press(given.value), given.place, given.key))
        if given := self.fields.get("every"):
            first.append(Given(Every(int(given.value)), given.place, given.key))
        listed: list[Given[Filter]] = self.fields["filters"].value if "filters" in self.fields else []
        return [*first, *listed]


def check_reach(route: Pairing) -> None:
    """Follow the values of a route through its filters, and note where they cannot go on, or go too far."""
    filters = route.filters
    ways = through(settled([one.value for one in filters], route.has_way), WAY if route.has_way else ANYTHING)
    for one, before, after in zip(filters, ways, ways[1:], strict=False):
        if before is None or not _check_filter(route, one, before, after):
            return
    last = ways[-1]
    if last is None or (filters and isinstance(filters[-1].value, Choose) and _is_text(filters[-1].value)):
        return
    if traits.is_trigger(route.target) and last[1] < UP:
        culprit = next(index for index, way in enumerate(ways) if way is not None and way[1] < UP)
        route.notes.error(
            filters[culprit - 1].place,
            f"{route.name} happens on a rise through 0.5, and after this filter nothing is above {figure(last[1])}",
            "take the filter out, or let it go up to 1",
        )
        return
    # What goes across stays between the first target and the last, whatever the filters make of it.
    _check_ends(route, [WAY] if "across" in route.fields else [way for way in ways if way is not None])


def _is_text(choose: Choose) -> bool:
    return any(isinstance(item, str) for item in choose.items)


def _check_filter(route: Pairing, one: Given[Filter], before: Interval, after: Interval | None) -> bool:
    """Note what a filter cannot do with the values that come to it; return whether anything leaves it."""
    low, high = before
    notes, come = route.notes, _come(before)
    needs_way = isinstance(one.value, Curve | Deadzone | Choose) or _counts(one.value)
    if needs_way and not (route.has_way or is_way(before)):
        what = {Curve: "a curve bends", Deadzone: "a deadzone stretches", Choose: "choose divides"}
        notes.error(
            one.place,
            f"{what.get(type(one.value), 'levels divide')} the way from one end to the other, "
            f"and {route.name} has no range of its own",
            "say what the signal's numbers mean: in: [0, 1]",
        )
        return False
    match one.value:
        case Clamp(bottom, top) if route.has_way and (bottom >= 1 or top <= 0) and before == WAY:
            notes.error(
                one.place,
                f"filters see the way, 0 to 1, and this keeps it at {1 if bottom >= 1 else 0} for ever",
                _as_way(route, (bottom, top), "clamp")
                or "clamp between numbers from 0 to 1, or set the ends in the target's unit with out",
            )
            return False
        case Clamp(bottom, top) if route.has_way and (bottom < 0 or top > 1) and before == WAY:
            notes.warning(
                one.place,
                f"filters see the way, 0 to 1: it never gets to {figure(bottom if bottom < 0 else top)}",
                _as_way(route, (bottom, top), "clamp")
                or "clamp between numbers from 0 to 1, or set the ends in the target's unit with out",
            )
        case Clamp() | Round() | Levels() if after is not None and after[0] == after[1] and low < high:
            example = {Round: "round: 0.05", Levels: "levels: 5", Clamp: "clamp: [0.2, 0.8]"}[type(one.value)]
            notes.error(
                one.place,
                f"{come}, and this keeps them at {figure(after[0])} for ever",
                _as_way(route, one.value.values, "levels") if isinstance(one.value, Levels) else None,
                f"for example: {{{example}}}",
            )
            return False
        case Levels(values) if after is not None and (values[0] < after[0] or values[-1] > after[1]):
            never = values[-1] if values[-1] > after[1] else values[0]
            notes.warning(
                one.place,
                f"{come}: it never gets to the level {figure(never)}",
                _as_way(route, values, "levels") or "levels lie where the values do: {levels: [0, 0.5, 1]}",
            )
        case Gate(opens) if after is None:
            notes.error(one.place, f"this gate opens at {figure(opens)}, and {come}: it never opens", _lower(before))
        case Gate(opens) if low >= opens:
            notes.warning(
                one.place,
                f"this gate opens at {figure(opens)}, and {come}: it is always open",
                "let it open higher, or take it out",
            )
        case Edge(threshold) if after is None:
            notes.error(
                one.place, f"the edge is at {figure(threshold)}, and {come}: nothing crosses it", _lower(before)
            )
        case Envelope() | Toggle() | Every() | Press() if after is None or high < UP:
            notes.error(
                one.place,
                f"this waits for a rise through 0.5, and {come}",
                "put a filter before it that goes up to 1, or take the one that keeps them down out",
            )
            return False
        case Changed(by) if after is None:
            notes.error(
                one.place,
                f"{come}: none differs from another by more than {figure(by)}, and only the first would pass",
                "for example: {changed: 0.01}",
            )
        case Math(expression) if after is None:
            notes.error(
                one.place,
                f"{come}, and for none of them has '{shorten(expression)}' a value",
                "for example: {math: x * 0.5 + 0.25}",
            )
        case _:
            pass
    return after is not None


def _counts(one: Filter) -> bool:
    """Return whether these are levels that were given by their number: from 0 to 1, at equal distances."""
    return isinstance(one, Levels) and one.values == tuple(
        index / (len(one.values) - 1) for index in range(len(one.values))
    )


def _come(interval: Interval) -> str:
    low, high = interval
    if low == high:
        return f"the only value that comes here is {figure(low)}"
    if math.isinf(low) and math.isinf(high):
        return "any value may come here"
    if math.isinf(low) or math.isinf(high):
        return (
            f"the values that come here are {figure(low)} or more"
            if math.isinf(high)
            else (f"the values that come here are {figure(high)} or less")
        )
    return f"the values that come here go from {figure(low)} to {figure(high)}"


def _lower(interval: Interval) -> str:
    low, high = interval
    if not math.isfinite(low) or not math.isfinite(high):
        return f"set it below {figure(high)}"
    return f"set it between {figure(low)} and {figure(high)}" if low < high else f"set it to {figure(high)}"


def _as_way(route: Pairing, values: Sequence[float], name: str) -> str | None:
    """Return how values in the target's unit, of which someone thought, are written as places on the way."""
    ends = _ends(route)
    if ends is None or not all(min(ends) <= value <= max(ends) for value in values):
        return None
    ways = ", ".join(figure(round((value - ends[0]) / (ends[1] - ends[0]), 4)) for value in values)
    meant = " and ".join(map(figure, values)) if len(values) == 2 else ", ".join(map(figure, values))
    return f"{meant} of {route.name} are, on the way, {{{name}: [{ways}]}}"


# Where values end.


def _ends(route: Pairing) -> Range | None:
    """Return where the way begins and ends in the target's unit; None where it is not known to have a unit."""
    if "out" in route.fields:
        return cast(Range, route.fields["out"].value)
    way = traits.way(route.target)
    if way is None or route.source is None:
        return way
    if route.mix == "add":
        return 0.0, way[1] - way[0]
    return WAY if route.mix == "multiply" else way


def _onto(route: Pairing, way: float, ends: Range) -> float:
    low, high = ends
    known = route.target.parameter if isinstance(route.target, ParameterTarget) else None
    if known is not None and known.scale == "log" and min(ends) > 0 and route.mix == "latest":
        steps = way * math.log(high / low)
        return low * math.exp(steps) if steps < _FARTHEST else math.inf
    return low + way * (high - low)


def _allowed(route: Pairing, limits: Range) -> Interval:
    match route.mix:
        case "add":
            return limits[0] - limits[1], limits[1] - limits[0]
        case "multiply":
            return (0.0, math.inf) if limits[0] >= 0 else ANYTHING
        case _:
            return limits


def _check_ends(route: Pairing, ways: list[Interval]) -> None:
    """Note where values leave what the target takes: at an end of `out`, or through one of the filters."""
    ends, limits = _ends(route), traits.limits(route.target)
    if ends is None or limits is None or not traits.takes_out(route.target):
        return
    allowed = _allowed(route, limits)

    def sent(way: Interval) -> Interval:
        one, other = _onto(route, way[0], ends), _onto(route, way[1], ends)
        return min(one, other), max(one, other)

    reached = [sent(way) for way in ways]
    last = reached[-1]
    if _fits(last, allowed):
        return
    if not _fits(sent(WAY), allowed):
        _check_out(route, ends, last, allowed, limits)
        return
    culprit = next(index for index in reversed(range(len(reached))) if _fits(reached[index], allowed))
    one = route.filters[culprit]
    message = _too_far(route, last, allowed, limits)
    if isinstance(one.value, Spring):
        about = _too_far(route, (round(last[0], 2), round(last[1], 2)), allowed, limits)
        route.notes.warning(
            one.place,
            f"{about}, where this swings over: it is cut off there",
            "leave it room with out, or let it arrive without swinging: damping: 1",
        )
        return
    route.notes.error(one.place, message, *_ways_out(route, one.value))


def _ways_out(route: Pairing, one: Filter) -> list[str | None]:
    beside = "filters see the way, 0 to 1; keep it there with {clamp: [0, 1]} after this one"
    match one:
        case Levels(values):
            return [_as_way(route, values, "levels"), "filters see the way, 0 to 1: {levels: [0, 0.5, 1]}"]
        case Choose(items):
            numbers = [float(item) for item in items]
            return [_as_way(route, numbers, "choose"), "filters see the way, 0 to 1: {choose: [0, 0.5, 1]}"]
        case Accumulate():
            return ["filters see the way, 0 to 1: {accumulate: {low: 0, high: 1}}"]
        case _:
            return [beside]


def _fits(interval: Interval, allowed: Interval) -> bool:
    room = 1e-9 * max([1.0, *(abs(end) for end in allowed if math.isfinite(end))])
    return allowed[0] - room <= interval[0] and interval[1] <= allowed[1] + room


def _check_out(route: Pairing, ends: Range, last: Interval, allowed: Interval, limits: Range) -> None:
    out = route.fields.get("out")
    if out is None:
        return
    for index, end in enumerate(ends):
        if allowed[0] <= end <= allowed[1]:
            continue
        down = end < allowed[0]
        nearest_end = allowed[0] if down else allowed[1]
        route.notes.error(
            _item(out.place, index, route.notes),
            _too_far(route, (last[0], allowed[1]) if down else (allowed[0], last[1]), allowed, limits),
            f"{'end' if index else 'begin'} the range at {figure(nearest_end)}",
        )


def _too_far(route: Pairing, sent: Interval, allowed: Interval, limits: Range) -> str:
    low, high = sent
    ways = [
        f"{word} {figure(end) if math.isfinite(end) else 'any number'}"
        for word, end, beyond in (("down to", low, low < allowed[0]), ("up to", high, high > allowed[1]))
        if beyond
    ]
    doing = {"add": "add", "multiply": "multiply it by numbers"}.get(route.mix, "send")
    return (
        f"{route.name} goes from {figure(limits[0])} to {figure(limits[1])}, "
        f"but this route can {doing} {' and '.join(ways)}"
    )


def _item(place: Place, index: int, notes: Notes) -> Place:
    """Return the place of an item in a list that stands on one line; the list's where it does not."""
    if place.line != place.end_line:
        return place
    text = notes.lines[place.line - 1][place.column - 1 : place.end_column - 1]
    found = list(re.finditer(r"[^\s,\[\]]+", text))
    if index >= len(found):
        return place
    start, end = found[index].span()
    return Place(place.line, place.column + start, place.line, place.column + end)
