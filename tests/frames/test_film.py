"""A video file as pictures: from any place, in order, with their times, the right way up and in the right colours."""

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from bridge.errors import Unavailable
from bridge.frames.film import Film, Picture
from bridge.sources.pattern import read_number_of
from tests.sources.films import SIZE, film, turn


def numbers(pictures: list[Picture]) -> list[int | None]:
    return [read_number_of(picture.video) for picture in pictures]


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.mov", "mpeg4"), ("a.ts", "libx264")]
)
def test_all_pictures_come_in_order_twice_over(tmp_path: Path, name: str, codec: str) -> None:
    with closing(Film(film(tmp_path / name, codec=codec))) as opened:
        for _ in range(2):
            pictures = list(opened.pictures())
            assert numbers(pictures) == list(range(60))
            assert [picture.at for picture in pictures] == pytest.approx([n / 30 for n in range(60)], abs=0.002)
            assert pictures[-1].at + pictures[-1].seconds == pytest.approx(2.0, abs=0.002)
        assert opened.rate == pytest.approx(30, rel=0.01)
        assert opened.seconds == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("place", [0.0, 0.01, 0.5, 0.99, 1.4, 1.99])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_from_a_place_on_the_picture_that_shows_there_comes_first(tmp_path: Path, name: str, place: float) -> None:
    with closing(Film(film(tmp_path / name))) as opened:
        assert numbers(list(opened.pictures(place))) == list(range(int(place * 30 + 0.01), 60))
        assert numbers([next(opened.pictures(1.0))]) == [30]


def test_a_rate_that_is_no_whole_number_is_kept(tmp_path: Path) -> None:
    with closing(Film(film(tmp_path / "a.mp4", rate=Fraction(24000, 1001)))) as opened:
        assert opened.rate == pytest.approx(23.976, abs=0.001)
        assert [p.at for p in opened.pictures()] == pytest.approx([n * 1001 / 24000 for n in range(60)], abs=0.001)


def test_pictures_at_uneven_times_keep_them(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.15, 0.9, 1.0, 3.0]

    with closing(Film(film(tmp_path / "a.mkv", pictures=6, times=times))) as opened:
        assert [picture.at for picture in opened.pictures()] == pytest.approx(times, abs=0.002)


def test_a_still_is_a_film_of_one_picture(tmp_path: Path) -> None:
    pixels = np.zeros((48, 64, 3), np.uint8)
    av.VideoFrame.from_ndarray(pixels, format="rgb24").save(str(tmp_path / "a.png"))

    with closing(Film(tmp_path / "a.png")) as opened:
        assert [len(list(opened.pictures())) for _ in range(2)] == [1, 1]


def test_a_film_that_is_marked_to_be_turned_is_upright(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", pictures=3)
    with closing(Film(path)) as opened:
        before = next(opened.pictures()).video

    with closing(Film(turn(path))) as opened:
        turned = next(opened.pictures()).video

    assert (turned.width, turned.height) == (SIZE[1], SIZE[0])
    assert turned.colorspace == before.colorspace
    luma = before.to_ndarray(format="gray").astype(int)
    assert np.abs(turned.to_ndarray(format="gray").astype(int) - np.rot90(luma, -1)).max() <= 1


@pytest.mark.parametrize(("height", "matrix"), [(576, 2), (720, 1)])
def test_what_does_not_name_its_matrix_is_taken_as_players_take_it(tmp_path: Path, height: int, matrix: int) -> None:
    with closing(Film(film(tmp_path / "a.mp4", pictures=1, size=(256, height)))) as opened:
        assert next(opened.pictures()).video.colorspace == matrix


def test_what_names_its_range_keeps_it(tmp_path: Path) -> None:
    with closing(Film(film(tmp_path / "a.mov", pictures=1, codec="mjpeg"))) as opened:
        assert next(opened.pictures()).video.color_range == 2  # full


def test_what_is_damaged_is_left_out_and_the_rest_plays(tmp_path: Path) -> None:
    path = film(tmp_path / "a.ts", pictures=90)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 188 * 188
    data[middle : middle + 188 * 8] = bytes(188 * 8)
    path.write_bytes(data)

    with closing(Film(path)) as opened:
        read = [number for number in numbers(list(opened.pictures())) if number is not None]

    assert read == sorted(read)
    assert read[0] == 0
    assert read[-1] == 89


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.mp4", None, "there is no video file .*gone.mp4"),
        ("text.mp4", b"this is no film", "text.mp4 is no video file that can be read"),
        ("empty.mp4", b"", "empty.mp4 is no video file that can be read"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(Unavailable, match=said):
        Film(tmp_path / name)


def test_a_file_without_video_is_told(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48000)
        assert isinstance(stream, av.AudioStream)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), format="s16", layout="mono")
        sound.sample_rate = 48000
        container.mux(stream.encode(sound))

    with pytest.raises(Unavailable, match=r"there is no video in .*a\.wav"):
        Film(tmp_path / "a.wav")
