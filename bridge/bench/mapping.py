"""The mapping: what a signal costs, what a tick costs, how fast a whole evening replays.

The peers are what one would write without thinking further: `fnmatch` over a list of patterns, a loop over smoothers.
A chunk is taken to come every 45 ticks (0.75 s).
"""

import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from bridge import capture, mapping
from bridge.bench.measuring import Contender, Effort, Figure, Part, side_by_side
from bridge.mapping.bank import GRID, RATE
from bridge.mapping.motion import NEAR
from bridge.mapping.patterns import Patterns
from bridge.offline import Show
from bridge.parameters import PARAMETERS, Change, Kind, Parameter
from bridge.profile.durations import CHUNK_SECONDS, Duration
from bridge.profile.filters import Clamp, Curve, Filter, Smooth
from bridge.profile.model import ParameterTarget, Profile, Route
from bridge.signals import Batch, Sample

ROUTES: Final = (10, 100, 1_000, 10_000)
SMOOTHERS: Final = ((64, None), (512, 1 / 25), (4_096, 1 / 70))
"""How many live ones, and the highest ratio to the loop that will do."""
PATTERNS: Final = 300
FLAT: Final = 1.3
"""How much dearer a signal may be with all the routes than with the fewest."""
PLAYED: Final = 10
"""Signals that play while all other routes are silent."""
BATCH: Final = 20
"""Signals that one wake-up of an input brings."""
TICKS: Final = round(CHUNK_SECONDS * RATE)
"""Ticks from one chunk to the next."""
ATTACK: Final = 20.0
RELEASE: Final = 30.0
"""Seconds; so slow that all still move when the measuring ends."""
LOW: Final = 0.1
HIGH: Final = 0.9
"""Where the way begins and ends."""
TEN_MINUTES: Final = 600.0
REPLAYED: Final = 200
"""Routes of the show that is replayed."""
SHARING: Final = 20
"""Those of them whose parameter others drive too."""
RHYTHM: Final = 4
"""Signals in each 60th of a second of it."""
PATIENCE: Final = 3.0
"""Seconds that its replay may take."""


# A signal, among more and more routes


def _signals(effort: Effort) -> Iterator[Figure]:
    """Time the same few signals while ever more routes listen to others; then all of them in turn."""
    few = [f"bench/{number}" for number in range(PLAYED)]
    times = side_by_side({str(count): _feeding(_exact(count), few, effort) for count in ROUTES}, effort.rounds)
    least = ROUTES[0]
    for count in ROUTES:
        yield Figure(
            f"a signal, {count:,} routes",
            times[str(count)],
            "µs",
            f"the same with {least}" if count != least else "",
            times[str(least)] if count != least else None,
            FLAT if count != least else None,
        )
    most = ROUTES[-1]
    in_turn = side_by_side(
        {
            "few": _feeding(_exact(most), few, effort),
            "all": _feeding(_exact(most), [f"bench/{number}" for number in range(most)], effort),
        },
        effort.rounds,
    )
    yield Figure(
        f"a signal, {most:,} routes, all in turn", in_turn["all"], "µs", f"only {PLAYED} of them", in_turn["few"]
    )


def _exact(count: int) -> mapping.Mapping:
    return mapping.compile(_profile([_route(number) for number in range(count)]))


def _feeding(playing: mapping.Mapping, paths: Sequence[str], effort: Effort) -> Contender:
    """Feed signals, another value each time; what they change is taken between the rounds, as a chunk would."""
    number = effort.times(1_000)
    samples: list[Sample] = [
        (paths[each % len(paths)], (each % 997 / 997,)) for each in range(max(BATCH * number, len(paths)))
    ]
    batches = [Batch(0.0, samples[begin : begin + BATCH]) for begin in range(0, len(samples), BATCH)]

    def run() -> None:
        for batch in batches:
            playing.feed(batch)

    return Contender(run, len(samples), before=lambda: playing.take(0.0))


# A signal, among patterns


