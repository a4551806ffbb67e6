"""The filters of a route: their options.

How they are written is in `language.filters`, how they behave in `bridge.mapping`.
"""

from dataclasses import dataclass
from typing import Final, Literal

from bridge.profile.durations import CUT, Duration
from bridge.relative import Relative

# Shape: the same value in gives the same value out, whenever it comes.


@dataclass(frozen=True, slots=True)
class Clamp:
    """Keep a value between two ends."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Invert:
    """Turn the way around: 0 becomes 1. Where there is no way from 0 to 1, the sign changes."""

    way: bool = True
    """Whether the value is on the way from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Bend the way from the low end to the high end; the ends stay."""

    shape: Literal["exp", "log", "s", "power", "bezier", "points"]
    power: float = 2.0
    """The exponent, for `power`. Above 0."""
    points: tuple[tuple[float, float], ...] = ()
    """For `points`: at least two corners (x, y), x rising from 0 to 1, joined by straight lines; y from 0 to 1.
    For `bezier`: the two handles, each from 0 to 1, as in CSS's `cubic-bezier`."""


@dataclass(frozen=True, slots=True)
class Deadzone:
    """Around the centre nothing happens; outside, the way is stretched so that no value is lost."""

    width: float
    """The whole width of the zone, on the way from 0 to 1. Above 0, below 1."""
    center: float = 0.5


@dataclass(frozen=True, slots=True)
class Detent:
    """Near some points a value snaps to them."""

    points: tuple[float, ...]
    """Rising, from 0 to 1."""
    width: float = 0.05
    """How far on each side a point attracts. Above 0."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Only certain values: so many of equal distance from 0 to 1, or those of a list; the nearest is taken."""

    values: tuple[float, ...]
    """Rising, at least two."""


@dataclass(frozen=True, slots=True)
class Round:
    """The nearest multiple of a step."""

    step: float
    """Above 0."""


@dataclass(frozen=True, slots=True)
class Math:
    """A safe expression of `x`: numbers, + - * / % **, comparisons, and/or/not, `a if b else c`, and the functions
    abs, min, max, floor, ceil, round, sqrt, exp, log, sin, cos, tan, sign, clamp(x, low, high), pi."""

    expression: str
    """As written. It has been parsed once, and is known to be good."""


@dataclass(frozen=True, slots=True)
class Choose:
    """The way from 0 to 1, cut into as many equal parts as the list has items; the item is what comes out."""

    items: tuple[float | str, ...]
    """At least two. Text fits targets that take text (prompt, word, choices)."""


@dataclass(frozen=True, slots=True)
class Wrap:
    """What leaves one end comes in at the other."""

    low: float
    high: float


# Motion: goes on after the hand has stopped. Every time is a `Duration`.


@dataclass(frozen=True, slots=True)
class Smooth:
    """Follow a level with a lag, the same lag at every tick rate."""

    attack: Duration
    """Until a sudden rise has gone 63 % of the way. `CUT` follows at once."""
    release: Duration
    """The same for a fall."""


@dataclass(frozen=True, slots=True)
class OneEuro:
    """The 1 euro filter (Casiez, Roussel, Vogel 2012): calm while slow, quick while fast. Moves on samples only."""

    min_cutoff: float = 1.0
    """Hz; lower is calmer at rest. Above 0."""
    beta: float = 0.0
    """How much speed opens the filter. 0 or more."""
    d_cutoff: float = 1.0
    """Hz, of the speed's own filter. Above 0."""


@dataclass(frozen=True, slots=True)
class Slew:
    """At most so much per second; one speed up, one down."""

    up: float
    """Units per second. Above 0; infinite for no limit."""
    down: float


@dataclass(frozen=True, slots=True)
class Spring:
    """Follow like a mass on a spring: may overshoot and swing."""

    period: Duration
    """How long one swing takes without damping. Not `CUT`."""
    damping: float = 1.0
    """1 arrives without overshoot, less swings. Above 0."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the highest value for a time before it may fall."""

    time: Duration


@dataclass(frozen=True, slots=True)
class Delay:
    """Everything so much later, nothing lost."""

    time: Duration


