"""Filters that go on after the hand has stopped: how they are written."""

import math
import re
from typing import Final

from bridge.profile.durations import CUT
from bridge.profile.filters import (
    Accumulate,
    Delay,
    Encoder,
    Envelope,
    Filter,
    Hold,
    Normalise,
    OneEuro,
    Slew,
    Smooth,
    Spring,
)
from bridge.profile.language.filters.forms import TIME, Form, Wrong
from bridge.profile.shapes.shape import figure
from bridge.profile.shapes.structures import Field, Fields, Record, value_of
from bridge.profile.shapes.values import Choice, Length, Number, Switch
from bridge.relative import RELATIVE

_LAG: Final = Length()


def _per_second(near: re.Match[str]) -> str:
    seconds = float(near[1]) / (1000 if near[2] == "ms" else 1)
    return f"the whole way in {near[0]} is {1 / seconds:.4g} per second" if seconds else "for no limit, take it out"


SMOOTH = Record(
    "smooth",
    (
        Field("attack", _LAG, "The lag of a rise.", "10 ms", default="follows at once"),
        Field("release", _LAG, "The lag of a fall.", "400 ms", default="follows at once"),
    ),
    aliases={"rise": "attack", "up": "attack", "fall": "release", "down": "release", "decay": "release"},
)
ONE_EURO = Record(
    "one_euro",
    (
        Field("min_cutoff", Number(0.001, 1000), "Hz; lower is calmer at rest.", "1", default="1"),
        Field("beta", Number(0, 1000), "How much speed opens the filter.", "0.5", default="0"),
        Field("d_cutoff", Number(0.001, 1000), "Hz, of the speed's own filter.", "1", default="1"),
    ),
    aliases={"cutoff": "min_cutoff", "mincutoff": "min_cutoff", "fcmin": "min_cutoff", "dcutoff": "d_cutoff"},
)
SLEW = Record(
    "slew",
    (
        Field("up", Number(0, above=True), "So much up in a second, at most.", "2", default="no limit"),
        Field("down", Number(0, above=True), "So much down in a second, at most.", "0.5", default="no limit"),
    ),
    aliases={"rise": "up", "attack": "up", "fall": "down", "release": "down"},
)
SPRING = Record(
    "spring",
    (
        Field("period", TIME, "How long one swing takes without damping.", "400 ms", required=True),
        Field(
            "damping",
            Number(0.01, 100),
            "1 arrives without swinging over, less swings.",
            "0.4",
            default="1",
        ),
    ),
    aliases={"time": "period", "damp": "damping"},
)
ACCUMULATE = Record(
    "accumulate",
    (
        Field("step", Number(), "What a movement of 1 adds.", "0.01", default="0.01"),
        Field("low", Number(), "The lower end.", "0", default="0"),
        Field("high", Number(), "The upper end.", "1", default="1"),
        Field("start", Number(), "Where it begins.", "0.5", default="0, or the end that is nearest to it"),
        Field("wrap", Switch(), "Whether what leaves one end comes in at the other.", "true", default="it stays there"),
    ),
    aliases={"min": "low", "max": "high", "initial": "start", "by": "step", "amount": "step"},
)
_RELATIVE: Final = Choice(
    ("auto", "steps", *RELATIVE),
    {
        **dict.fromkeys(
            ("two's complement", "2s complement", "2's complement", "2's", "complement"), "twos complement"
        ),
        **dict.fromkeys(("offset 64", "binary offset", "64"), "offset"),
        **dict.fromkeys(("signed", "sign", "sign-magnitude", "signed bit"), "sign magnitude"),
        **dict.fromkeys(("on/off", "on-off", "onoff", "inc dec"), "on off"),
        **dict.fromkeys(("detect", "true"), "auto"),
    },
)
ENCODER = Record(
    "encoder",
    (
        Field(
            "relative",
            _RELATIVE,
            "What arrives: `steps`, as from controls that have names; or a 7-bit value that means steps: "
            "`twos complement` (1 up, 127 down), `offset` (65 up, 63 down), `sign magnitude` (1 up, 65 down), `on off` "
            "(127 up, 0 down); `auto` finds out which.",
            "auto",
            default="steps",
        ),
        Field("turn", Number(1, 100_000), "Steps for the whole way, turned slowly.", "50", default="100"),
        Field(
            "acceleration",
            Number(0, 20),
            "How much farther a step goes when turned fast: 0 as far as ever, 1 twice as far at 25 steps a second.",
            "1",
            default="0",
        ),
    ),
    aliases={
        **dict.fromkeys(("mode", "kind", "type", "encoding"), "relative"),
        **dict.fromkeys(("steps", "range", "ticks", "per_turn"), "turn"),
        **dict.fromkeys(("accel", "speed", "fast"), "acceleration"),
    },
)
NORMALISE = Record(
    "normalise",
    (
        Field("window", TIME, "How fast the ends forget what has been.", "10 s", required=True),
        Field(
            "floor",
            Number(0, above=True),
            "The smallest span that counts as movement: below it 0 comes out, and not noise made large.",
            "0.01",
            default="0.001",
        ),
    ),
    aliases={"time": "window", "min": "floor"},
)
ENVELOPE = Record(
    "envelope",
    (
        Field("attack", _LAG, "Up to 1.", "5 ms", default="at once"),
        Field("decay", _LAG, "From 1 down to `sustain`.", "400 ms", default="at once"),
        Field("sustain", Number(0, 1), "Where it stays while the signal stays up.", "0.5", default="0, a plain pulse"),
        Field("release", _LAG, "From `sustain` down to 0, when the signal falls.", "1 s", default="at once"),
    ),
    aliases={"a": "attack", "d": "decay", "s": "sustain", "r": "release", "hold": "sustain"},
)


