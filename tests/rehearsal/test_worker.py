"""The worker must do what the real one was seen doing, and what Scope's code says about prompts, cuts and one-shots."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.rehearsal.worker import CACHE, QUEUE, Chunk, Failed, Idle, Instance, Starved, Worker

TRANSIT = 0.0015
"""How long a message was on its way from where the traces saw it sent to the worker's queue, in seconds."""
CAPTURES = Path(__file__).parent / "captures"


KEYS = (
    "prompts",
    "transition",
    "lora_scales",
    "ctrl_input",
    "noise_scale",
    "denoising_step_list",
    "base_seed",
    "paused",
    "reset_cache",
    "manage_cache",
    "vace_ref_images",
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "reef"])
fields = st.sampled_from(["text", "weight", "path", "scale", "target_prompts", "num_steps", "button", "mouse"])
objects = st.dictionaries(fields, leaves | st.lists(leaves, max_size=2), max_size=3)
json_values = leaves | st.lists(leaves | objects, max_size=3) | objects


def prompts(*texts: str) -> list[dict[str, Any]]:
    return [{"text": text, "weight": 1.0} for text in texts]


def a_worker(**parameters: Any) -> Worker:
    instance = Instance("longlive", frames=12, steps=(1000, 750, 500, 250), loras={"a.safetensors": 1.0})
    return Worker(instance, {"prompts": prompts("reef"), **parameters})


def chunk(worker: Worker, *messages: dict[str, Any]) -> Chunk:
    for message in messages:
        assert worker.put(message)
    made = worker.step()
    assert isinstance(made, Chunk), made
    return made


class TestAgainstTheRealOne:
    """Traces of Scope 0.2.4's own worker: when each message was sent, and which one each chunk was made with."""

    @pytest.mark.parametrize(("trace", "messages"), [("worker_trace_10hz", 242), ("worker_trace_paced", 47)])
    def test_every_chunk_uses_the_message_that_the_real_worker_used(self, trace: str, messages: int) -> None:
        lines = (CAPTURES / f"{trace}.jsonl").read_text().splitlines()[1:]
        chunks = [json.loads(line) for line in lines]
        sent = send_times({line["message"]: line["sent_s"] for line in chunks if line["message"] is not None}, messages)
        events: list[tuple[float, str, int]] = [(when + TRANSIT, "put", number) for number, when in enumerate(sent)]
        events += [(line["start_s"], "step", line["chunk"]) for line in chunks]
        worker, used = a_worker(), []

        for _, what, number in sorted(events):
            if what == "put":
                worker.put({"probe": number})
            else:
                made = worker.step()
                assert isinstance(made, Chunk)
                used.append((number, made.state.get("probe")))

        assert used == [(line["chunk"], line["message"]) for line in chunks]

    def test_ten_a_second_lose_most_and_their_last(self) -> None:
        """What the trace shows, in numbers: this is why the bridge sends one message per chunk."""
        worker, used = a_worker(), []
        for tick in range(300):
            if tick < 242:
                worker.put({"probe": tick})
            if tick % 5 == 4:
                used.append(chunk(worker).state.get("probe"))

        assert worker.dropped > 242 / 2
        assert used[-1] != 241


def send_times(known: dict[int, float], messages: int) -> list[float]:
    """Return when each message was sent, those between the recorded ones at even distances."""
    times = dict(known)
    for (early, first), (late, second) in pairwise(sorted(known.items())):
        for number in range(early + 1, late):
            times[number] = first + (second - first) * (number - early) / (late - early)
    last = max(known)
    distance = (known[last] - known[0]) / last
    times.update({number: known[last] + distance * (number - last) for number in range(last + 1, messages)})
    return [times[number] for number in range(messages)]


class TestQueue:
    def test_the_newest_is_dropped_when_it_is_full(self) -> None:
        worker = a_worker()

        queued = [worker.put({"probe": number}) for number in range(QUEUE + 2)]

        assert queued == [True] * QUEUE + [False, False]
        assert worker.dropped == 2
        assert [chunk(worker).state["probe"] for _ in range(QUEUE + 1)] == [*range(QUEUE), QUEUE - 1]

    def test_an_empty_message_takes_a_slot(self) -> None:
        worker = a_worker()

        assert "probe" not in chunk(worker, {}, {"probe": 1}).state
        assert chunk(worker).state["probe"] == 1

    @given(st.lists(st.one_of(st.none(), st.integers(0, 9))))
    def test_every_message_is_taken_dropped_or_waiting(self, happenings: list[int | None]) -> None:
        worker, offered = a_worker(), 0
        for probe in happenings:
            if probe is None:
                worker.step()
            else:
                worker.put({"probe": probe})
                offered += 1

            assert worker.taken + worker.dropped + worker.waiting == offered
            assert worker.waiting <= QUEUE

    @given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers()), max_size=QUEUE))
    def test_one_message_per_chunk_loses_nothing(self, messages: list[dict[str, int]]) -> None:
        worker, expected = a_worker(), {}
        for message in messages:
            expected.update(message)
            state = chunk(worker, message).state

            assert {key: state[key] for key in expected} == expected
        assert worker.dropped == 0


