"""PURE. What was sent into what is meant.

Senders disagree about types: TouchDesigner's CHOPs send floats for everything, a button is 1.0 or True or "on", a list
of one is a number. What can be understood is taken as the sender meant it; what cannot be is refused with a sentence.
"""

import math
from collections.abc import Sequence
from typing import Any

from bridge.errors import Refused
from bridge.signals import Value

_TRUE = frozenset({"true", "on", "yes", "1"})
_FALSE = frozenset({"false", "off", "no", "0", ""})


def number(values: Sequence[Value]) -> float:
    """Return the number in `values`: the last of several, as a time slice ends with the newest."""
    value = last(values, "a number")
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Refused(f"a number is wanted, not the text {_short(value)}") from None
    if not isinstance(value, int | float):
        raise Refused(f"a number is wanted, not {_short(value)}")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise Refused(f"a number is wanted, not {_short(value)}")
    return found


def switch(values: Sequence[Value]) -> bool:
    """Return whether `values` mean on: a number from 0.5 up, true, or such a word."""
    value = last(values, "on or off")
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    return number([value]) >= 0.5


def text(values: Sequence[Value]) -> str:
    """Return the text in `values`."""
    value = last(values, "text")
    if not isinstance(value, str):
        raise Refused(f"text is wanted, not {_short(value)}")
    if not value.strip():
        raise Refused("text is wanted, and this is empty")
    return value.strip()


def choice(choices: Sequence[str], values: Sequence[Value]) -> str:
    """Return which of some choices `values` mean: by its name, in any case, or by its number from 0 on."""
    value = last(values, "one of " + ", ".join(choices))
    if isinstance(value, str):
        for one in choices:
            if one.lower() == value.strip().lower():
                return one
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        index = round(value)
        if 0 <= index < len(choices):
            return choices[index]
    raise Refused(f"one of {', '.join(choices)} is wanted, not {_short(value)}")


def steps(low: float, high: float, values: Sequence[Value]) -> tuple[list[int], bool]:
    """Return a denoising schedule, descending and without repeats, and whether anything in it had to be clamped."""
    wanted = [round(number([value])) for value in values]
    if not wanted:
        raise Refused("a list of steps is wanted, and this is empty")
    kept = sorted({int(min(high, max(low, step))) for step in wanted}, reverse=True)
    return kept, any(step < low or step > high for step in wanted)


def anything(values: Sequence[Value]) -> Any:
    """Return `values` as JSON can carry them: one alone as it is, several as a list."""
    for value in values:
        if isinstance(value, bytes):
            raise Refused("a pipeline's parameter is a number, text or a list, not raw bytes")
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused(f"a number is wanted, not {value}")
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            raise Refused(f"a number is wanted, and {_short(value)} is beyond what JSON can hold")
    if not values:
        raise Refused("a value is wanted, and this message has none")
    return values[0] if len(values) == 1 else list(values)


def last(values: Sequence[Value], wanted: str) -> Value:
    """Return the last of `values`; refuse a message without any, with what is wanted of it."""
    if not values:
        raise Refused(f"{wanted} is wanted, and this message has no value")
    return values[-1]


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."