def _smooth(fields: Fields) -> Smooth | Wrong:
    if "time" in fields:
        return Smooth(fields["time"].value, fields["time"].value)
    attack, release = value_of(fields, "attack", CUT), value_of(fields, "release", CUT)
    if not attack.amount and not release.amount:
        return Wrong("smooth needs a time", "for example: smooth: 150 ms")
    return Smooth(attack, release)


def _slew(fields: Fields) -> Slew | Wrong:
    if "both" in fields:
        return Slew(fields["both"].value, fields["both"].value)
    if not fields:
        return Wrong("slew needs a speed", "for example: slew: {up: 2, down: 0.5}")
    return Slew(value_of(fields, "up", math.inf), value_of(fields, "down", math.inf))


def _accumulate(fields: Fields) -> Accumulate | Wrong:
    low, high = float(value_of(fields, "low", 0.0)), float(value_of(fields, "high", 1.0))
    step, start = value_of(fields, "step", 0.01), value_of(fields, "start", min(max(0.0, low), high))
    if not step:
        return Wrong("a step of 0 goes nowhere", "for example: step: 0.01", "step")
    if low >= high:
        key = "high" if "high" in fields else "low"
        return Wrong(
            f"the lower end comes before the upper one, and here they are {figure(low)} and {figure(high)}",
            f"write {{low: {figure(high)}, high: {figure(low)}}}" if low > high else "for example: {low: 0, high: 1}",
            key,
        )
    if not low <= start <= high:
        return Wrong(
            f"it begins at {figure(start)}, which is not from {figure(low)} to {figure(high)}",
            f"begin at {figure(min(max(start, low), high))}",
            "start",
        )
    return Accumulate(step, low, high, start, value_of(fields, "wrap", False))


def _envelope(fields: Fields) -> Envelope | Wrong:
    attack, decay, release = (value_of(fields, key, CUT) for key in ("attack", "decay", "release"))
    sustain = value_of(fields, "sustain", 0.0)
    if not sustain and "release" in fields:
        return Wrong(
            "the release begins from the sustain, and this envelope has none",
            "for a pulse, write decay instead; to hold it while the signal is up, add sustain: 0.8",
            "release",
        )
    if not sustain and not attack.amount and not decay.amount:
        return Wrong(
            "this envelope is over as soon as it begins", "for example: envelope: {attack: 5 ms, decay: 400 ms}"
        )
    return Envelope(attack, decay, sustain, release)