class TestState:
    def test_keys_stay_between_sessions_of_one_instance(self) -> None:
        first = a_worker(noise_scale=0.4)
        chunk(first, {"unheard_of": [1, 2]})
        second = Worker(first.instance, {"prompts": prompts("ember")})

        state = chunk(second).state

        assert state["noise_scale"] == 0.4
        assert state["unheard_of"] == [1, 2]

    def test_two_sessions_interleave(self) -> None:
        first = a_worker(noise_scale=0.1)
        second = Worker(first.instance, {"prompts": prompts("ember"), "noise_scale": 0.9})

        used = [chunk(worker).state["noise_scale"] for worker in (first, second, first, second)]

        assert used == [0.1, 0.9, 0.1, 0.9]

    @pytest.mark.parametrize("key", ["vace_ref_images", "images", "first_frame_image", "last_frame_image"])
    def test_what_acts_once_is_gone_with_the_next_chunk(self, key: str) -> None:
        worker = a_worker()

        assert key in chunk(worker, {key: ["a.png"]}).state
        assert key not in chunk(worker).state

    def test_keys_are_held_and_the_mouse_moves_once(self) -> None:
        worker = a_worker()

        moved = chunk(worker, {"ctrl_input": {"button": ["KeyW"], "mouse": [0.25, -1]}}).state["ctrl_input"]
        still = chunk(worker).state["ctrl_input"]

        assert moved == {"button": ["KeyW"], "mouse": [0.25, -1]}
        assert still == {"button": ["KeyW"], "mouse": [0.0, 0.0]}

    def test_the_mouse_adds_up_while_no_chunk_is_made(self) -> None:
        worker = a_worker(paused=True)
        for _ in range(3):
            worker.put({"ctrl_input": {"button": [], "mouse": [1.0, 0.5]}})
            assert worker.step() == Idle()

        assert chunk(worker, {"paused": False}).state["ctrl_input"]["mouse"] == [3.0, 1.5]

    def test_a_paused_worker_drains_and_the_latest_state_counts_when_it_resumes(self) -> None:
        worker = a_worker(paused=True)
        for probe in range(20):
            assert worker.put({"probe": probe})
            assert worker.step() == Idle()

        assert chunk(worker, {"paused": False}).state["probe"] == 19
        assert worker.dropped == 0

    @pytest.mark.parametrize("truthy", [1, "no", [0]])
    def test_anything_truthy_pauses(self, truthy: Any) -> None:
        worker = a_worker()
        worker.put({"paused": truthy})

        assert worker.step() == Idle()


