"""What goes to a Scope, and when: against the model of its workers, and by itself."""

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.parameters import Change
from bridge.session.contract.layout import PacedNode
from bridge.session.pacing.delivery import LOOK_AGAIN, QUIET_CHUNKS, Delivery
from bridge.session.pacing.pacer import PAUSED_INTERVAL, SLACK
from bridge.session.pacing.turns import CACHE
from tests.session.model import Given, Hand, Line, Model, Node, quantile, steady

TRACES = Path(__file__).parents[2] / "rehearsal" / "captures"
MINUTES = 60.0
SETTLED = 5.0
"""Seconds after which a session runs as it will."""


def one(seconds: float, frames: int = 12, jitter: float = 0.0, **more: Any) -> Line:
    return Line([Node("dream", frames, frames, steady(seconds), jitter=jitter)], **more)


def ages(
    model: Model, node: str = "dream", hand: str = "probe", since: float = SETTLED, until: float = 1e9
) -> list[float]:
    """Return how old the hand's value was at each chunk's start, in seconds."""
    return [age for _, age in model.nodes[node].ages(hand, since, until)]


def dropped(model: Model) -> int:
    return sum(len(node.dropped) for node in model.nodes.values())


# The model


@pytest.mark.parametrize(("trace", "messages"), [("worker_trace_10hz", 242), ("worker_trace_paced", 47)])
def test_the_model_takes_messages_as_the_real_worker_was_seen_to(trace: str, messages: int) -> None:
    lines = [json.loads(line) for line in (TRACES / f"{trace}.jsonl").read_text().splitlines()[1:]]
    known = {line["message"]: line["sent_s"] for line in lines if line["message"] is not None}
    numbers, moments = sorted(known), [known[number] for number in sorted(known)]
    last, interval = numbers[-1], (moments[-1] - moments[0]) / (numbers[-1] - numbers[0])
    sent = [*np.interp(range(last + 1), numbers, moments)]
    sent += [moments[-1] + interval * (number - last) for number in range(last + 1, messages)]
    events: list[tuple[float, int | None, int]] = [(when + 0.0015, number, 0) for number, when in enumerate(sent)]
    events += [(line["start_s"], None, line["chunk"]) for line in lines]
    node, used = Node("a", 12, 12, steady(0.5)), []

    for when, number, chunk in sorted(events, key=lambda event: event[0]):
        if number is not None:
            node.put(when, {"probe": number})
        else:
            node.take()
            used.append((chunk, node.state.get("probe")))

    assert used == [(line["chunk"], line["message"]) for line in lines]


# A hand that never rests


@pytest.mark.parametrize(("seconds", "frames"), [(0.25, 12), (0.25, 4), (0.5, 12), (0.8, 12), (1.5, 12)])
def test_a_steady_server_uses_values_no_older_than_a_chunk_and_drops_nothing(seconds: float, frames: int) -> None:
    model = Model(one(seconds, frames)).run(200 * seconds)

    assert quantile(ages(model), 0.5) < 0.65 * seconds
    assert quantile(ages(model), 0.95) < 1.05 * seconds
    assert max(ages(model)) < 1.1 * seconds
    assert dropped(model) == 0
    assert model.nodes["dream"].most == 1


@pytest.mark.parametrize("hold", [2, 3])
@pytest.mark.parametrize(("seconds", "frames"), [(0.25, 4), (0.5, 12), (0.8, 12)])
def test_ten_minutes_of_jitter_leave_it_as_fresh_as_it_was(seconds: float, frames: int, hold: int) -> None:
    model = Model(one(seconds, frames, jitter=0.1, hold=hold)).run(10 * MINUTES)
    first, last = ages(model, until=MINUTES), ages(model, since=9 * MINUTES)

    assert quantile(ages(model), 0.95) < 1.1 * seconds
    assert quantile(last, 0.95) < quantile(first, 0.95) + 0.05 * seconds
    assert quantile(last, 0.5) < quantile(first, 0.5) + 0.15 * seconds
    assert dropped(model) == 0


@pytest.mark.parametrize("seed", range(100))
def test_the_last_value_of_a_random_hand_lands_within_three_chunks(seed: int) -> None:
    seconds = (0.25, 0.5, 0.8)[seed % 3]
    rest = SETTLED + seed * 0.0371
    model = Model(one(seconds, jitter=0.1), hands=[Hand("probe", hz=7 + seed, until=rest)], seed=seed).run(
        rest + 3.3 * seconds
    )

    (hand,) = model.hands
    assert model.nodes["dream"].starts[-1][1]["probe"] == hand.last


def test_a_message_that_another_client_made_scope_drop_is_made_up_for_when_the_hand_rests() -> None:
    model = Model(one(0.5), hands=[Hand("noise_scale", until=10.0)]).run(9.9)
    node = model.nodes["dream"]
    for _ in range(8):
        node.queue.append({})
    model.run(30.0)

    assert node.dropped
    assert node.state["noise_scale"] == model.hands[0].last


