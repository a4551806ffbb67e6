"""What shows at each tick: Scope's pictures in their turn, and what is shown when there are none."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Unavailable
from bridge.frames import Buffer, Frame, Latest
from bridge.outputs.incoming import Incoming
from bridge.outputs.painter import Painter
from bridge.outputs.picture import SLATE_SIZE
from bridge.outputs.player import LOOP_FRAMES, Player
from bridge.profile.durations import Duration
from bridge.profile.outputs import Alpha, Gone, Shape, Showing
from tests.outputs.chart import grey

BEGAN = 100.0
SIZE = (32, 16)


def a_frame(at: float, number: int = 0, level: int = 100, size: tuple[int, int] = SIZE) -> Frame:
    return Frame(grey(*size, level), BEGAN + at, number)


def level_of(frame: Frame) -> int:
    return int(frame.rgba()[..., :3].mean().round())


def is_slate(frame: Frame) -> bool:
    return level_of(frame) < 40


class Film:
    """A clip of one picture, that says what was asked of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.calls: list[str] = []
        self.broken = self.stuck = ""
        self.size = SIZE

    def at(self, now: float) -> Frame:
        if self.broken:
            raise Unavailable(self.broken)
        self.calls.append("at")
        return a_frame(0.0, level=220, size=self.size)

    def rewind(self) -> None:
        if self.stuck:
            raise Unavailable(self.stuck)
        self.calls.append("rewind")

    def close(self) -> None:
        self.calls.append("close")


class Desk:
    """A player, its ways in, and its ticks: 30 a second unless told otherwise."""

    def __init__(self, showing: Showing | None = None, *, fps: float = 30, **gone: object) -> None:
        self.films: list[Film] = []
        self.live, self.source = Buffer(), Latest()
        incoming = Incoming(self.live, self.source, lambda duration: duration.amount, Path("shows"))
        self.showing = replace(showing or Showing(), gone=replace(Gone(), **gone))  # type: ignore[arg-type]
        self.player = Player(incoming, self.showing, self._open)
        self.tick = 1 / fps
        self.why = ""

    def _open(self, path: Path) -> Film:
        if self.why:
            raise Unavailable(self.why)
        self.films.append(Film(path))
        return self.films[-1]

    def bring(self, frame: Frame) -> Frame:
        self.live.put(frame)
        return frame

    def at(self, time: float, *, frozen: bool = False, bypass: float = 0.0, mixing: bool = True) -> Frame:
        return self.player.next(BEGAN + time, self.tick, frozen=frozen, bypass=bypass, mixing=mixing)

    def play(
        self, frames: Sequence[Frame], seconds: float, begin: float = 0.0, look: Callable[[], None] = lambda: None
    ) -> list[tuple[float, Frame]]:
        """Tick for `seconds` from `begin` on, bringing each frame when it was received; return what was shown when."""
        coming, shown = list(frames), []
        for tick in range(round(seconds / self.tick)):
            time = begin + tick * self.tick
            while coming and coming[0].received <= BEGAN + time:
                self.bring(coming.pop(0))
            shown.append((time, self.at(time)))
            look()
        return shown


def stream(rate: float, seconds: float, begin: float = 0.0, first: int = 0) -> list[Frame]:
    return [a_frame(begin + number / rate, first + number) for number in range(round(rate * seconds))]


# ------------------------------------------------------------------------------------------------------ scope's pictures


def test_before_the_first_picture_there_is_the_slate_and_then_the_picture_at_once() -> None:
    desk = Desk()
    slate = desk.at(0.0)
    frame = desk.bring(a_frame(0.5))

    assert slate.size == SLATE_SIZE
    assert level_of(slate) < 32
    assert desk.at(0.51) is frame
    assert desk.player.received == frame.received
    assert (desk.player.shown, desk.player.repeated) == (1, 0)


def test_the_newest_that_is_due_shows_and_the_last_one_again_where_none_is() -> None:
    desk = Desk()
    first, second = desk.bring(a_frame(0.0, 0)), desk.bring(a_frame(0.01, 1))

    assert [desk.at(0.1 + tick / 30) for tick in range(3)] == [second] * 3
    assert desk.at(0.2) is not first
    assert (desk.player.shown, desk.player.repeated) == (1, 3)


