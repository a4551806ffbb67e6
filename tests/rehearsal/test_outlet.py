"""Frames on their way: sampled evenly, dropped when there is no room, and paced."""

import asyncio
from fractions import Fraction

import av
import pytest
from aiortc.mediastreams import MediaStreamError
from hypothesis import given
from hypothesis import strategies as st

from bridge.clock import now
from bridge.rehearsal.outlet import ROOM, Feed, Output, Rate, Shot


def shots(count: int, first: int = 0, apart: int | None = None) -> list[Shot]:
    """Return frames that are numbered by their times; with `apart` ticks between them they carry these times."""
    made = []
    for number in range(first, first + count):
        video = av.VideoFrame(16, 16, "yuv420p")
        video.pts, video.time_base = number * (apart or 1), Fraction(1, 90_000)
        made.append(Shot(video, timed=apart is not None))
    return made


def numbers(taken: list[Shot]) -> list[int]:
    return [shot.video.pts or 0 for shot in taken]


class TestFeed:
    def test_the_newest_find_no_room(self) -> None:
        feed = Feed(12)
        feed.put(shots(ROOM - 2))
        feed.put(shots(5, first=100))

        assert (len(feed), feed.lost) == (ROOM, 3)
        assert numbers(feed.take(ROOM))[-2:] == [100, 101]

    def test_there_is_always_room_for_two_chunks(self) -> None:
        feed = Feed(23)
        feed.put(shots(60))

        assert len(feed) == 46

    @pytest.mark.parametrize(
        ("waiting", "count", "taken", "left"),
        [
            (4, 4, [0, 1, 2, 3], 0),
            (8, 4, [0, 2, 4, 6], 1),
            (30, 4, [0, 8, 15, 22], 7),
            (5, 1, [0], 4),
            (13, 12, [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12], 0),
        ],
    )
    def test_a_sample_is_even_and_what_lies_before_its_last_is_gone(
        self, waiting: int, count: int, taken: list[int], left: int
    ) -> None:
        feed = Feed(count)
        feed.put(shots(waiting))

        got = numbers(feed.take(count))

        assert got == taken
        assert len(feed) == left

    @given(st.integers(1, ROOM), st.data())
    def test_a_sample_is_in_order_and_each_frame_is_in_it_once(self, waiting: int, data: st.DataObject) -> None:
        count = data.draw(st.integers(1, waiting))
        feed = Feed(count)
        feed.put(shots(waiting))

        got = numbers(feed.take(count))

        assert got == sorted(set(got))
        assert len(got) == count

    def test_a_flush_leaves_nothing(self) -> None:
        feed = Feed(4)
        feed.put(shots(4))
        feed.flush()

        assert len(feed) == 0


class TestRate:
    def test_it_is_the_mean_of_production_and_a_pause_does_not_count(self) -> None:
        rate = Rate()
        assert rate.fps == 60
        rate.made(12, 0.5, at=1.0)
        assert rate.fps == 24
        rate.made(12, 0.5, at=2.0)
        assert rate.fps == 16
        rate.pause()
        rate.made(12, 1.5, at=100.0)
        assert rate.fps == 12


class TestOutput:
    def test_untimed_frames_get_times_and_leave_at_the_rate(self) -> None:
        async def script() -> None:
            output = Output(lambda: 50.0)
            output.put(shots(5))
            begun = now()
            sent = [await output.recv() for _ in range(5)]

            assert [frame.pts for frame in sent] == [0, 1800, 3600, 5400, 7200]
            assert now() - begun >= 4 / 50 - 0.005
            assert output.sent == 5

        asyncio.run(script())

    def test_timed_frames_keep_their_times_and_their_distance(self) -> None:
        async def script() -> None:
            output = Output(lambda: 60.0)
            output.put(shots(4, apart=4500))
            begun = now()
            sent = [await output.recv() for _ in range(4)]

            assert [frame.pts for frame in sent] == [0, 4500, 9000, 13500]
            assert now() - begun >= 3 * 0.05 - 0.005

        asyncio.run(script())

    def test_times_that_would_go_back_after_a_pause_leap_forward_by_a_turn_and_the_distance_stays(self) -> None:
        async def script() -> None:
            output = Output(lambda: 60.0)
            output.put(shots(2, first=1, apart=90_000))
            first = [(await output.recv()).pts for _ in range(2)]
            output.hold(True)
            held = [(await output.recv()).pts for _ in range(2)]
            output.hold(False)
            output.put(shots(2, first=3, apart=4500))
            after = [(await output.recv()).pts for _ in range(2)]

            assert first == [90_000, 180_000]
            assert held == [(1 << 32) + 2 * 1500, (1 << 32) + 3 * 1500], "made up, and so earlier: a turn later"
            assert after == [(1 << 32) + 13_500, (1 << 32) + 18_000]

        asyncio.run(script())

    def test_there_is_room_for_two_chunks_at_least(self) -> None:
        async def script() -> None:
            output = Output(lambda: 60.0)
            output.put(shots(20))
            output.put(shots(20))
            assert output.lost == 0
            output.put(shots(20))
            assert output.lost == 20

        asyncio.run(script())

    def test_a_held_output_repeats_its_last_frame_and_loses_nothing(self) -> None:
        async def script() -> None:
            output = Output(lambda: 60.0)
            output.put(shots(2))
            first = await output.recv()
            output.hold(True)
            assert await output.recv() is first
            output.hold(False)
            assert await output.recv() is not first

        asyncio.run(script())

    def test_one_that_has_ended_raises_whatever_comes(self) -> None:
        async def script() -> None:
            output = Output(lambda: 60.0)
            asyncio.get_running_loop().call_soon(output.end, "Track stopped")
            with pytest.raises(MediaStreamError, match="Track stopped"):
                await output.recv()
            output.put(shots(1))
            with pytest.raises(MediaStreamError, match="Track stopped"):
                await output.recv()

        asyncio.run(script())

    def test_it_says_when_it_is_asked_first_and_what_leaves(self) -> None:
        async def script() -> None:
            said: list[object] = []
            output = Output(lambda: 60.0)
            output.on_pull = lambda: said.append("pulled")
            output.on_sent = said.append
            output.put(shots(1))
            frame = await output.recv()

            assert said == ["pulled", frame]

        asyncio.run(script())


def test_a_copy_has_a_frame_of_its_own_with_the_same_pixels() -> None:
    one = shots(1, first=3, apart=1)[0]
    other = one.copy()

    assert other.video is not one.video
    assert (other.video.pts, other.video.time_base) == (3, Fraction(1, 90_000))
    assert (other.video.to_ndarray() == one.video.to_ndarray()).all()
