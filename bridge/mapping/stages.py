"""PURE. Filters at work: every option of `filters:` becomes one stage.

    smooth = open_stage(Smooth(Duration(0.1), CUT), around)
    smooth.feed(0.0, now=12.0)                             # 0.0
    smooth.feed(1.0, now=13.0)                             # 0.0: on its way, from now on
    smooth.tick(13.1)                                      # (0.632…,)

Stages are fed finite numbers, and only such leave them.
"""

from typing import assert_never

from bridge.mapping.encoder import Turner
from bridge.mapping.envelope import EnvelopeGenerator
from bridge.mapping.gate import (
    Button,
    ChangeDetector,
    Conditional,
    DelayLine,
    Divider,
    EdgeDetector,
    LineWaiter,
    NoiseGate,
    RateLimiter,
    ToggleSwitch,
)
from bridge.mapping.motion import (
    Accumulator,
    Normaliser,
    OneEuroFilter,
    PeakHolder,
    Slewer,
    Smoother,
    Springer,
)
from bridge.mapping.shape import Shaper
from bridge.mapping.stage import Around, Stage
from bridge.profile.filters import (
    Accumulate,
    AtMost,
    Changed,
    Choose,
    Clamp,
    Curve,
    Deadzone,
    Delay,
    Detent,
    Edge,
    Encoder,
    Envelope,
    Every,
    Filter,
    Gate,
    Hold,
    Invert,
    Levels,
    Math,
    Normalise,
    OneEuro,
    Press,
    Round,
    Slew,
    Smooth,
    Spring,
    Toggle,
    Wait,
    When,
    Wrap,
)


def open_stage(option: Filter, around: Around) -> Stage:
    """Return the filter at work, at its beginning. What it needs to know of the show it asks of `around`."""
    match option:
        case Clamp() | Invert() | Curve() | Deadzone() | Detent() | Levels() | Round() | Math() | Choose() | Wrap():
            return Shaper(option)
        case Smooth():
            return Smoother(option, around)
        case OneEuro():
            return OneEuroFilter(option)
        case Slew():
            return Slewer(option)
        case Spring():
            return Springer(option, around)
        case Hold():
            return PeakHolder(option, around)
        case Delay():
            return DelayLine(option, around)
        case Accumulate():
            return Accumulator(option)
        case Encoder():
            return Turner(option)
        case Normalise():
            return Normaliser(option, around)
        case Envelope():
            return EnvelopeGenerator(option, around)
        case Gate():
            return NoiseGate(option)
        case Edge():
            return EdgeDetector(option)
        case Toggle():
            return ToggleSwitch(option)
        case Every():
            return Divider(option)
        case AtMost():
            return RateLimiter(option, around)
        case Changed():
            return ChangeDetector(option)
        case When():
            return Conditional(option, around)
        case Wait():
            return LineWaiter(option, around)
        case Press():
            return Button(option)
        case _:
            assert_never(option)


def pulses(option: Filter) -> bool:
    """Return whether each 1 that leaves the filter is an event of its own, though no 0 may come between two of them."""
    match option:
        case Press(kind):
            return kind != "press"
        case Edge(_, edge):
            return edge != "both"
        case Every():
            return True
        case _:
            return False