@given(st.integers(0, 2**16), st.sampled_from([8, 16, 24, 30, 60]), st.sampled_from([0.0, 0.1, 0.5]))
def test_no_picture_comes_back_after_a_newer_one_and_the_numbers_add_up(seed: int, rate: int, steady: float) -> None:
    chance = random.Random(seed)
    at = sorted(number / rate + chance.uniform(0, 0.08) for number in range(rate * 2))
    desk = Desk(Showing(steady=steady))
    shown = [frame for _, frame in desk.play([a_frame(each, number) for number, each in enumerate(at)], 3.0)]

    numbers = [frame.number for frame in shown if frame.size == SIZE]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == desk.player.shown
    assert len(numbers) - len(set(numbers)) == desk.player.repeated
    assert numbers[-1] == len(at) - 1


@pytest.mark.parametrize("steady", [0.0, 0.1])
@pytest.mark.parametrize("rate", [29.99, 30.0, 30.01])
def test_pictures_at_the_outputs_own_rate_are_neither_shown_twice_nor_left_out(rate: float, steady: float) -> None:
    chance = random.Random(3)  # the clocks drift past each other, and each picture wavers a little
    frames = [a_frame(0.001 + number / rate + chance.uniform(-0.001, 0.001), number) for number in range(3600)]
    desk = Desk(Showing(steady=steady))
    shown = desk.play(frames, 119.0)

    numbers = [frame.number for _, frame in shown[10:]]
    assert sum(later - earlier != 1 for earlier, later in pairwise(numbers)) <= (1 if rate == 30 else 2)


def test_of_a_source_that_is_twice_as_fast_the_newest_shows_and_nothing_waits() -> None:
    desk = Desk(Showing(steady=0.0))
    shown = desk.play(stream(60, 10.0), 9.9)

    assert all(0 <= BEGAN + time - frame.received < 1 / 59 for time, frame in shown[10:])