class TestCuts:
    def test_a_first_chunk_and_every_new_session_cut(self) -> None:
        worker = a_worker()
        assert [chunk(worker).scene for _ in range(3)] == [0, 0, 0]

        assert chunk(Worker(worker.instance, {"prompts": prompts("reef")})).scene == 1

    @pytest.mark.parametrize(
        ("message", "cuts"),
        [
            ({"reset_cache": True}, True),
            ({"reset_cache": False}, False),
            ({"denoising_step_list": [700, 500]}, True),
            ({"denoising_step_list": [1000, 750, 500, 250]}, False),
            ({"denoising_step_list": [700, 500], "_modulated_step_list": True}, False),
            ({"denoising_step_list": [700, 500], "manage_cache": False}, False),
            ({"lora_scales": [{"path": "a.safetensors", "scale": 0.5}]}, True),
            ({"lora_scales": [{"path": "unknown", "scale": 0.5}]}, True),
            ({"lora_scales": [{"path": "a.safetensors", "scale": 0.5}], "manage_cache": False}, False),
            ({"prompts": prompts("ember")}, False),
            ({"noise_scale": 0.2}, False),
            ({"input_mode": "video"}, True),
            ({"base_seed": 7}, False),
        ],
    )
    def test_what_cuts(self, message: dict[str, Any], cuts: bool) -> None:
        worker = a_worker()
        before = chunk(worker)
        after = chunk(worker, message)
        later = chunk(worker)

        assert after.scene - before.scene == cuts
        assert after.age == (0 if cuts else 12)
        assert later.scene == after.scene

    @pytest.mark.parametrize(
        ("message", "cuts"),
        [
            ({"prompts": prompts("ember")}, True),
            ({"prompts": prompts("reef")}, False),
            ({"prompts": prompts("ember"), "manage_cache": False}, False),
            (
                {"prompts": prompts("ember"), "transition": {"target_prompts": prompts("ember"), "num_steps": 2}},
                False,
            ),
        ],
    )
    def test_with_video_other_prompts_cut_unless_a_transition_leads_there(
        self, message: dict[str, Any], cuts: bool
    ) -> None:
        worker = a_worker(input_mode="video")
        before = chunk(worker)

        assert chunk(worker, message).scene - before.scene == cuts
        assert chunk(worker).scene - before.scene == cuts

    def test_a_full_cache_is_reset(self) -> None:
        worker = a_worker()
        scenes = [chunk(worker).scene for _ in range(CACHE // 12 + 2)]

        assert scenes[-2:] == [0, 1]

    def test_lora_scales_of_unknown_paths_have_no_effect(self) -> None:
        worker = a_worker()
        scales = [{"path": "a.safetensors", "scale": -2}, {"path": "b.safetensors", "scale": 3}]

        assert chunk(worker, {"lora_scales": scales}).loras == (("a.safetensors", -2.0),)
        assert chunk(worker).loras == (("a.safetensors", -2.0),)


class TestPrompts:
    def test_weights_are_normalised(self) -> None:
        worker = a_worker(prompts=[{"text": "reef", "weight": 3}, {"text": "ember"}])

        assert chunk(worker).blend == (("reef", 0.75), ("ember", 0.25))

    @pytest.mark.parametrize("shape", ["neon", ["neon"], prompts("neon")])
    def test_the_three_shapes_mean_the_same(self, shape: Any) -> None:
        assert chunk(a_worker(prompts=shape)).blend == (("neon", 1.0),)

    def test_a_transition_starts_at_the_source_and_takes_as_many_chunks_as_it_has_steps(self) -> None:
        worker = a_worker()
        chunk(worker)
        worker.put({"prompts": prompts("ember"), "transition": {"target_prompts": prompts("ember"), "num_steps": 3}})

        made = [chunk(worker) for _ in range(4)]

        ember = (("ember", 1.0),)
        assert [one.blend for one in made] == [(("reef", 1.0),), (("reef", 0.5), ("ember", 0.5)), ember, ember]
        assert [one.transition for one in made] == [True, True, False, False]

    def test_a_transition_survives_other_updates(self) -> None:
        worker = a_worker()
        chunk(worker)
        chunk(worker, {"prompts": prompts("ember"), "transition": {"target_prompts": prompts("ember"), "num_steps": 3}})

        assert chunk(worker, {"noise_scale": 0.5}).blend == (("reef", 0.5), ("ember", 0.5))

    @pytest.mark.parametrize("text", ["neon", "ember"])
    def test_prompts_without_a_transition_kill_a_running_one(self, text: str) -> None:
        worker = a_worker()
        chunk(worker)
        chunk(worker, {"prompts": prompts("ember"), "transition": {"target_prompts": prompts("ember"), "num_steps": 9}})

        made = chunk(worker, {"prompts": prompts(text)})

        assert made.blend == ((text, 1.0),)
        assert not made.transition

    def test_no_steps_are_a_snap(self) -> None:
        worker = a_worker()
        chunk(worker)

        made = chunk(worker, {"transition": {"target_prompts": prompts("ember"), "num_steps": 0}})

        assert made.blend == (("ember", 1.0),)

    def test_one_step_never_reaches_the_target(self) -> None:
        worker = a_worker()
        chunk(worker)
        worker.put({"prompts": prompts("ember"), "transition": {"target_prompts": prompts("ember"), "num_steps": 1}})

        assert {chunk(worker).blend for _ in range(5)} == {(("reef", 1.0),)}

    def test_without_the_prompts_beside_it_a_transition_bounces_back_at_the_next_cut(self) -> None:
        alone, together = a_worker(), a_worker()
        transition = {"target_prompts": prompts("ember"), "num_steps": 2}
        for worker, message in (
            (alone, {"transition": transition}),
            (together, {"prompts": prompts("ember"), "transition": transition}),
        ):
            chunk(worker)
            worker.put(message)
            assert [chunk(worker).blend for _ in range(3)][-1] == (("ember", 1.0),)

        assert chunk(alone, {"reset_cache": True}).blend == (("reef", 1.0),)
        assert chunk(together, {"reset_cache": True}).blend == (("ember", 1.0),)

    def test_there_is_no_chunk_until_there_are_prompts(self) -> None:
        worker = Worker(Instance("longlive", frames=12))

        assert worker.step() == Failed("ValueError: prompts are required")
        assert chunk(worker, {"prompts": prompts("reef")}).number == 0


class TestFailures:
    @pytest.mark.parametrize(
        "message",
        [
            {"noise_scale": "much"},
            {"prompts": 5},
            {"prompts": [5]},
            {"denoising_step_list": "few"},
            {"denoising_step_list": []},
            {"transition": 4},
            {"transition": {"target_prompts": prompts("ember"), "num_steps": "some"}},
        ],
    )
    def test_a_wrong_type_stays_and_fails_every_chunk_until_it_is_overwritten(self, message: dict[str, Any]) -> None:
        worker = a_worker()
        chunk(worker)
        worker.put(message)

        assert isinstance(worker.step(), Failed)
        assert isinstance(worker.step(), Failed)

    def test_what_acts_once_is_consumed_by_the_chunk_that_fails(self) -> None:
        worker = a_worker()
        chunk(worker)
        worker.put({"reset_cache": True, "noise_scale": "much"})
        assert isinstance(worker.step(), Failed)

        assert chunk(worker, {"noise_scale": 0.1}).scene == 0

    @pytest.mark.parametrize("wrong", [7, "KeyW", {"button": 1}, {"mouse": [1]}, {"mouse": ["a", "b"]}])
    def test_a_wrong_ctrl_input_breaks_one_chunk(self, wrong: Any) -> None:
        worker = a_worker()
        chunk(worker)
        worker.put({"ctrl_input": wrong})

        assert isinstance(worker.step(), Failed)
        assert isinstance(worker.step(), Chunk)

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=4))
    def test_no_message_brings_the_worker_down(self, message: dict[str, Any]) -> None:
        worker = a_worker()
        worker.put(message)
        for _ in range(2):
            assert isinstance(worker.step(), Chunk | Idle | Failed)

        worker.put(
            {
                "paused": False,
                "prompts": prompts("reef"),
                "transition": None,
                "ctrl_input": {},
                "noise_scale": 0.5,
                "denoising_step_list": [500],
                "base_seed": 1,
            }
        )
        worker.step()

        assert isinstance(worker.step(), Chunk)