MOTION: Final[tuple[Field[Filter], ...]] = (
    Field(
        "smooth",
        Form("a time like 150 ms, or {attack: 10 ms, release: 400 ms}", _smooth, SMOOTH, TIME, "time"),
        "Follow with a lag: the time in which a sudden change gets 63 % of the way; one for both directions, or "
        "`attack` for a rise and `release` for a fall.",
        "150 ms",
    ),
    Field(
        "one_euro",
        Form(
            "true, or {min_cutoff: 1, beta: 0.5}",
            lambda fields: OneEuro(
                value_of(fields, "min_cutoff", 1.0), value_of(fields, "beta", 0.0), value_of(fields, "d_cutoff", 1.0)
            ),
            ONE_EURO,
            bare=True,
        ),
        "The 1 euro filter, for trackers and hands: calm while slow, quick while fast.",
        "{min_cutoff: 1, beta: 0.5}",
    ),
    Field(
        "slew",
        Form(
            "a speed per second like 0.5, or {up: 2, down: 0.5}",
            _slew,
            SLEW,
            Number(0, above=True),
            "both",
            hints={r"([0-9.]*[0-9]) ?(ms|s)": _per_second},
        ),
        "At most so much in a second: on the way from 0 to 1, 0.5 takes two seconds for all of it.",
        "0.5",
    ),
    Field(
        "spring",
        Form(
            "a time like 400 ms, or {period: 400 ms, damping: 0.4}",
            lambda fields: Spring(fields["period"].value, value_of(fields, "damping", 1.0)),
            SPRING,
            TIME,
            "period",
        ),
        "Follow like a mass on a spring; with a damping below 1 it swings over.",
        "{period: 400 ms, damping: 0.4}",
    ),
    Field(
        "hold",
        Form(TIME.what, lambda fields: Hold(fields["time"].value), short=TIME, key="time"),
        "Keep the highest value so long before it may fall.",
        "200 ms",
    ),
    Field(
        "delay",
        Form(TIME.what, lambda fields: Delay(fields["time"].value), short=TIME, key="time"),
        "Everything so much later; nothing is lost.",
        "1 beat",
    ),
    Field(
        "accumulate",
        Form(
            "a step like 0.01, or {step: 0.01, low: 0, high: 1}",
            _accumulate,
            ACCUMULATE,
            Number(),
            "step",
            bare=True,
        ),
        "Add up what arrives, from a start of its own, so far for each movement; `encoder` begins where the target is.",
        "0.01",
    ),
    Field(
        "encoder",
        Form(
            "how it says its steps, like offset, or {relative: offset, turn: 100, acceleration: 1}",
            lambda fields: Encoder(
                value_of(fields, "relative", "steps"),
                float(value_of(fields, "turn", 100.0)),
                float(value_of(fields, "acceleration", 0.0)),
            ),
            ENCODER,
            _RELATIVE,
            "relative",
            bare=True,
            hints={r"([0-9.]+)": lambda near: f"for {near[1]} steps on the whole way: {{turn: {near[1]}}}"},
        ),
        "Turn the target from wherever it is now, whoever moved it, for encoders that send how far they were turned; what "
        "is one of several things, like a prompt of the bank, goes to the next with each step. It comes first. Encoders "
        "that have names need it only to turn otherwise than in 100 steps.",
        "{turn: 50, acceleration: 1}",
    ),
    Field(
        "normalise",
        Form(
            "a time like 10 s, or {window: 10 s, floor: 0.01}",
            lambda fields: Normalise(fields["window"].value, value_of(fields, "floor", 1e-3)),
            NORMALISE,
            TIME,
            "window",
        ),
        "Spread what has arrived of late over 0 to 1, between its lowest and its highest.",
        "10 s",
    ),
    Field(
        "envelope",
        Form(
            "a mapping like {attack: 5 ms, decay: 400 ms}",
            _envelope,
            ENVELOPE,
            hints={r"[0-9.]+ ?(?:ms|s|beats?|bars?)": lambda near: f"a pulse of that length is {{decay: {near[0]}}}"},
        ),
        "A rise through 0.5 starts a shape of its own: up, down to the sustain, and down to 0 when the signal falls.",
        "{attack: 5 ms, decay: 400 ms}",
    ),
)
"""Filters that go on after the hand has stopped."""