@pytest.mark.parametrize("network", [0.02, 0.08])
def test_a_server_far_away_is_served_as_well(network: float) -> None:
    model = Model(one(0.5, jitter=0.1), network=network).run(2 * MINUTES)

    assert quantile(ages(model), 0.95) < 1.1 * 0.5 + 2 * network
    assert dropped(model) == 0


# A server that does other than it did


def jumping(now: float) -> float:
    return 0.25 if int(now // 5) % 2 == 0 else 1.0


@pytest.mark.parametrize("hold", [2, 3])
@pytest.mark.parametrize("frames", [4, 12])
def test_a_chunk_time_that_jumps_is_followed(frames: int, hold: int) -> None:
    line = Line([Node("dream", frames, frames, jumping)], hold=hold)
    model = Model(line).run(5 * MINUTES)
    node = model.nodes["dream"]
    starts = [start for start, _ in node.starts]
    longest = {
        start: max(end - begin for begin, end in pairwise(starts) if start - 5 <= end and begin <= start)
        for start in starts[:-1]
    }
    relative = [(start, age / longest[start]) for start, age in node.ages("probe", 15.0, starts[-2])]
    jumps = [begin for begin, end in zip(range(15, 290, 5), range(20, 295, 5), strict=True) if end]
    settled = [age for jump in jumps for _, age in [each for each in relative if jump <= each[0] < jump + 5][5:]]

    assert quantile([age for _, age in relative], 0.95) <= 3
    assert settled
    assert max(settled) <= 1.1
    assert dropped(model) == 0


def test_a_first_chunk_of_twenty_seconds_is_waited_for() -> None:
    model = Model(Line([Node("dream", 12, 12, lambda now: 20.0 if now < 1 else 0.5)])).run(MINUTES)

    assert model.sent[0][0] > 20.0
    assert model.nodes["dream"].most == 1
    assert dropped(model) == 0
    assert max(ages(model, since=30.0)) < 1.1 * 0.5


@pytest.mark.parametrize("seconds", [0.25, 0.5, 0.8])
def test_chunks_that_are_longer_than_was_told_are_found_out_by_what_scope_drops(seconds: float) -> None:
    told = [PacedNode("dream", "longlive", 8)]
    model = Model(one(seconds, jitter=0.05), told=told, polls=2.0).run(3 * MINUTES)
    (alarm,) = model.alarms

    assert max(ages(model, since=alarm + 15.0)) <= 1.5 * seconds
    assert not [moment for moment in model.nodes["dream"].dropped if moment > alarm]


def test_chunks_that_are_shorter_than_was_told_only_make_it_slower() -> None:
    model = Model(one(0.25, 4), told=[PacedNode("dream", "longlive", 12)]).run(MINUTES)

    assert max(ages(model)) < 3.5 * 0.25
    assert dropped(model) == 0


def test_a_server_that_stumbles_is_not_flooded_and_catches_up() -> None:
    model = Model(Line([Node("dream", 12, 12, lambda now: 20.0 if 30.0 <= now < 30.5 else 0.5)])).run(2 * MINUTES)

    assert model.nodes["dream"].most <= 2
    assert max(ages(model, since=60.0)) < 1.1 * 0.5


def test_while_paused_the_latest_state_goes_at_most_twenty_times_a_second_and_counts_at_once_afterwards() -> None:
    model = Model(one(0.5), pauses=[(10.0, True), (20.0, False)]).run(40.0)
    meanwhile = [moment for moment, _, _ in model.sent if 10.5 < moment < 20.0]
    resumed = next(age for start, age in model.nodes["dream"].ages("probe") if start >= 20.0)

    assert 150 < len(meanwhile) <= 191
    assert resumed < 0.1
    assert dropped(model) == 0
    assert max(ages(model, since=22.0)) < 1.1 * 0.5


# Video


@pytest.mark.parametrize("jitter", [0.0, 0.1])
@pytest.mark.parametrize(("fps", "seconds", "frames"), [(30, 0.05, 12), (30, 0.3, 12), (15, 0.5, 12), (30, 0.05, 4)])
def test_a_node_that_waits_for_video_gets_two_messages_a_chunk(
    fps: float, seconds: float, frames: int, jitter: float
) -> None:
    model = Model(one(seconds, frames, jitter=jitter, video=fps)).run(2 * MINUTES)
    period = frames / fps

    assert quantile(ages(model), 0.95) < 0.75 * period
    assert 1.7 < len(model.sent) / len(model.nodes["dream"].starts) <= 2
    assert dropped(model) == 0


@pytest.mark.parametrize("jitter", [0.0, 0.1])
@pytest.mark.parametrize("seconds", [0.39, 0.41, 0.44, 0.8])
def test_a_node_that_has_no_time_to_wait_for_video_gets_one_and_loses_none(seconds: float, jitter: float) -> None:
    """At 30 frames a second, 12 frames come every 0.4 seconds."""
    model = Model(one(seconds, jitter=jitter, video=30)).run(5 * MINUTES)

    assert dropped(model) == 0
    assert quantile(ages(model, since=20.0), 0.95) < 1.15 * max(0.4, seconds)


def test_a_node_that_is_exactly_as_fast_as_its_video_is_found_out_by_what_scope_drops() -> None:
    model = Model(one(0.4, video=30), polls=2.0).run(2 * MINUTES)
    (alarm,) = model.alarms

    assert max(ages(model, since=alarm + 15.0)) < 1.1 * 0.4
    assert not [moment for moment in model.nodes["dream"].dropped if moment > alarm]


def test_a_node_that_now_waits_and_now_does_not_loses_no_message() -> None:
    model = Model(Line([Node("dream", 12, 12, lambda now: 0.1 if int(now // 5) % 2 else 0.9)], video=30)).run(
        3 * MINUTES
    )

    assert dropped(model) == 0
    assert quantile(ages(model), 0.95) < 3 * 0.9


# What is in the picture


def lateness(model: Model, since: float = SETTLED) -> list[float]:
    """Return of every frame how late it was said what it shows, in received chunks; less than 0: how early."""
    return [late for judged in model.judged.values() for late in judged.late(since)]


@pytest.mark.parametrize("decoding", [0.0, 0.04])
@pytest.mark.parametrize("calibrated", [False, True])
@pytest.mark.parametrize("jitter", [0.0, 0.1])
@pytest.mark.parametrize(("seconds", "frames"), [(0.25, 4), (0.25, 12), (0.5, 12), (0.8, 12), (1.5, 12)])
def test_what_is_said_to_be_in_the_picture_is_in_it_and_is_said_a_chunk_late_at_most(
    seconds: float, frames: int, jitter: float, calibrated: bool, decoding: float
) -> None:
    late = lateness(Model(one(seconds, frames, jitter, decoding=decoding), calibrated=calibrated).run(80 * seconds))

    assert min(late) >= 0
    assert max(late) <= 1
    assert sum(each == 0 for each in late) >= (0.6 if jitter == 0 else 0.4) * len(late)


@pytest.mark.parametrize("network", [0.02, 0.08])
def test_a_picture_from_far_away_is_known_as_well(network: float) -> None:
    late = lateness(Model(one(0.5, jitter=0.1), network=network).run(MINUTES))

    assert min(late) >= 0
    assert max(late) <= 1


@pytest.mark.parametrize("jitter", [0.0, 0.1])
def test_in_a_chain_the_picture_of_every_node_is_known(jitter: float) -> None:
    hands = [Hand("all"), Hand("its", "dream"), Hand("own", "double")]
    late = lateness(Model(chain(jitter), hands=hands).run(MINUTES), since=10.0)

    assert min(late) >= 0
    assert max(late) <= 1


@pytest.mark.parametrize("jitter", [0.0, 0.1])
def test_of_nodes_at_different_rates_the_picture_of_each_is_known(jitter: float) -> None:
    fast = Line([Node("fast", 4, 4, steady(0.25), jitter=jitter)])
    slow = Line([Node("slow", 12, 12, steady(0.8), jitter=jitter)], sink="second")
    late = lateness(Model(fast, slow, hands=[Hand("all"), Hand("quick", "fast"), Hand("calm", "slow")]).run(MINUTES))

    assert min(late) >= 0
    assert max(late) <= 1


@pytest.mark.parametrize(("fps", "seconds", "frames"), [(30, 0.05, 12), (30, 0.3, 12), (15, 0.5, 12), (30, 0.8, 12)])
def test_with_video_too_what_is_said_to_be_in_the_picture_is_in_it(fps: float, seconds: float, frames: int) -> None:
    late = lateness(Model(one(seconds, frames, video=fps, decoding=0.03)).run(MINUTES))

    assert min(late) >= 0
    assert max(late) <= 1


def test_after_a_pause_the_first_chunk_shows_what_was_sent_meanwhile() -> None:
    pauses = [(10.0 + number * 5.13 + number * 0.07, number % 2 == 0) for number in range(8)]
    model = Model(one(0.5), pauses=pauses).run(MINUTES)
    late = lateness(model)

    assert min(late) >= 0
    assert max(late) <= 1


@pytest.mark.parametrize(
    "line",
    [
        Line([Node("dream", 12, 12, lambda now: 0.25 if int(now // 5) % 2 == 0 else 1.0)]),
        Line([Node("dream", 12, 12, lambda now: 20.0 if 30.0 <= now < 30.5 else 0.5)]),
        Line([Node("dream", 12, 12, lambda now: 20.0 if now < 1 else 0.5)]),
    ],
    ids=["jumps", "stumbles", "begins slowly"],
)
def test_while_the_server_holds_back_frames_and_loses_some_it_is_less_than_a_chunk_early_and_two_late(
    line: Line,
) -> None:
    late = lateness(Model(line).run(2 * MINUTES), since=60.0)

    assert min(late) > -1
    assert max(late) <= 2


# Several nodes


def chain(jitter: float) -> Line:
    return Line(
        [
            Node("dream", 12, 12, steady(0.75), jitter=jitter),
            Node("double", 12, 23, steady(0.2), pipeline="rife", jitter=jitter),
        ]
    )


@pytest.mark.parametrize("jitter", [0.0, 0.1])
def test_a_chain_whose_frames_are_doubled_is_paced_by_its_chunks(jitter: float) -> None:
    model = Model(chain(jitter)).run(3 * MINUTES)

    assert model.delivery.period == pytest.approx(0.75, rel=0.05)
    for node in model.nodes:
        assert quantile(ages(model, node, since=10.0), 0.95) < 1.05 * 0.75
    assert dropped(model) == 0


def test_nodes_of_one_sink_with_messages_of_their_own_and_for_all_share_the_slots_evenly() -> None:
    hands = [Hand("all"), Hand("its", "dream"), Hand("own", "double")]
    model = Model(chain(0.1), hands=hands).run(3 * MINUTES)

    for node, hand in (("dream", "all"), ("double", "all"), ("dream", "its"), ("double", "own")):
        assert quantile(ages(model, node, hand, since=10.0), 0.95) < 2.15 * 0.75
    assert dropped(model) == 0


@pytest.mark.parametrize("jitter", [0.0, 0.1])
def test_of_nodes_at_different_rates_none_starves_another(jitter: float) -> None:
    fast = Line([Node("fast", 4, 4, steady(0.25), jitter=jitter)])
    slow = Line([Node("slow", 12, 12, steady(0.8), jitter=jitter)], sink="second")
    model = Model(fast, slow, hands=[Hand("all"), Hand("quick", "fast"), Hand("calm", "slow")]).run(3 * MINUTES)
    to_all = sum(address is None for _, address, _ in model.sent)
    to_fast = sum(address == "fast" for _, address, _ in model.sent)

    assert quantile(ages(model, "slow", "all"), 0.95) < 2.15 * 0.8
    assert quantile(ages(model, "fast", "all"), 0.95) < 2.15 * 0.8
    assert quantile(ages(model, "slow", "calm"), 0.95) < 2.15 * 0.8
    assert quantile(ages(model, "fast", "quick"), 0.5) < 0.25
    assert to_all > 80
    assert to_fast > 400
    assert dropped(model) == 0


def test_a_node_whose_frames_do_not_come_holds_up_nobody_and_has_the_newest_when_they_do() -> None:
    quick = Line([Node("quick", 12, 12, steady(0.5))])
    late = Line([Node("late", 12, 12, lambda now: 30.0 if now < 1 else 0.5)], sink="second")
    model = Model(quick, late, hands=[Hand("all", until=50.0), Hand("own", "late")]).run(60.0)

    assert max(ages(model, "quick", "all", until=30.0)) < 1.2 * 0.5
    assert model.nodes["late"].most <= 2
    assert max(ages(model, "late", "all", since=40.0, until=50.0)) < 2.3 * 0.5
    assert {node.state["all"] for node in model.nodes.values()} == {model.hands[0].last}


def test_messages_for_one_node_go_at_its_own_rate_alone() -> None:
    fast = Line([Node("fast", 4, 4, steady(0.25))])
    slow = Line([Node("slow", 12, 12, steady(0.8))], sink="second")
    model = Model(fast, slow, hands=[Hand("quick", "fast"), Hand("calm", "slow")]).run(2 * MINUTES)

    assert quantile(ages(model, "fast", "quick"), 0.95) < 1.05 * 0.25
    assert quantile(ages(model, "slow", "calm"), 0.95) < 1.05 * 0.8


def test_an_urgent_change_takes_the_next_slot_though_a_node_has_its_turn() -> None:
    fast = Line([Node("fast", 12, 12, steady(0.5))])
    slow = Line([Node("slow", 12, 12, steady(0.5))], sink="second")
    hands = [Hand("quick", "fast"), Hand("calm", "slow")]
    cuts = [(10.0 + 3.17 * number, Change("reset_cache", True, 0.0)) for number in range(20)]
    model = Model(fast, slow, hands=hands, changes=cuts).run(90.0)
    told = [moment for moment, _, body in model.sent if "reset_cache" in body]

    assert len(told) == len(cuts)
    assert max(moment - cut for moment, (cut, _) in zip(told, cuts, strict=True)) < 2.1 * SLACK * 0.5


# By itself


class Player:
    """A delivery with one node or more that get frames 16 times a second."""

    def __init__(self, *nodes: PacedNode, state: Mapping[str, Any] | None = None) -> None:
        nodes = nodes or (PacedNode("dream", "longlive", 12),)
        self.delivery = Delivery(nodes)
        self.sinks = {node.sink for node in nodes}
        self.mute: set[str] = set()
        """The sinks that send nothing."""
        self.delivery.begin_with(state or {}, 0.0)
        self.began = self.delivery.begin(0.0)
        self.now = 0.0

    def play(self, seconds: float) -> list[dict[str, Any]]:
        """Let time go on, and return the messages sent meanwhile."""
        found = []
        for _ in range(round(seconds * 16)):
            self.now += 1 / 16
            for sink in self.sinks - self.mute:
                self.delivery.frame(self.now, sink)
            while self.delivery.wait(self.now) == 0:
                if changes := self.delivery.take(self.now):
                    found.append(body(changes))
        return found

    def put(self, name: str, value: Any, node: str | None = None) -> None:
        self.delivery.put([Change(name, value, self.now, node=node)])


def body(changes: Iterable[Change]) -> dict[str, Any]:
    changes = list(changes)
    (node,) = {change.node for change in changes}
    values = {change.parameter: change.value for change in changes}
    assert len(values) == len(changes)
    return values if node is None else {"node_id": node, **values}


REEF = {"prompts": [{"text": "reef", "weight": 1.0}]}
NEON = {"prompts": [{"text": "neon", "weight": 1.0}]}
TWO = (PacedNode("near", "longlive", 12), PacedNode("far", "longlive", 12, "second"))


def test_a_session_begins_with_all_that_was_wanted_until_then_and_is_told_only_what_differs() -> None:
    player = Player(state={"noise_scale": 0.7, "prompts": REEF})
    assert player.began == {"noise_scale": 0.7, "prompts": REEF}

    player.put("noise_scale", 0.7)
    player.put("prompts", {**NEON, "transition": {"target_prompts": NEON["prompts"], "num_steps": 4}})
    assert [set(message) for message in player.play(2.0)] == [{"prompts"}]

    assert player.delivery.begin(player.now) == {"noise_scale": 0.7, "prompts": NEON}
    assert player.play(2.0) == []


def test_of_what_the_profile_begins_with_only_what_nobody_has_changed_goes_out_anew() -> None:
    player = Player(state={"noise_scale": 0.7, "vace_context_scale": 1.0, "prompts": REEF})
    player.put("noise_scale", 0.2)
    player.play(2.0)

    player.delivery.begin_with({"noise_scale": 0.9, "vace_context_scale": 0.5, "prompts": NEON}, player.now)

    assert player.play(1.0) == [{"vace_context_scale": 0.5}]
    assert player.delivery.wanted == {"noise_scale": 0.2, "vace_context_scale": 0.5, "prompts": NEON}


def test_what_another_pipeline_does_not_know_is_no_longer_wanted() -> None:
    player = Player(*TWO)
    player.put("noise_scale", 0.2)
    player.put("motion", 3.0)
    player.put("motion", 4.0, "far")

    player.delivery.turn_to([PacedNode("krea", "krea-realtime-video", 12)], {"noise_scale"})

    assert player.delivery.begin(1.0) == {"noise_scale": 0.2}
    assert player.delivery.asked("motion") is None
    assert not player.delivery.waiting


def test_what_is_for_one_node_and_a_pause_follow_the_offer_of_the_next_session() -> None:
    player = Player(*TWO)
    player.put("vace_context_scale", 0.3, "far")
    player.put("paused", True)
    player.play(3.0)

    player.delivery.begin(player.now)

    assert {"node_id": "far", "vace_context_scale": 0.3} in (messages := player.play(2.0))
    assert {"paused": True} in messages


def test_what_is_for_the_only_node_shares_a_message_with_what_is_for_all() -> None:
    player = Player()
    player.play(1.0)
    player.put("noise_scale", 0.3)
    player.put("vace_context_scale", 0.5, "dream")

    assert player.play(0.5) == [{"noise_scale": 0.3, "vace_context_scale": 0.5}]
    assert player.delivery.asked("vace_context_scale", "dream") == 0.5


def test_what_an_offer_could_not_carry_is_the_first_message_though_the_session_counts_on_it() -> None:
    player = Player(state={"noise_scale": 0.7, "base_seed": 5})

    player.delivery.say_first({"base_seed": 5}, 0.0)

    assert player.play(1.0) == [{"base_seed": 5}]


def test_events_that_waited_for_a_session_that_is_gone_mean_nothing_to_the_next() -> None:
    player = Player()
    player.put("reset_cache", True)
    player.put("noise_scale", 0.4)

    assert player.delivery.begin(1.0) == {"noise_scale": 0.4}
    assert player.play(2.0) == []


def test_the_source_is_drawn_from_when_a_message_may_go_and_not_before() -> None:
    player, source = Player(), Given()
    player.delivery.source = source
    source.changes = [Change("noise_scale", 0.1, 0.0)]
    assert player.delivery.wait(0.0) is None

    assert player.play(0.125) == [{"noise_scale": 0.1}]
    source.changes = [Change("noise_scale", 0.2, 0.0)]
    assert player.play(0.5) == []
    assert source.waiting


def test_a_source_that_has_something_and_says_nothing_is_asked_again_a_moment_later() -> None:
    class Hesitant(Given):
        def take(self, now: float) -> list[Change]:
            return []

    player, source = Player(), Hesitant()
    player.play(1.0)
    player.delivery.source = source
    source.changes = [Change("noise_scale", 0.1, 0.0)]

    assert player.delivery.wait(player.now) == 0
    assert player.delivery.take(player.now) == []
    assert player.delivery.wait(player.now) == pytest.approx(LOOK_AGAIN)


def test_the_beat_is_the_sources() -> None:
    delivery = Delivery()
    assert delivery.beat(1.0) is None

    delivery.source = Given()
    assert delivery.beat(1.25) == {"bpm": 120.0, "beat_phase": 0.5}


def test_only_what_costs_nothing_is_said_once_more_and_only_once() -> None:
    player = Player()
    player.play(1.0)
    player.put("noise_scale", 0.3)
    player.put("denoising_step_list", [1000, 500])
    player.put("prompts", NEON)
    player.put("reset_cache", True)

    first, *more = player.play(QUIET_CHUNKS * 0.75 + 0.5)

    assert set(first) == {"noise_scale", "denoising_step_list", "prompts", "reset_cache"}
    assert more == [{"noise_scale": 0.3}]
    assert player.play(20.0) == []


def test_a_value_for_all_is_not_repeated_over_what_one_node_was_told_since() -> None:
    player = Player(*TWO)
    player.play(1.0)
    player.put("noise_scale", 0.3)
    player.play(1.0)
    player.put("noise_scale", 0.6, "far")

    assert player.play(20.0) == [{"node_id": "far", "noise_scale": 0.6}] * 2


def test_what_was_asked_for_last_counts_whichever_way_it_goes() -> None:
    player = Player(*TWO, state={"noise_scale": 0.5})
    player.play(1.0)
    player.put("noise_scale", 0.6, "far")
    player.put("noise_scale", 0.4)
    assert player.play(1.0) == [{"noise_scale": 0.4}]

    player.put("noise_scale", 0.9)
    player.put("noise_scale", 0.7, "far")
    assert player.play(2.0)[:2] == [{"noise_scale": 0.9}, {"node_id": "far", "noise_scale": 0.7}]
    assert player.delivery.asked("noise_scale") == 0.9
    assert player.delivery.asked("noise_scale", "far") == 0.7
    assert player.delivery.sent("noise_scale", "far") == 0.7
    assert player.delivery.sent("noise_scale", "near") == 0.9

    player.put("noise_scale", 0.9)  # the far one has another by now
    assert player.play(1.0) == [{"noise_scale": 0.9}]


def test_values_are_in_the_picture_when_the_chunk_that_took_them_comes() -> None:
    player = Player(state={"noise_scale": 0.7})
    assert player.delivery.in_picture("noise_scale") is None
    player.play(0.5)
    assert player.delivery.in_picture("noise_scale") == 0.7

    player.put("noise_scale", 0.2)  # while the first chunk's frames come: the third chunk shows it
    player.play(0.9)
    assert (player.delivery.sent("noise_scale"), player.delivery.in_picture("noise_scale")) == (0.2, 0.7)
    player.play(0.2)
    assert player.delivery.in_picture("noise_scale") == 0.2


def test_reference_images_go_along_with_whatever_makes_scope_forget_them() -> None:
    player = Player(state={"vace_ref_images": ["a.png"], "manage_cache": True})
    player.play(1.0)
    player.put("reset_cache", True)
    assert player.play(1.0) == [{"reset_cache": True, "vace_ref_images": ["a.png"]}]

    player.put("denoising_step_list", [1000, 500])
    assert player.play(1.0) == [{"denoising_step_list": [1000, 500], "vace_ref_images": ["a.png"]}]

    player.delivery.put([Change("denoising_step_list", [900, 500], 0.0, {"_modulated_step_list": True})])
    assert player.play(1.0) == [{"denoising_step_list": [900, 500]}]

    player.put("manage_cache", False)
    player.put("lora_scales", [{"path": "a", "scale": 0.5}])
    assert player.play(1.0) == [{"manage_cache": False, "lora_scales": [{"path": "a", "scale": 0.5}]}]

    player.put("vace_ref_images", [])
    player.put("reset_cache", True)
    assert player.play(1.0) == [{"vace_ref_images": [], "reset_cache": True}]
    player.put("reset_cache", True)
    assert player.play(1.0) == [{"reset_cache": True}]


def test_another_prompt_cuts_where_video_comes_unless_it_is_a_transition() -> None:
    player = Player(state={"vace_ref_images": ["a.png"], "prompts": REEF})
    player.play(1.0)
    player.put("prompts", NEON)
    assert player.play(1.0) == [{"prompts": NEON}]

    player.delivery.uplink(player.now)
    player.put("prompts", {**REEF, "transition": {"target_prompts": REEF["prompts"], "num_steps": 4}})
    assert set(player.play(1.0)[0]) == {"prompts"}
    player.put("prompts", NEON)
    assert set(player.play(1.0)[0]) == {"prompts", "vace_ref_images"}


def test_scopes_own_reset_is_foreseen_and_the_images_are_said_again_after_it() -> None:
    player = Player(state={"vace_ref_images": ["a.png"]})
    assert player.delivery.frames_until_reset is None
    player.play(1.0)
    assert player.delivery.frames_until_reset == CACHE - 16

    assert player.play((CACHE - 17) / 16) == []
    assert player.delivery.frames_until_reset == 1
    assert player.play(1.0) == [{"vace_ref_images": ["a.png"]}]
    assert player.delivery.frames_until_reset == CACHE - 15


def test_a_cut_of_ones_own_puts_scopes_off() -> None:
    player = Player()
    player.play(60.0)
    player.put("reset_cache", True)
    player.play(3.0)

    assert CACHE - 3 * 16 < (player.delivery.frames_until_reset or 0) <= CACHE


def test_a_pipeline_without_a_cache_never_resets_it() -> None:
    player = Player(PacedNode("grey", "gray", 1))
    player.play(1.0)

    assert player.delivery.frames_until_reset is None


def test_a_standby_is_told_to_pause_and_nothing_else_until_it_wakes_with_all_that_it_missed() -> None:
    player = Player(state={"noise_scale": 0.5, "prompts": REEF})
    player.delivery.rest(True, 0.0)
    assert player.delivery.wait(0.0) is None
    player.put("noise_scale", 0.2)
    assert player.play(2.0) == [{"paused": True}]

    player.put("prompts", {**NEON, "transition": {"target_prompts": NEON["prompts"], "num_steps": 4}})
    player.put("reset_cache", True)
    assert player.play(2.0) == []

    player.delivery.rest(False, player.now)
    assert player.play(1.0) == [{"noise_scale": 0.2, "prompts": NEON, "paused": False}]
    assert not player.delivery.paused


def test_a_standby_that_wakes_in_a_show_that_is_paused_stays_paused() -> None:
    player = Player()
    player.delivery.rest(True, 0.0)
    player.play(1.0)
    player.put("paused", True)
    player.put("noise_scale", 0.2)

    player.delivery.rest(False, player.now)

    assert player.play(1.0)[0] == {"noise_scale": 0.2}
    assert player.delivery.paused


def test_one_that_takes_anothers_place_wants_what_that_wanted() -> None:
    before, after = Player(state={"noise_scale": 0.5}), Player(state={"noise_scale": 0.5})
    after.delivery.rest(True, 0.0)
    after.play(1.0)
    before.put("noise_scale", 0.3)

    after.delivery.adopt(before.delivery)
    after.delivery.rest(False, after.now)

    assert after.play(1.0) == [{"noise_scale": 0.3, "paused": False}]


def test_while_one_node_pauses_the_others_of_its_sink_are_told_little_and_all_can_wake() -> None:
    player = Player(PacedNode("dream", "longlive", 12), PacedNode("grade", "somebodys", 12))
    player.play(2.0)
    player.put("paused", True, "dream")
    player.play(0.5)
    assert not player.delivery.paused

    moment, told = player.now, []
    for step in range(200):  # and no frame comes
        player.now = moment + step * 0.05
        player.put("noise_scale", step / 200)
        while player.delivery.wait(player.now) == 0:
            if player.delivery.take(player.now):
                told.append(player.now)
    assert 4 < len(told) < 9  # ten seconds, chunks of 0.75

    player.put("paused", False)
    player.now += 2.0
    assert player.delivery.wait(player.now) == 0
    assert body(player.delivery.take(player.now))["paused"] is False


def test_a_pause_is_told_in_the_slot_of_its_own_interval() -> None:
    player = Player()
    player.play(1.0)
    player.put("paused", True)
    player.play(1 / 16)
    player.put("noise_scale", 0.5)

    wait = player.delivery.wait(player.now)
    assert wait is not None
    assert wait == pytest.approx(PAUSED_INTERVAL)


def test_what_did_not_get_there_is_said_again_as_it_is_wanted_now() -> None:
    player = Player()
    player.play(1.0)
    player.put("noise_scale", 0.5)
    player.play(6.0)  # said, and said once more
    assert player.delivery.wait(player.now) is None

    player.delivery.say_again(["noise_scale", "unheard_of"], player.now)

    assert player.delivery.wait(player.now) == 0
    assert body(player.delivery.take(player.now)) == {"noise_scale": 0.5}


def test_counts_go_on_through_sessions() -> None:
    player = Player()
    player.play(3.0)
    player.put("noise_scale", 0.5)
    player.play(1.0)
    player.delivery.begin(player.now)
    player.play(2.0)

    assert (player.delivery.frames, player.delivery.chunks, player.delivery.messages) == (96, 5 + 2, 1)
    assert player.delivery.fps(player.now) == pytest.approx(16)
    assert player.delivery.fps(player.now, "second") == 0
    assert player.delivery.period == pytest.approx(0.75)


def test_the_period_is_the_slowest_nodes_at_the_first_sink() -> None:
    delivery = Delivery([PacedNode("depth", "d", 4), PacedNode("dream", "longlive", 12, ratio=23 / 12), *TWO[1:]])
    delivery.begin(0.0)
    for step in range(40):
        delivery.frame(step / 20)

    assert delivery.period == pytest.approx(23 / 20)
    assert delivery.chunks == 1


# Whatever comes


NAMES = ("noise_scale", "vace_context_scale", "base_seed")
puts = st.tuples(
    st.just("put"), st.sampled_from(NAMES), st.integers(0, 3), st.sampled_from([None, "near", "far", "elsewhere"])
)
cuts = st.tuples(st.just("cut"), st.sampled_from([None, "near", "far"]))
loras = st.tuples(st.just("lora"), st.sampled_from("ab"), st.integers(0, 3), st.sampled_from([None, "near"]))
plays = st.tuples(st.just("play"), st.floats(0.06, 3.0))
mutes = st.tuples(st.just("mute"), st.sampled_from([set(), {"second"}]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(puts, cuts, loras, plays, mutes), max_size=40), st.booleans())
def test_every_node_ends_with_what_was_asked_of_it_last_and_every_cut_comes_once(
    happenings: list[tuple[Any, ...]], drawn: bool
) -> None:
    """`drawn`: the changes wait in the source; else they are put."""
    player, source = Player(*TWO, state={"noise_scale": 0}), Given()
    player.delivery.source = source
    wanted: dict[str, dict[str, Any]] = {node: {"noise_scale": 0} for node in ("near", "far")}
    scope: dict[str, dict[str, Any]] = {node: {"noise_scale": 0} for node in ("near", "far")}
    cut = {"near": False, "far": False}
    """Whether one waits."""

    def change(name: str, value: Any, node: str | None) -> None:
        made = Change(name, value, player.now, node=node)
        if drawn:
            source.changes.append(made)
        else:
            player.delivery.put([made])

    def play(seconds: float) -> None:
        for message in player.play(seconds):
            node = message.pop("node_id", None)
            fresh = False
            for one in ("near", "far") if node is None else (node,):
                if one not in scope:
                    fresh = True
                    continue
                if message.pop("reset_cache", False) if node is not None else message.get("reset_cache", False):
                    assert cut[one] or node is None
                    cut[one], fresh = False, True
                for name, value in message.items():
                    if name == "lora_scales":
                        for entry in value:
                            fresh |= scope[one].get(entry["path"]) != entry["scale"]
                            scope[one][entry["path"]] = entry["scale"]
                    elif name != "reset_cache":
                        fresh |= scope[one].get(name) != value
                        scope[one][name] = value
            assert fresh or set(message) <= set(NAMES)  # only what costs nothing is said again

    for happening in happenings:
        match happening:
            case ("put", name, value, node):
                change(name, value, node)
                for one in (node,) if node is not None else ("near", "far"):
                    wanted.get(one, {})[name] = value
            case ("cut", node):
                change("reset_cache", True, node)
                for one in (node,) if node is not None else ("near", "far"):
                    cut[one] = True
            case ("lora", path, value, node):
                change("lora_scales", [{"path": path, "scale": value}], node)
                for one in (node,) if node is not None else ("near", "far"):
                    wanted[one][path] = value
            case ("play", seconds):
                play(seconds)
            case ("mute", sinks):
                player.mute = sinks
    player.mute = set()
    play(12.0)

    assert scope == wanted
    assert cut == {"near": False, "far": False}
    assert not player.delivery.waiting
    assert player.play(6.0) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0.06, 4.0)), max_size=20))
def test_a_value_that_scope_has_is_no_message_but_the_one_repetition(hand: list[tuple[int, float]]) -> None:
    player = Player(state={"noise_scale": 0})
    told, repetitions, changed = 0, 0, 0
    for value, seconds in hand:
        player.put("noise_scale", value)
        for message in player.play(seconds):
            if message["noise_scale"] == told:
                repetitions += 1
            else:
                changed += 1
            told = message["noise_scale"]
    player.play(20.0)

    assert repetitions <= changed
    assert player.delivery.sent("noise_scale") == (hand[-1][0] if hand else 0)