class TestVideo:
    def listener(self, generates: bool = True, **parameters: Any) -> Worker:
        instance = Instance("longlive", frames=12, steps=(1000, 750), loras={"a.safetensors": 1.0})
        return Worker(instance, {"prompts": prompts("reef"), **parameters}, takes=12, generates=generates)

    def test_in_video_mode_it_waits_for_a_whole_chunk(self) -> None:
        worker = self.listener(input_mode="video")

        assert worker.step(0) == worker.step(11) == Starved()
        assert isinstance(worker.step(12), Chunk)

    def test_in_text_mode_it_only_waits_if_it_makes_no_pictures_of_its_own(self) -> None:
        assert isinstance(self.listener().step(0), Chunk)
        assert self.listener(generates=False).step(0) == Starved()

    def test_the_mode_can_change_while_it_runs(self) -> None:
        worker = self.listener()
        assert isinstance(worker.step(0), Chunk)
        worker.put({"input_mode": "video"})

        assert worker.step(0) == Starved()
        made = worker.step(12)
        assert isinstance(made, Chunk)
        assert made.scene == 1

    def test_while_it_waits_it_drains_messages_and_the_chunk_has_the_newest(self) -> None:
        worker = self.listener(input_mode="video")
        for probe in range(3 * QUEUE):
            assert worker.put({"probe": probe})
            assert worker.step(0) == Starved()

        made = worker.step(12)
        assert isinstance(made, Chunk)
        assert (made.state["probe"], made.taken, made.dropped) == (3 * QUEUE - 1, 3 * QUEUE, 0)

    def test_what_acts_once_waits_with_it(self) -> None:
        worker = self.listener(input_mode="video", manage_cache=False)
        assert isinstance(worker.step(12), Chunk)
        worker.instance.adjustable = True
        scales = [{"path": "a.safetensors", "scale": 0.5}]
        worker.put({"reset_cache": True, "vace_ref_images": ["a.png"], "lora_scales": scales})

        assert worker.step(0) == Starved(flush=True)
        assert worker.step(0) == Starved()
        made = worker.step(12)
        assert isinstance(made, Chunk)
        assert (made.scene, made.flush, made.loras) == (1, False, (("a.safetensors", 0.5),))
        assert made.state["vace_ref_images"] == ["a.png"]
        later = worker.step(12)
        assert isinstance(later, Chunk)
        assert (later.scene, "vace_ref_images" in later.state) == (1, False)

    def test_paused_is_not_starved(self) -> None:
        worker = self.listener(input_mode="video", paused=True)

        assert worker.step(0) == Idle()
