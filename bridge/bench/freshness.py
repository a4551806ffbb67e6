"""Freshness: how old a value is when Scope uses it, on a rehearsal server, whose pictures say so themselves.

Scope takes one message per chunk, and throws the newest away when eight wait. `hands` plays the same minute of hand
movement to a client that sends as others do and to the bridge, one after the other, for several chunk times. The other
parts have no peer but the bridge itself: `jumps` of the chunk time, `wrong` frames per chunk, an `endless` signal.
"""

import asyncio
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.bench.measuring import Effort, Figure, Part
from bridge.bench.rival import NAME as RIVAL
from bridge.bench.stage import FRAMES, Bridge, Client, Server, on_stage, reaches, restless, rival, server
from bridge.bench.trace import Trace, chunks_until_fresh, ratios
from bridge.clock import now
from bridge.errors import Unavailable
from bridge.rehearsal.measurement import quantile

SEED: Final = 4
MINUTE: Final = 60.0
LEAST: Final = 8.0
"""Seconds of movement, at least: with fewer chunks there is no percentile."""
BEYOND: Final = 0.050
"""Seconds beyond one chunk that a value may be old, at the 95th percentile."""
FRESHER: Final = 1 / 8
"""Of the other client's age, at the median."""

CHUNKS: Final = (0.25, 0.5, 0.8)
"""Seconds: from a small pipeline on a fast machine to a large one."""
GESTURES: Final = {0.25: (90, 3), 0.5: (5, 0), 0.8: (2, 0)}
"""By chunk time: how many gestures end with a value that must land, for the bridge, whose minutes make them 100, and for the
other client, of whom a few are enough to see how it is."""
LATE: Final = 1.2
"""How many times as long as usual a chunk takes that the machine was late with: it had no time for the server. Where there
are many, it had none for the clients either, and the percentiles say so."""
PATIENCE: Final = 10
"""Chunks that a last value may take: those that wait before it, and two more."""

ENDLESS: Final = 600.0
"""Seconds of a signal that never rests."""
ENDLESS_CHUNK: Final = 0.5
JITTER: Final = 0.1
SAME: Final = 1.15
"""How much older a value may be in the last minute than in the first: at the 95th percentile, where chance is small."""

WRONG: Final = 8
"""Frames per chunk that the bridge is told, where the truth is `FRAMES`."""
WRONG_CHUNK: Final = 0.5
AFTER_ALARM: Final = 15.0
WRONG_AGE: Final = 1.5
"""In chunks, from `AFTER_ALARM` seconds after the first message was lost."""
NO_ALARM: Final = 40.0
"""Seconds after which none is expected any more."""

JUMPS: Final = (0.25, 1.0)
"""The two chunk times, in seconds, in turn."""
EVERY: Final = 5.0
JUMP_AGE: Final = 3.0
"""In longest chunks of the last five seconds, at the 95th percentile."""
FRESH: Final = 1.1
"""The same, when the jump is over."""
BACK: Final = 5
"""Chunks until then."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What came of a minute of movement, and of the gestures after it."""

    ages: Sequence[float]
    """In seconds, at each chunk start of the minute at which the hand was moving."""
    chunk: float
    """How long a chunk took, in seconds: the median."""
    late: float
    """The part of all chunks that took over `LATE` times as long."""
    dropped: int
    """Messages that the server threw away, those of the gestures included."""
    endings: int
    """How often the hand came to rest with a last value that had to land: after the minute, and after each gesture."""
    lost: int
    """How often it did not."""


def _hands(effort: Effort) -> Iterator[Figure]:
    """Play hand movement to both clients in turn, then gestures whose last value must land."""
    ours: list[Minute] = []
    theirs: list[Minute] = []
    with server() as stage:
        for chunk in CHUNKS[: effort.times(len(CHUNKS))]:
            many, few = (count and effort.times(count) for count in GESTURES[chunk])
            theirs.append(asyncio.run(_minute(stage, chunk, rival(stage.url), effort, few)))
            ours.append(asyncio.run(_minute(stage, chunk, Bridge(stage.url), effort, many)))
            yield from _beside(f"chunks of {chunk} s", ours[-1], theirs[-1])
    (endings, lost), (their_endings, their_lost) = (
        (sum(one.endings for one in minutes), sum(one.lost for one in minutes)) for minutes in (ours, theirs)
    )
    yield Figure(
        f"last values lost, of {endings}",
        100 * lost / endings,
        "%",
        f"{RIVAL}, of {their_endings}",
        100 * their_lost / their_endings,
        target=0.0,
    )


async def _minute(stage: Server, chunk: float, client: Client, effort: Effort, gestures: int) -> Minute:
    """Play a minute of movement, and then `gestures` short ones, each until its last value has landed or is given up."""
    await stage.set_chunk(chunk)
    chance = random.Random(SEED)
    async with on_stage(client) as hand:
        await hand.play(reaches(SEED), max(LEAST, MINUTE * effort.scale))
        moved = now()
        lost = int(not await hand.until(lambda: hand.trace.landed, PATIENCE * chunk))
        for _ in range(gestures):
            await asyncio.sleep(chance.uniform(0.0, chunk / 2))
            await hand.play(restless(), chance.uniform(0.1, 0.4))
            lost += not await hand.until(lambda: hand.trace.landed, PATIENCE * chunk)
    usual, lengths = _chunk(hand.trace), hand.trace.lengths
    late = sum(length > LATE * usual for length in lengths) / len(lengths)
    return Minute(hand.trace.ages(end=moved), usual, late, hand.trace.dropped, gestures + 1, lost)