@dataclass(frozen=True, slots=True)
class Accumulate:
    """Add up what arrives: for relative encoders. Each sample is a movement."""

    step: float = 0.01
    """What a movement of 1 adds."""
    low: float = 0.0
    high: float = 1.0
    start: float = 0.0
    wrap: bool = False
    """Whether what leaves one end comes in at the other."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder turns its target from wherever that is now, and stays within the way."""

    relative: Relative | Literal["auto", "steps"] = "steps"
    """What arrives: steps, or a 7-bit value as 0 to 1 (of 127) that means steps in one of the known ways; `auto` finds out
    which."""
    turn: float = 100.0
    """Steps for the whole way, turned slowly. Above 0."""
    acceleration: float = 0.0
    """How much farther a step goes when turned fast: 0 as far as ever, 1 twice as far at 25 steps per second, and so on."""


@dataclass(frozen=True, slots=True)
class Normalise:
    """Spread what has arrived lately over 0 to 1: between its running minimum and maximum. Moves on samples only."""

    window: Duration
    """How fast the ends forget: an old extreme fades with this time constant."""
    floor: float = 1e-3
    """The smallest span that counts as movement; below it the output is 0. Above 0."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A rise through 0.5 starts a shape of its own: up in `attack`, down to `sustain` in `decay`, held while the
    signal stays up, down to 0 in `release`. With `sustain` 0 (the default) it is a plain pulse."""

    attack: Duration
    decay: Duration
    sustain: float = 0.0
    """0 to 1."""
    release: Duration = CUT


# Gates: some of it passes.


@dataclass(frozen=True, slots=True)
class Gate:
    """Open above a threshold: what passes, passes as it is; below, 0 comes out once."""

    open: float
    """From here up it opens."""
    close: float
    """Below here it closes; not above `open`: the difference is the hysteresis."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A rise through the threshold gives 1, a fall gives 0; nothing between."""

    threshold: float = 0.5
    edge: Literal["rise", "fall", "both"] = "both"
    """Which of them leaves: `rise` gives 1 (and nothing on the fall), `fall` gives 1 on each fall."""


@dataclass(frozen=True, slots=True)
class Toggle:
    """Each rise through 0.5 changes between 0 and 1."""

    start: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """Only every n-th rise through 0.5 passes; the first is the n-th."""

    count: int
    """2 or more."""


@dataclass(frozen=True, slots=True)
class AtMost:
    """At most one in a time; the last one always comes, at the end of the time."""

    time: Duration
    """The shortest time between two."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Only what differs from the last that passed."""

    by: float = 0.0
    """By more than this."""


@dataclass(frozen=True, slots=True)
class When:
    """Passes only while something is so; what came while it was not is gone."""

    page: str | None = None
    scene: str | None = None
    """The scene recalled last."""
    state: str | None = None
    """The talk with Scope: searching, loading, connecting, streaming, paused."""
    signal: str | None = None
    """The last number of this signal counts: at least `above`, less than `below`."""
    above: float | None = None
    below: float | None = None
    negate: bool = False
    """Passes while it is not so."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Until the next line of so many beats or bars (seconds: so long); the newest that waits is what leaves."""

    until: Duration


@dataclass(frozen=True, slots=True)
class Press:
    """Which event of a button counts: each gives a pulse, 1 and at once 0. A route's key `press` makes it."""

    kind: Literal["press", "release", "long", "double"]
    """`press` on a rise through 0.5, `release` on the fall, `long` when it was held for `LONG_PRESS`, `double` on the
    second rise within `DOUBLE_PRESS`."""


LONG_PRESS: Final = 0.6
"""Seconds that a button is held for a long press."""
DOUBLE_PRESS: Final = 0.35
"""Seconds within which two presses are a double one."""

Filter = (
    Clamp | Invert | Curve | Deadzone | Detent | Levels | Round | Math | Choose | Wrap
    | Smooth | OneEuro | Slew | Spring | Hold | Delay | Accumulate | Encoder | Normalise | Envelope
    | Gate | Edge | Toggle | Every | AtMost | Changed | When | Wait | Press
)  # fmt: skip
