"""The pacer against a discrete-event model of Scope: its queue of 8, its chunks, its paced output. No clock, no waiting."""

import heapq
import itertools
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pytest

from bridge.rehearsal.worker import Chunk, Instance, Worker
from bridge.session.pacing.pacer import CALM, DOUBT, PAUSED_INTERVAL, QUEUE, SLACK, Pacer, Timed

NETWORK = 0.005
"""Seconds on the way, in either direction."""


@dataclass
class Show:
    """A hand that moves 60 times a second, the pacer, and the rehearsal server's own worker behind a model of time."""

    chunk: float
    frames: int
    jitter: float = 0.0
    seed: int = 1
    hand_until: float = float("inf")
    believed_frames: int | None = None
    stalls: tuple[tuple[float, float], ...] = ()
    """Chunks that begin in such a span take its length longer."""

    ages: list[float] = field(default_factory=list)
    """For each chunk: how old the value in effect was when it started."""
    effects: list[float | None] = field(default_factory=list)
    sent: int = 0
    chunks: int = 0

    def run(self, seconds: float) -> "Show":
        self.worker = Worker(Instance("longlive", self.frames, prompted=False))
        self.pacer = Pacer(self.believed_frames or self.frames)
        chance = random.Random(self.seed)
        order = itertools.count()
        events: list[tuple[float, int, str, Any]] = []

        def at(time: float, kind: str, what: Any = None) -> None:
            heapq.heappush(events, (time, next(order), kind, what))

        playing, output, batches = False, 0, deque[float](maxlen=10)
        value: float | None = None
        at(0.0, "chunk")
        at(0.0, "hand")
        while events[0][0] < seconds:
            now, _, kind, what = heapq.heappop(events)
            if kind == "chunk":
                chunk = self.worker.step()
                assert isinstance(chunk, Chunk)
                self.chunks += 1
                probe = chunk.state.get("probe")
                self.effects.append(probe)
                if probe is not None and now <= self.hand_until:
                    self.ages.append(now - probe)
                took = self.chunk * (1 + chance.uniform(-self.jitter, self.jitter))
                took += sum(length for begin, length in self.stalls if begin <= now < begin + length)
                at(now + took, "done", took)
                at(now + took, "chunk")
            elif kind == "done":
                batches.append(self.frames / what)
                output += self.frames
                if not playing:
                    playing = True
                    at(now, "play")
            elif kind == "play":
                if output:
                    output -= 1
                    at(now + NETWORK, "frame")
                    at(now + 1 / min(60.0, sum(batches) / len(batches)), "play")
                else:
                    playing = False
            elif kind == "frame":
                self.pacer.frame(now)
                at(now, "try")
            elif kind == "hand" and now <= self.hand_until:
                value = now
                at(now + 1 / 60, "hand")
                at(now, "try")
            elif kind == "arrive":
                self.worker.put({"probe": what})
            elif kind == "try" and value is not None:
                wait = self.pacer.wait(now)
                if wait == 0:
                    self.pacer.message(now)
                    self.sent += 1
                    at(now + NETWORK, "arrive", value)
                    value = None
                elif wait is not None:
                    at(now + wait, "try")
        return self

    def age(self, part: float) -> float:
        """Return a quantile of the ages, in chunk periods."""
        return sorted(self.ages)[int(len(self.ages) * part)] / self.chunk


@pytest.mark.parametrize(("chunk", "frames"), [(0.75, 12), (0.5, 12), (0.25, 4), (0.33, 12), (1.5, 12)])
def test_a_steady_server_uses_values_no_older_than_a_chunk_and_drops_nothing(chunk: float, frames: int) -> None:
    show = Show(chunk, frames).run(600 * chunk)

    assert show.worker.dropped == 0
    assert show.age(0.5) < 0.7
    assert show.age(0.95) < 1.12
    assert show.sent <= show.chunks + 5


@pytest.mark.parametrize("seed", range(3))
def test_ten_percent_of_jitter_for_ten_minutes_changes_nothing(seed: int) -> None:
    show = Show(0.75, 12, jitter=0.1, seed=seed).run(600)

    assert show.worker.dropped == 0
    assert show.age(0.95) < 1.12
    assert max(show.ages) < 2 * 0.75