def _patterns(effort: Effort) -> Iterator[Figure]:
    """Find the routes of a signal among patterns: one that was never seen, and one that was."""
    patterns = list(_kinds(PATTERNS))
    found: Patterns[int] = Patterns()
    for number, pattern in enumerate(patterns):
        found.add(pattern, number)
    playing = mapping.compile(_profile([_route(number, signal=each) for number, each in enumerate(patterns)]))
    wild = [each.replace("{n}", "*") for each in patterns]
    paths = [
        path
        for number in range(effort.times(500))
        for path in (f"td/deck{number % 75}/x{number}", f"td/{number}/knob{number % 75}", f"td/no/such/thing{number}")
    ]
    known = paths[:PLAYED] * (len(paths) // PLAYED)
    playing.feed(Batch(0.0, [(path, (0.5,)) for path in known]))
    fewer = paths[: effort.times(150)]
    times = side_by_side(
        {
            "first": Contender(_each(found.find, paths), len(paths)),
            "known": Contender(_each(playing.knows, known), len(known)),
            "fnmatch": Contender(_each(lambda path: [each for each in wild if fnmatch(path, each)], fewer), len(fewer)),
        },
        effort.rounds,
    )
    for which, target in (("first", 1 / 60), ("known", 1 / 1000)):
        sight = "at first sight" if which == "first" else "known"
        yield Figure(
            f"finding a signal's routes, {PATTERNS} patterns, {sight}",
            times[which],
            "µs",
            "fnmatch",
            times["fnmatch"],
            target,
        )


def _kinds(count: int) -> Iterator[str]:
    """Yield patterns of each kind in equal numbers, as a profile has them: for decks, layers, groups, knobs."""
    for number in range(count // 4):
        yield f"td/deck{number}/*"
        yield f"td/layer{number}/fader*"
        yield f"td/group{number}/**"
        yield f"td/{{n}}/knob{number}"


def _each(find: Callable[[str], object], paths: Sequence[str]) -> Callable[[], None]:
    def run() -> None:
        for path in paths:
            find(path)

    return run


# A tick, with many smoothers on their way


def _smoothers(effort: Effort) -> Iterator[Figure]:
    for count, target in SMOOTHERS:
        yield from _moving(count, target, effort)


def _moving(count: int, target: float | None, effort: Effort) -> Iterator[Figure]:
    """Time ticks while all smoothers move, as the daemon ticks; and a chunk: its ticks, and taking what changed."""
    ours, loop = _Moving(count), _Loop(count)
    times = side_by_side(
        {
            "tick": Contender(ours.ticks, TICKS, before=ours.begin),
            "loop": Contender(loop.ticks, TICKS, before=loop.begin),
            "chunk": Contender(ours.chunk, before=ours.begin),
            "loop's chunk": Contender(loop.chunk, before=loop.begin),
        },
        effort.rounds,
    )
    yield Figure(f"a tick, {count:,} live smoothers", times["tick"], "µs", "a loop over them", times["loop"], target)
    yield Figure(
        f"a chunk's {TICKS} ticks and its changes, {count:,} of them",
        times["chunk"],
        "µs",
        "the loop, the same",
        times["loop's chunk"],
    )


class _Moving:
    """The whole mapping, as the daemon uses it."""

    def __init__(self, count: int) -> None:
        smooth = Smooth(Duration(ATTACK), Duration(RELEASE))
        self._mapping = mapping.compile(_profile([_route(number, smooth, out=(LOW, HIGH)) for number in range(count)]))
        self._count = count
        self._grid = 0
        self._send(0.0)  # the first one is taken at once

    def begin(self) -> None:
        """Send all of them to where they were not."""
        self._send(0.0 if self._grid % 2 else 1.0)
        self._mapping.take(self._grid * GRID)

    def ticks(self) -> None:
        """Let a chunk's time pass; ask at each tick what the daemon asks."""
        for _ in range(TICKS):
            self._grid += 1
            self._mapping.tick(self._grid / RATE)
            assert self._mapping.moving
            assert self._mapping.waiting

    def chunk(self) -> None:
        """Do that, and take what has changed."""
        self.ticks()
        changes = self._mapping.take(self._grid / RATE)
        assert len(changes) == self._count

    def _send(self, way: float) -> None:
        samples: list[Sample] = [(f"bench/{number}", (way,)) for number in range(self._count)]
        self._mapping.feed(Batch(self._grid / RATE, samples))


@dataclass(slots=True)
class _Plain:
    """One smoother, written plainly."""

    parameter: str
    attack: float
    release: float
    then: float = 0.0
    level: float = 0.0
    target: float = 0.0
    value: float = 0.0
    told: float = -1.0


class _Loop:
    """The peer: a loop over all smoothers at every tick, with the same way out and the same changes for a chunk."""

    def __init__(self, count: int) -> None:
        self._smoothers = [_Plain(f"bench_{number}", ATTACK, RELEASE) for number in range(count)]
        self._round = 0
        self._now = 0.0

    def begin(self) -> None:
        """Send all of them to where they were not."""
        self._round += 1
        for one in self._smoothers:
            one.target, one.then = float(self._round % 2), self._now
        self._changes()

    def ticks(self) -> None:
        """Let a chunk's time pass."""
        for _ in range(TICKS):
            self._now = now = self._now + GRID
            for one in self._smoothers:
                level, target = one.level, one.target
                if level == target:
                    continue
                lag = one.attack if target > level else one.release
                level = target + (level - target) * math.exp((one.then - now) / lag)
                if abs(level - target) <= NEAR:
                    level = target
                one.level, one.then = level, now
                value = LOW + level * (HIGH - LOW)
                one.value = 0.0 if value < 0.0 else 1.0 if value > 1.0 else value

    def chunk(self) -> None:
        """Do that, and make the changes."""
        self.ticks()
        changes = self._changes()
        assert len(changes) == len(self._smoothers)

    def _changes(self) -> list[Change]:
        changes = []
        for one in self._smoothers:
            value = round(one.value, 6)
            if value != one.told:
                one.told = value
                changes.append(Change(one.parameter, value, self._now))
        return changes


# A whole evening


def _replay(effort: Effort) -> Iterator[Figure]:
    """Time the replay of a recorded show, from its file to the messages that Scope would get.

    Half of its routes are smoothed. Most have a parameter to themselves; some share three, and whoever moved last has it.
    """
    seconds = TEN_MINUTES * effort.scale
    filters: Sequence[tuple[Filter, ...]] = (
        (),
        (Curve("s"), Clamp(0.1, 0.9)),
        (Smooth(Duration(0.1), Duration(0.5)),),
        (Curve("exp"), Smooth(Duration(0.02), Duration(2.0))),
    )
    shared = [PARAMETERS[name] for name in ("noise_scale", "vace_context_scale", "kv_cache_attention_bias")]
    profile = _profile(
        [
            _route(
                number,
                *filters[number % len(filters)],
                parameter=shared[number % len(shared)] if number < SHARING else None,
            )
            for number in range(REPLAYED)
        ]
    )
    with tempfile.TemporaryDirectory(prefix="scope-bridge-") as folder:
        path = Path(folder, "bench.jsonl")
        with capture.Writer(path, capture.Header("bench.yaml", ""), clock=lambda: 0.0) as writer:
            for batch in _hands(seconds):
                writer.put(batch)
        played = capture.read(path)

        def run() -> None:
            for _ in Show(profile, played.header.origin).play(played):
                pass

        (taken,) = side_by_side({"replay": Contender(run)}, min(effort.rounds, 3)).values()
    name = f"replaying 10 minutes, {REPLAYED} routes, {RHYTHM * RATE} signals a second"
    yield Figure(name, taken / 1e6 / effort.scale, "s", target=PATIENCE)


def _hands(seconds: float) -> Iterator[Batch]:
    """Yield what many hands do: each route in turn, along a curve of its own."""
    for grid in range(round(seconds * RATE)):
        time = grid / RATE
        heard = [(grid * RHYTHM + each) % REPLAYED for each in range(RHYTHM)]
        yield Batch(
            time, [(f"bench/{one}", (round(0.5 + 0.5 * math.sin(time * (0.1 + one / 50)), 6),)) for one in heard]
        )


# Profiles, made without a file


def _profile(routes: Sequence[Route]) -> Profile:
    return Profile("bench.yaml", routes=tuple(routes))


def _route(
    number: int,
    *filters: Filter,
    signal: str = "",
    out: tuple[float, float] | None = None,
    parameter: Parameter | None = None,
) -> Route:
    """Return a route from a signal of its own, to a parameter of its own that takes 0 to 1, where none is given."""
    text = f"param/bench_{number}" if parameter is None else parameter.name
    parameter = parameter or Parameter(f"bench_{number}", Kind.NUMBER, "a number", low=0.0, high=1.0)
    signal = signal or f"bench/{number}"
    return Route(signal, ParameterTarget(parameter), text, filters, source=(0.0, 1.0), out=out)


PARTS: Final = {
    "signals": Part(_signals),
    "patterns": Part(_patterns),
    "smoothers": Part(_smoothers),
    "replay": Part(_replay),
}