def test_a_chunk_that_comes_at_once_shows_picture_by_picture() -> None:
    frames = [a_frame(number // 12 * 0.75 + number % 12 * 0.004, number) for number in range(240)]
    desk = Desk(Showing(steady=1.0))
    shown = desk.play(frames, 14.0)

    numbers = [frame.number for time, frame in shown if time > 5]
    changes = [index for index in range(1, len(numbers)) if numbers[index] != numbers[index - 1]]
    assert {later - earlier for earlier, later in pairwise(changes)} <= {1, 2, 3}
    assert set(range(100, 200)) <= set(numbers)
    assert 0.2 < desk.player.delay <= 1.0


def test_the_rate_of_the_source_is_known() -> None:
    desk = Desk()
    assert desk.player.rate is None

    desk.play(stream(16, 2.0), 2.0)

    assert desk.player.rate == pytest.approx(16, rel=1e-3)


def test_without_anything_to_show_it_on_pictures_are_taken_and_the_newest_shows_afterwards() -> None:
    desk = Desk()
    for number in range(100):
        desk.bring(a_frame(number / 10, number))
        desk.player.wait(BEGAN + number / 10)

    assert desk.live.overwritten == 0
    assert desk.player.shown == 0
    assert desk.at(10.0).number == 99


# ------------------------------------------------------------------------------------------------------------- to blend


def blended(fps: float, rate: float, mixing: bool = True) -> tuple[Desk, list[tuple[float, int]]]:
    """Return what shows of a picture that gets lighter by 4 at each frame."""
    desk = Desk(Showing(fill="blend"), fps=fps)
    frames = [a_frame(number / rate, number, level=20 + 4 * number) for number in range(40)]
    levels = []
    for tick in range(round(38 / rate * fps)):
        time = tick / fps + 0.001
        while frames and frames[0].received <= BEGAN + time:
            desk.bring(frames.pop(0))
        levels.append((time, level_of(desk.at(time, mixing=mixing))))
    return desk, levels


def test_an_output_faster_than_the_source_shows_what_lies_between_one_picture_later() -> None:
    desk, levels = blended(60, 10)

    for time, level in levels[12:]:
        assert level == pytest.approx(20 + 4 * (time * 10 - 1), abs=2.5)
    assert len({level for _, level in levels}) > 100
    assert desk.player.delay == pytest.approx(0.1, abs=0.01)


def test_nothing_is_blended_where_the_source_is_as_fast_or_nobody_watches() -> None:
    for fps, rate, mixing in ((30, 30, True), (30, 60, True), (60, 10, False)):
        _, levels = blended(fps, rate, mixing)

        assert all(min((level - 20) % 4, -(level - 20) % 4) <= 1 for _, level in levels)


# ------------------------------------------------------------------------------------------------------------- the freeze


def test_what_is_frozen_stays_whatever_comes_and_then_the_newest_shows() -> None:
    desk = Desk()
    held = desk.bring(a_frame(0.0))
    desk.at(0.01)
    for number in range(1, 90):
        desk.bring(a_frame(number / 30, number))
        assert desk.at(number / 30 + 0.01, frozen=True) is held

    assert desk.player.shown == 1
    assert desk.live.overwritten == 0
    assert desk.at(3.01).number == 89
    assert desk.player.shown == 2


def test_frozen_before_its_first_picture_it_shows_that_one() -> None:
    desk = Desk()
    assert desk.at(0.0, frozen=True).size == SLATE_SIZE

    first = desk.bring(a_frame(0.1))
    assert desk.at(0.12, frozen=True) is first
    desk.bring(a_frame(0.2, 1))
    assert desk.at(0.22, frozen=True) is first


def test_a_frozen_picture_is_the_one_that_showed_also_when_it_was_none_of_scopes() -> None:
    desk = Desk(show="slate")
    desk.play(stream(30, 1.0), 1.0)
    slate = desk.at(5.0)
    assert is_slate(slate)

    desk.bring(a_frame(6.0, 30))

    assert desk.at(6.1, frozen=True) is slate


# ------------------------------------------------------------------------------------------------------------- when gone


def test_hold_shows_the_last_picture_for_ever() -> None:
    desk = Desk()
    shown = desk.play(stream(30, 1.0), 60.0)

    assert {frame.number for time, frame in shown if time > 1} == {29}


@pytest.mark.parametrize(
    ("rate", "after", "from_", "to"), [(30, 0.0, 0.25, 0.4), (30, 2.0, 2.25, 2.4), (4, 0.0, 0.7, 0.9)]
)
def test_something_else_shows_only_when_more_is_missing_than_the_rate_lets_expect(
    rate: float, after: float, from_: float, to: float
) -> None:
    desk = Desk(show="slate", after=Duration(after))
    frames = stream(rate, 8.0)
    shown = desk.play(frames, 15.0)

    first = next(time for time, frame in shown if time > 0 and is_slate(frame))
    assert from_ < first - (frames[-1].received - BEGAN) < to


def test_between_chunks_nothing_is_gone() -> None:
    frames = [a_frame(number // 12 * 0.75 + number % 12 * 0.004, number) for number in range(240)]
    desk = Desk(show="slate")
    shown = desk.play(frames, 14.9)

    assert not any(is_slate(frame) for time, frame in shown if time > 3)


def test_loop_plays_the_last_seconds_back_and_forth_at_their_own_pace() -> None:
    desk = Desk(show="loop")
    desk.play(stream(16, 10.0), 10.0)
    shown = desk.play([], 20.0, begin=10.0)

    numbers = [frame.number for time, frame in shown if time > 11]
    assert max(numbers) == 159
    assert min(numbers) == 112
    steps = {abs(later - earlier) for earlier, later in pairwise(numbers)}
    assert steps <= {0, 1}
    changes = [earlier for earlier, later in pairwise(numbers) if earlier != later]
    assert len(changes) == pytest.approx(19 * 16, abs=3)


def test_a_loop_keeps_no_more_frames_than_it_says_and_the_frames_themselves() -> None:
    desk = Desk(fps=60, show="loop")
    frames = stream(60, 10.0)
    desk.play(frames, 10.0)
    shown = [frame for _, frame in desk.play([], 20.0, begin=10.0)]

    kept = {frame.number for frame in shown}
    assert 80 < len(kept) <= LOOP_FRAMES
    assert all(any(frame is each for each in frames[-100:]) for frame in shown[::7])


def test_of_the_frames_that_a_loop_keeps_few_keep_what_was_made_of_them() -> None:
    desk = Desk(show="loop")

    def made() -> int:
        return sum(bool(frame._made) for frame in frames)

    frames = stream(30, 4.0)
    for number, frame in enumerate(frames):
        desk.bring(frame)
        desk.at(number / 30 + 0.001).rgba()
    assert 20 < made() <= 40
    for tick in range(300):
        desk.at(4.0 + tick / 30).rgba()
    assert made() <= 40


def test_source_shows_what_goes_into_scope_as_large_as_scopes_picture_was() -> None:
    desk = Desk(show="source")
    desk.play(stream(30, 1.0), 1.0)
    desk.source.put(a_frame(1.0, level=200, size=(64, 64)))
    before = desk.at(1.1)
    first = desk.at(3.0)
    desk.source.put(a_frame(3.0, level=60, size=(64, 64)))

    assert level_of(before) == pytest.approx(100, abs=2)
    assert first.size == SIZE
    assert level_of(first) == pytest.approx(200, abs=2)
    assert level_of(desk.at(3.1)) == pytest.approx(60, abs=2)


def test_source_holds_where_there_is_none() -> None:
    desk = Desk(show="source")
    desk.play(stream(30, 1.0), 1.0)

    assert desk.at(3.0).number == 29


def test_a_clip_is_opened_with_the_player_plays_while_nothing_comes_and_begins_again_the_next_time() -> None:
    desk = Desk(show="clip", clip="wait.mp4")
    desk.play(stream(30, 1.0), 1.0)
    assert [film.path for film in desk.films] == [Path("shows/wait.mp4")]
    assert desk.films[0].calls == ["rewind"]  # before the first picture, for a moment, it was not needed

    desk.play([], 1.0, begin=1.0)
    assert level_of(desk.at(2.1)) == pytest.approx(220, abs=2)
    frame = desk.bring(a_frame(3.0, 30))
    assert desk.at(3.01) is frame
    assert desk.films[0].calls[-1] == "rewind"
    desk.player.close()
    assert desk.films[0].calls[-1] == "close"


@pytest.mark.parametrize("show", ["hold", "slate", "source", "clip", "loop"])
def test_an_output_without_a_size_of_its_own_keeps_the_size_of_scopes_picture_whatever_shows(show: str) -> None:
    desk = Desk(show=show, clip="wait.mp4", back=Duration(1.0))
    desk.at(-0.1)
    for film in desk.films:
        film.size = (64, 64)
    desk.source.put(a_frame(0.0, size=(48, 64)))
    desk.play(stream(30, 1.0), 1.0)
    sizes = {desk.at(1.0 + tick / 30).size for tick in range(90)}
    for number in range(40):
        desk.bring(a_frame(10 + number / 30, 90 + number))
        sizes.add(desk.at(10 + number / 30).size)

    assert sizes == {SIZE}


@pytest.mark.parametrize("shape", [Shape(), Shape((64, 32)), Shape((64, 32), "cover")])
def test_a_clip_of_another_shape_keeps_it_while_the_live_picture_returns(shape: Shape) -> None:
    desk = Desk(Showing(shape=shape), show="clip", clip="wait.mp4", back=Duration(1.0))
    desk.at(-0.1)
    desk.films[0].size = (16, 16)
    desk.play(stream(30, 1.0), 1.0)
    painter = Painter(shape, Alpha(), "rgba")

    def columns(frame: Frame) -> list[int]:
        row = np.asarray(painter.paint(frame))[8, :, 0]
        return [int(row[0]), int(row[len(row) // 2])]

    alone = columns(desk.at(3.0))
    desk.bring(a_frame(10.0, 90, level=100))
    desk.at(10.0)
    desk.bring(a_frame(10.5, 91, level=100))
    mixed = columns(desk.at(10.5))

    assert alone == pytest.approx([220 if shape.fit == "cover" else 0, 220], abs=4)
    assert mixed == pytest.approx([(side + 100) / 2 for side in alone], abs=8)


def test_a_clip_or_the_source_shows_also_when_scope_never_came() -> None:
    desk = Desk(show="clip", clip="wait.mp4", after=Duration(1.0))
    assert desk.at(0.0).size == desk.at(1.2).size == SLATE_SIZE
    assert level_of(desk.at(1.4)) == pytest.approx(220, abs=2)

    desk = Desk(show="source")
    desk.source.put(a_frame(0.0, level=200))
    assert desk.at(0.0).size == SLATE_SIZE
    assert level_of(desk.at(0.4)) == pytest.approx(200, abs=2)


def test_a_clip_that_cannot_be_read_is_said_at_once_and_the_last_picture_is_held() -> None:
    desk = Desk(show="clip", clip="wait.mp4")
    desk.why = "the clip wait.mp4 cannot be read: no such file or directory"
    shown = desk.play(stream(30, 1.0), 5.0)

    assert desk.player.detail == desk.why
    assert shown[-1][1].number == 29


def test_a_clip_that_breaks_off_is_closed_and_the_last_picture_is_held() -> None:
    desk = Desk(show="clip", clip="wait.mp4")
    desk.play(stream(30, 1.0), 5.0)
    desk.films[0].broken = "the clip wait.mp4 cannot be read any further"

    assert desk.at(5.1).number == 29
    assert desk.films[0].calls[-1] == "close"
    assert desk.player.detail == "the clip wait.mp4 cannot be read any further"


def test_a_clip_that_cannot_be_rewound_darkens_nothing() -> None:
    desk = Desk(show="clip", clip="wait.mp4")
    desk.play(stream(30, 1.0), 5.0)
    desk.films[0].stuck = "the clip wait.mp4 cannot be played again"
    frame = desk.bring(a_frame(5.0, 30))

    assert desk.at(5.1) is frame
    assert desk.player.detail == "the clip wait.mp4 cannot be played again"


def test_while_nobody_watches_no_clip_is_read() -> None:
    desk = Desk(show="clip", clip="wait.mp4")
    desk.play(stream(30, 1.0), 1.0)
    before = list(desk.films[0].calls)

    assert desk.at(5.0, mixing=False).number == 29
    assert desk.films[0].calls == before


@pytest.mark.parametrize("show", ["hold", "slate", "source", "clip", "loop"])
def test_the_live_picture_returns_in_a_fade_from_what_was_shown(show: str) -> None:
    desk = Desk(show=show, clip="wait.mp4", back=Duration(1.0))
    desk.source.put(a_frame(0.0, level=60))
    desk.play(stream(30, 3.0), 3.0)
    assert level_of(desk.at(3.0)) == pytest.approx(100, abs=2)
    meanwhile = level_of(desk.at(8.0))
    assert meanwhile == pytest.approx({"hold": 100, "loop": 100, "source": 60, "clip": 220, "slate": 8}[show], abs=5)

    for number in range(60):
        desk.bring(a_frame(10 + number / 30, 90 + number, level=180))
        part = min(1.0, number / 30)
        assert level_of(desk.at(10 + number / 30)) == pytest.approx(
            meanwhile * (1 - part) + 180 * part, abs=9
        )  # the slate breathes


def test_without_a_fade_the_live_picture_is_there_at_once_and_another_absence_is_noticed_again() -> None:
    desk = Desk(show="slate")
    desk.play(stream(30, 1.0), 5.0)
    back = stream(30, 1.0, begin=5.0, first=30)
    again = desk.play(back, 3.0, begin=5.0)

    assert again[0][1] is back[0]
    assert not any(is_slate(frame) for time, frame in again if time < 6.2)
    assert is_slate(again[-1][1])


def test_what_was_kept_back_still_shows_before_something_else_does() -> None:
    frames = stream(8, 10.0)
    frames += stream(30, 1.5, begin=10.0, first=80)  # faster of a sudden: for a while the pace is too slow for them
    desk = Desk(Showing(steady=1.0), show="slate")
    shown = desk.play(frames, 14.0)

    assert desk.player.delay > 0.5
    assert [frame.number for _, frame in shown if not is_slate(frame)][-1] == frames[-1].number
    assert is_slate(shown[-1][1])


def test_what_returns_at_once_is_not_blended_with_what_was_there_long_ago() -> None:
    desk = Desk(Showing(fill="blend"), show="slate", fps=60)
    desk.play(stream(10, 2.0), 6.0)
    back = desk.bring(a_frame(6.0, 20, level=200))

    assert desk.at(6.01) is back


def test_a_loop_that_is_chosen_again_knows_nothing_of_the_first_time() -> None:
    desk = Desk(show="loop")
    desk.play(stream(30, 2.0), 2.0)
    desk.player.change(replace(desk.showing, gone=Gone("hold")))
    desk.play(stream(30, 1.0, begin=2.0, first=60), 1.0, begin=2.0)
    desk.player.change(replace(desk.showing, gone=Gone("loop")))
    desk.play(stream(30, 1.0, begin=3.0, first=90), 1.0, begin=3.0)

    assert {frame.number for _, frame in desk.play([], 5.0, begin=4.0)} == set(range(90, 120))


# ------------------------------------------------------------------------------------------------------------ the bypass


def test_the_source_covers_scopes_picture_by_as_much_as_is_asked_for() -> None:
    desk = Desk()
    desk.bring(a_frame(0.0, level=40))
    desk.source.put(a_frame(0.0, level=240, size=(64, 48)))

    levels = [level_of(desk.at(0.1 + amount, bypass=amount)) for amount in (0.0, 0.25, 0.5, 1.0)]

    assert levels == pytest.approx([40, 90, 140, 240], abs=2)
    assert desk.at(3.0, bypass=1.0).size == SIZE
    assert level_of(desk.at(4.0, bypass=0.5, frozen=True)) == pytest.approx(240, abs=2)


def test_there_is_no_bypass_without_a_source() -> None:
    desk = Desk()
    frame = desk.bring(a_frame(0.0))

    assert desk.at(0.1, bypass=1.0) is frame


def test_the_source_covers_also_the_slate() -> None:
    desk = Desk()
    desk.source.put(a_frame(0.0, level=240))

    assert level_of(desk.at(0.1, bypass=1.0)) == pytest.approx(240, abs=2)


# -------------------------------------------------------------------------------------------------------- other options


def test_other_options_are_taken_in_the_middle() -> None:
    desk = Desk(show="slate")
    desk.play(stream(30, 1.0), 3.0)
    assert is_slate(desk.at(3.0))
    desk.player.change(replace(desk.showing, gone=Gone("hold")))
    assert desk.at(3.1).number == 29
    desk.player.change(replace(desk.showing, gone=Gone("clip", clip="a.mp4")))
    assert level_of(desk.at(3.2)) == pytest.approx(220, abs=2)
    desk.player.change(replace(desk.showing, gone=Gone("clip", clip="b.mp4"), fps=Fraction(25)))
    desk.at(3.3)

    assert [(film.path.name, film.calls[-1]) for film in desk.films] == [("a.mp4", "close"), ("b.mp4", "at")]


def test_a_picture_of_another_size_is_followed_and_mixed_with_the_one_before() -> None:
    desk = Desk(Showing(fill="blend"), fps=60)
    sizes = set()
    for number in range(40):
        desk.bring(a_frame(number / 10, number, size=SIZE if number < 20 else (48, 32)))
        sizes |= {desk.at(number / 10 + tick / 60).size for tick in range(6)}

    assert sizes == {SIZE, (48, 32)}
    assert np.isfinite(desk.player.delay)