def test_a_server_that_stumbles_is_not_flooded_and_catches_up() -> None:
    show = Show(0.5, 12, stalls=((20.0, 5.0), (60.0, 20.0))).run(120)

    assert show.worker.dropped == 0
    assert show.worker.waiting <= 1
    assert max(show.ages[-40:]) < 1.2 * 0.5


def test_chunks_that_are_believed_longer_than_they_are_only_make_it_slower() -> None:
    show = Show(0.25, 4, believed_frames=12).run(60)

    assert show.worker.dropped == 0
    assert show.age(0.95) < 3.5


@pytest.mark.parametrize("rest", [10.0, 10.1, 10.37, 10.7])
def test_the_value_on_which_the_hand_comes_to_rest_is_in_the_picture_two_chunks_later(rest: float) -> None:
    show = Show(0.75, 12, hand_until=rest).run(rest + 3 * 0.75)

    assert show.effects[-1] == pytest.approx(rest, abs=1 / 60)


def test_before_the_first_frame_nothing_goes() -> None:
    pacer = Pacer(12)

    assert pacer.wait(100.0) is None


def test_when_idle_the_first_message_goes_at_once_and_the_next_a_chunk_later() -> None:
    pacer = steady(Pacer(12), until=10.0)

    assert pacer.wait(10.0) == 0
    pacer.message(10.0)
    for step in range(1, 13):
        pacer.frame(10.0 + step / 16)
    assert pacer.wait(10.75) == pytest.approx(SLACK * 0.75 - 0.75, rel=0.01)


def test_no_second_message_goes_while_one_is_unanswered() -> None:
    pacer = steady(Pacer(12), until=10.0)
    pacer.message(10.0)

    assert pacer.wait(10.8) is None


def test_while_a_frame_is_overdue_nothing_goes() -> None:
    pacer = steady(Pacer(12), until=10.0)

    assert pacer.wait(10.3) == 0
    assert pacer.wait(11.0) is None
    pacer.frame(11.5)
    assert pacer.wait(11.5) == 0


def test_a_paused_pipeline_takes_messages_all_the_time_but_is_not_flooded() -> None:
    pacer = steady(Pacer(12), until=10.0)
    pacer.message(10.0)
    pacer.paused = True

    assert pacer.wait(20.0) == 0
    pacer.message(20.0)
    assert pacer.wait(20.0) == pytest.approx(0.05)


def test_the_time_in_which_it_was_paused_says_nothing_about_the_chunks() -> None:
    pacer = steady(Pacer(12), until=10.0)
    pacer.paused = True
    pacer.message(70.0)
    pacer.paused = False
    for step in range(4):
        pacer.frame(70.5 + step / 16)

    assert pacer.period is not None
    pacer.frame(70.75)
    pacer.frame(70.8125)
    assert pacer.wait(71.0) == 0


def test_the_frame_rate_is_that_of_about_two_seconds() -> None:
    pacer = steady(Pacer(12), until=10.0)
    assert pacer.fps(10.0) == pytest.approx(16.0)
    assert pacer.period == pytest.approx(0.75)

    for step in range(1, 91):
        pacer.frame(10.0 + step / 30)
    assert pacer.fps(13.0) == pytest.approx(30.0)
    assert pacer.fps(20.0) == 0


def test_a_message_waits_for_the_first_frame_of_the_next_chunk_which_says_that_the_one_before_was_taken() -> None:
    pacer = steady(Pacer(12), until=10.0)  # 161 frames: the fifth of chunk 14 is the newest
    pacer.message(10.0)

    for step in range(1, 8):
        pacer.frame(10.0 + step / 16)
        assert pacer.wait(10.0 + step / 16) is None
    pacer.frame(10.5)

    assert pacer.wait(10.5) == pytest.approx(SLACK * 0.75 - 0.5, rel=0.01)


def test_the_first_frame_after_a_stumble_is_a_chunks_first_whatever_was_lost_before() -> None:
    pacer = steady(Pacer(12), until=10.0)
    pacer.message(10.1)

    assert pacer.wait(10.2) is None
    pacer.frame(11.2)

    assert pacer.unanswered == 0


def test_a_server_that_held_back_frames_and_stumbles_may_still_have_messages_that_seemed_to_be_taken() -> None:
    pacer = Pacer(4)
    moment = 0.0
    for chunk in [1.0] * 5 + [0.25] * 8:
        for _ in range(4):
            pacer.frame(moment)
            moment += chunk / 4
        if chunk < 1:
            pacer.message(moment - 0.01)
    assert pacer.unanswered <= 1

    pacer.frame(moment + 1.0)

    assert pacer.unanswered == 2  # the chunk that is done now took one of the three of its time