def _beside(which: str, ours: Minute, theirs: Minute) -> Iterator[Figure]:
    (median, most), (their_median, their_most) = (_spread(minute.ages) for minute in (ours, theirs))
    yield Figure(f"age at the median, {which}", 1000 * median, "ms", RIVAL, 1000 * their_median, target=FRESHER)
    yield Figure(f"age at 95 %, {which}", 1000 * most, "ms", RIVAL, 1000 * their_most)
    yield Figure(f"the same, beyond one chunk, {which}", 1000 * (most - ours.chunk), "ms", target=1000 * BEYOND)
    yield Figure(f"messages thrown away, {which}", ours.dropped, "", RIVAL, theirs.dropped, target=0.0)
    yield Figure(f"chunks that the machine was late with, {which}", 100 * ours.late, "%", RIVAL, 100 * theirs.late)


def _jumps(effort: Effort) -> Iterator[Figure]:
    """Play a signal that never rests while the chunk time jumps."""
    with server() as stage:
        trace, turns = asyncio.run(_jumping(stage, max(4, round(12 * effort.scale))))
    found = ratios(trace)
    name = f"chunks of {JUMPS[0]} and {JUMPS[1]} s in turn"
    _, most = _spread([ratio for _, ratio in found])
    yield Figure(f"age at 95 %, {name}", most, "longest chunks", target=JUMP_AGE)
    counts = chunks_until_fresh(found, turns, FRESH)
    yield Figure(f"chunks until fresh again, at most, {name}", max(counts), "chunks", target=float(BACK))
    yield Figure(f"messages thrown away, {name}", trace.dropped, "", target=0.0)


async def _jumping(stage: Server, jumps: int) -> tuple[Trace, Sequence[float]]:
    """Return the trace, and when the chunk time jumped."""
    await stage.set_chunk(JUMPS[0])
    turns = []
    async with on_stage(Bridge(stage.url)) as hand:
        await hand.play(restless(), EVERY)
        for chunk in itertools.islice(itertools.cycle(reversed(JUMPS)), jumps):
            await stage.set_chunk(chunk)
            turns.append(now())
            await hand.play(restless(), EVERY)
    return hand.trace, turns


def _wrong(effort: Effort) -> Iterator[Figure]:
    """Play a signal that never rests with wrong frames per chunk; look what became of it a while after the first loss."""
    with server() as stage:
        trace, alarm = asyncio.run(_misled(stage, max(5.0, 30.0 * effort.scale)))
    which = f"{WRONG} frames per chunk told, {FRAMES} true"
    _, most = _spread(trace.ages(alarm + AFTER_ALARM))
    settled = [chunk.dropped for chunk in trace.chunks if chunk.start >= alarm + AFTER_ALARM]
    yield Figure(f"age at 95 %, {which}", most / _chunk(trace), "chunks", target=WRONG_AGE)
    yield Figure(f"messages thrown away before that, {which}", settled[0], "")
    yield Figure(f"messages thrown away from then on, {which}", settled[-1] - settled[0], "", target=0.0)


async def _misled(stage: Server, seconds: float) -> tuple[Trace, float]:
    """Return the trace until `seconds` after it should be well again, and when the first message was lost."""
    await stage.set_chunk(WRONG_CHUNK)
    async with on_stage(Bridge(stage.url, frames_per_chunk=WRONG)) as hand:
        begun = now()
        while hand.trace.first_drop is None and now() < begun + NO_ALARM:
            await hand.play(restless(), 1.0)
        alarm = hand.trace.first_drop or now()
        await hand.play(restless(), alarm + AFTER_ALARM + seconds - now())
    return hand.trace, alarm


def _endless(effort: Effort) -> Iterator[Figure]:
    """Play a signal that never rests while the chunk time trembles; hold the end against the start."""
    seconds = ENDLESS * effort.scale
    span = min(MINUTE, seconds / 3)
    with server() as stage:
        trace = asyncio.run(_restless(stage, seconds))
    begun, ended = trace.chunks[0].start, trace.chunks[-1].start
    first, last = trace.ages(begun, begun + span), trace.ages(ended - span)
    which = f"{seconds / 60:.3g} minutes without rest, chunks of {ENDLESS_CHUNK} s ± {JITTER:.0%}"
    peer = f"the first {span:.0f} s"
    (median, most), (early_median, early_most) = (_spread(ages) for ages in (last, first))
    name = f"in the last {span:.0f} s, {which}"
    yield Figure(f"age at the median, {name}", 1000 * median, "ms", peer, 1000 * early_median)
    yield Figure(f"age at 95 %, {name}", 1000 * most, "ms", peer, 1000 * early_most, target=SAME)
    yield Figure(f"the same, beyond one chunk, {name}", 1000 * (most - _chunk(trace)), "ms", target=1000 * BEYOND)
    yield Figure(f"messages thrown away, {which}", trace.dropped, "", target=0.0)


async def _restless(stage: Server, seconds: float) -> Trace:
    await stage.set_chunk(ENDLESS_CHUNK, JITTER)
    async with on_stage(Bridge(stage.url)) as hand:
        await hand.play(restless(), seconds)
    return hand.trace


def _spread(ages: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile. Raise `Unavailable` if nothing came back at all."""
    median, most = quantile(list(ages), 0.5), quantile(list(ages), 0.95)
    if median is None or most is None:
        raise Unavailable("nothing of the hand came back from the rehearsal server")
    return median, most


def _chunk(trace: Trace) -> float:
    """Return how long a chunk took, in seconds: the median."""
    return quantile(trace.lengths, 0.5) or 0.0


PARTS: Final = {
    "hands": Part(_hands),
    "jumps": Part(_jumps, usual=False),
    "wrong": Part(_wrong, usual=False),
    "endless": Part(_endless, usual=False),
}
