"""What follows the beat: boundaries, quantised changes and modulations, as Scope's."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.rehearsal.beat import Beat, Modulation, NoTempo, boundary, delay, modulate, modulations
from bridge.rehearsal.worker import Chunk, Instance, Worker


def beat(beats: float, bpm: float = 120.0, beats_per_bar: int = 4) -> Beat:
    return Beat(bpm, beats % 1, beats % beats_per_bar, math.floor(beats))


class TestBoundaries:
    @pytest.mark.parametrize(
        ("rate", "beats", "number"),
        [("none", 9.5, -1), ("beat", 9.5, 9), ("bar", 9.5, 2), ("2_bar", 9.5, 1), ("4_bar", 9.5, 0), ("often", 1, -1)],
    )
    def test_are_counted(self, rate: str, beats: float, number: int) -> None:
        assert boundary(rate, beat(beats), 4) == number

    @pytest.mark.parametrize(
        ("mode", "beats", "lookahead", "seconds"),
        [
            ("beat", 0.5, 0.0, 0.25),
            ("bar", 0.5, 0.0, 1.75),
            ("bar", 0.5, 0.1, 1.65),
            ("2_bar", 4.5, 0.0, 1.75),
            ("4_bar", 4.5, 0.0, 5.75),
            ("beat", 0.5, 0.5, 0.25),  # too late for this beat: the next one
            ("bar", 3.995, 0.0, 2.0025),  # it is there already: the next one
            ("none", 0.5, 0.0, 0.0),
        ],
    )
    def test_a_quantised_change_waits_for_its_own(
        self, mode: str, beats: float, lookahead: float, seconds: float
    ) -> None:
        assert delay(mode, beat(beats), 4, lookahead) == pytest.approx(seconds)

    @given(
        st.sampled_from(["beat", "bar", "2_bar", "4_bar"]),
        st.floats(0, 1000),
        st.floats(20, 300),
        st.integers(1, 16),
        st.floats(0, 5),
    )
    def test_a_change_lands_its_lookahead_before_a_boundary(
        self, mode: str, beats: float, bpm: float, bar: int, lookahead: float
    ) -> None:
        wait = delay(mode, beat(beats, bpm, bar), bar, lookahead)
        lands = beats + (wait + lookahead) * bpm / 60
        cycle = {"beat": 1, "bar": bar, "2_bar": 2 * bar, "4_bar": 4 * bar}[mode]

        assert wait >= 0
        assert abs(lands / cycle - round(lands / cycle)) < 1e-6
        assert lands > beats

    def test_without_a_tempo_nothing_waits(self) -> None:
        assert NoTempo().beat() is None
        assert delay("bar", beat(1, bpm=0.0), 4, 0.0) == 0.0


class TestModulations:
    @pytest.mark.parametrize(
        ("shape", "values"),
        [
            ("sine", (0, 1, 0, -1)),
            ("cosine", (1, 0, -1, 0)),
            ("triangle", (0, 1, 0, -1)),
            ("saw", (-1, -0.5, 0, 0.5)),
            ("square", (1, 1, -1, -1)),
            ("exp_decay", (1, math.exp(-0.25 / 0.15), math.exp(-0.5 / 0.15), math.exp(-0.75 / 0.15))),
        ],
    )
    def test_every_shape_at_the_quarters_of_a_bar(self, shape: str, values: tuple[float, ...]) -> None:
        for quarter, value in enumerate(values):
            call: dict[str, Any] = {"x": 0.0}
            modulate(call, {"x": Modulation(shape=shape, depth=1.0)}, beat(quarter), 4)
            assert call["x"] == pytest.approx(value, abs=1e-9)

    @pytest.mark.parametrize(
        ("rate", "beats", "phase"),
        [("half_beat", 1.25, 0.5), ("beat", 1.25, 0.25), ("2_beat", 1.5, 0.75), ("2_bar", 6, 0.75), ("4_bar", 4, 0.25)],
    )
    def test_every_rate(self, rate: str, beats: float, phase: float) -> None:
        call: dict[str, Any] = {"x": 0.0}
        modulate(call, {"x": Modulation(shape="saw", depth=1.0, rate=rate)}, beat(beats), 4)

        assert call["x"] == pytest.approx(2 * phase - 1)

    def test_values_stay_within_their_limits_and_noise_gets_its_way(self) -> None:
        call: dict[str, Any] = {"noise_scale": 0.9}
        modulate(call, {"noise_scale": Modulation(depth=0.5, max_value=1.0)}, beat(0), 4)

        assert call == {"noise_scale": 1.0, "noise_controller": False}

    def test_steps_move_together_stay_descending_and_do_not_cut(self) -> None:
        call: dict[str, Any] = {"denoising_step_list": [1000, 750]}
        modulate(call, {"denoising_steps": Modulation(depth=0.5)}, beat(0), 4)

        assert call == {"denoising_step_list": [1001, 1000], "_modulated_step_list": True}

    def test_what_was_never_sent_needs_a_base(self) -> None:
        call: dict[str, Any] = {}
        modulate(call, {"a": Modulation(), "b": Modulation(base_value=0.5), "c": Modulation(enabled=False)}, beat(0), 4)

        assert call == {"b": 0.8}

    def test_words_are_left_alone(self) -> None:
        call: dict[str, Any] = {"x": "much"}
        modulate(call, {"x": Modulation()}, beat(0), 4)

        assert call == {"x": "much"}

    def test_reading_them(self) -> None:
        good, bad = modulations(
            {
                "a": {"shape": "saw", "depth": 1, "rate": "beat", "min_value": 0},
                "b": {"shape": "round"},
                "c": {"depth": 2},
                "d": 5,
                "e": {"depth": True},
                "f": {"enabled": 1},
            }
        )

        assert good == {"a": Modulation(shape="saw", depth=1.0, rate="beat", min_value=0.0)}
        assert bad == ["b", "c", "d", "e", "f"]
        with pytest.raises(TypeError, match="must be an object"):
            modulations([])


class TestWorker:
    def worker(self, **parameters: Any) -> Worker:
        instance = Instance("longlive", frames=12, steps=(1000, 750))
        return Worker(instance, {"prompts": [{"text": "reef", "weight": 1.0}], **parameters})

    def chunk(self, worker: Worker, beats: float | None) -> Chunk:
        made = worker.step(0, None if beats is None else beat(beats), 4)
        assert isinstance(made, Chunk)
        return made

    def test_the_beat_reaches_the_pipeline_only_while_there_is_one(self) -> None:
        worker = self.worker()

        assert "bpm" not in self.chunk(worker, None).state
        assert self.chunk(worker, 2.5).state["beat_phase"] == 0.5

    def test_a_modulation_moves_around_what_was_sent_chunk_by_chunk(self) -> None:
        worker = self.worker(noise_scale=0.5)
        worker.modulations = {"noise_scale": Modulation(shape="square", depth=0.25)}

        assert [self.chunk(worker, beats).state["noise_scale"] for beats in (0, 1, 2)] == [0.75, 0.75, 0.25]
        assert self.chunk(worker, None).state["noise_scale"] == 0.5

    def test_the_beat_cuts_and_changes_the_seed_at_every_boundary(self) -> None:
        worker = self.worker(base_seed=7)
        worker.reset_on("bar")
        made = [self.chunk(worker, beats) for beats in (1, 2, 4.1, 5, 8)]

        assert [one.scene for one in made] == [0, 0, 1, 1, 2]
        assert made[1].state["base_seed"] == 7
        assert made[2].state["base_seed"] not in (7, made[4].state["base_seed"])
        worker.reset_on("none")
        assert self.chunk(worker, 12).scene == 2