def filled(pacer: Pacer, moment: float) -> Pacer:
    """A pacer of which as many messages went as Scope's queue holds."""
    for _ in range(QUEUE):
        pacer.message(moment)
    return pacer


def test_an_alarm_stops_all_for_eight_periods_and_doubles_the_period_once_however_often_it_is_told() -> None:
    pacer = filled(steady(Pacer(12), until=10.0), 10.0)
    assert pacer.period == pytest.approx(0.75)

    pacer.alarm(10.0)
    pacer.alarm(12.0)
    for step in range(1, 200):
        pacer.frame(10.0 + step / 16)

    assert pacer.period == pytest.approx(1.5)
    assert pacer.wait(12.0) == pytest.approx(4.0)
    assert pacer.wait(22.4) == 0
    assert pacer.chunks == 30

    filled(pacer, 22.4).alarm(22.4)
    assert pacer.period == pytest.approx(3.0)


def test_an_alarm_that_another_client_must_have_caused_changes_nothing() -> None:
    pacer = steady(Pacer(12), until=10.0)
    for _ in range(QUEUE - 1):
        pacer.message(10.0)

    pacer.alarm(10.0)

    assert pacer.period == pytest.approx(0.75)


def test_a_client_that_fills_the_queue_all_night_does_not_make_the_bridge_slower_and_slower() -> None:
    pacer = steady(Pacer(12), until=10.0)

    for moment in range(20, 3600, 60):
        filled(pacer, moment).alarm(moment)

    assert pacer.period == pytest.approx(0.75 * DOUBT)


def test_chunks_that_gave_no_alarm_for_a_while_are_taken_as_they_were_said_to_be_and_later_so_if_they_do_again() -> (
    None
):
    pacer = filled(steady(Pacer(12), until=10.0), 10.0)
    pacer.alarm(10.0)

    def frames(since: float, until: float) -> None:
        for step in range(int((until - since) * 16)):
            pacer.frame(since + step / 16)

    frames(10.0, 10.0 + CALM - 1)
    assert pacer.period == pytest.approx(1.5)
    frames(9.0 + CALM, 15.0 + CALM)
    assert pacer.period == pytest.approx(0.75)

    filled(pacer, 15.0 + CALM).alarm(15.0 + CALM)
    frames(15.0 + CALM, 25.0 + 2 * CALM)
    assert pacer.period == pytest.approx(1.5)


def test_a_node_of_which_no_frame_can_tell_is_paced_by_the_clock_and_slowly() -> None:
    pacer = steady(Pacer(12), until=10.0)
    pacer.blind = True
    pacer.message(20.0)

    assert pacer.wait(20.0) == pytest.approx(1.5)


def test_a_chunk_that_waits_for_its_video_takes_two_messages_and_one_that_falls_behind_takes_one() -> None:
    pacer, fed, moment = Pacer(12), 30.0, 0.0

    def chunk(seconds: float) -> float | None:
        """Receive a chunk, and return how long a message then waits that follows one sent with its first frame."""
        nonlocal fed, moment
        for step in range(12):
            pacer.frame(moment + step * seconds / 12, fed + step * seconds * 30 / 12)
            if step == 0:
                pacer.message(moment)
        fed += seconds * 30
        moment += seconds
        return pacer.wait(moment - seconds / 12)

    waits = [chunk(0.4) for _ in range(12)]
    assert waits[0] is None
    assert waits[-1] == 0
    assert [chunk(0.5) for _ in range(4)][1:] == [None] * 3


def test_a_time_that_somebody_else_knows_paces_as_well() -> None:
    pace = Timed(0.75)
    assert pace.wait(1.0) == 0
    pace.message(1.0)
    assert pace.wait(1.0) == pytest.approx(SLACK * 0.75)

    pace.paused = True
    pace.message(2.0)
    assert pace.wait(2.0) == pytest.approx(PAUSED_INTERVAL)


def steady(pacer: Pacer, until: float) -> Pacer:
    """Have frames come at 16 per second for ten seconds."""
    for step in range(161):
        pacer.frame(until - 10.0 + step / 16)
    return pacer
