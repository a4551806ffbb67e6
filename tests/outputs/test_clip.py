"""A video file that loops at its own rate, whatever the rate at which it is asked."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from bridge.errors import Unavailable
from bridge.frames import Frame
from bridge.outputs.clip import Clip
from tests.outputs.chart import grey

LEVELS = (40, 80, 120, 160, 200)
FPS = 10


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of half a second: five greys."""
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for number, level in enumerate(LEVELS):
            frame = grey(64, 32, level)
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def level_of(frame: Frame) -> int:
    return min(LEVELS, key=lambda level: abs(level - int(frame.rgba()[16, 32, 0])))


def seen(clip: Clip, at: list[float]) -> list[int]:
    return [level_of(clip.at(100.0 + time)) for time in at]


@pytest.mark.parametrize("rate", [10, 30, 60])
def test_it_plays_at_its_own_rate_and_round_again_without_a_gap(path: Path, rate: int) -> None:
    clip = Clip(path)
    at = [0.0, *(tick / rate + 0.001 for tick in range(1, 2 * rate))]

    assert seen(clip, at) == [LEVELS[int(time * FPS) % len(LEVELS)] for time in at]
    clip.close()


def test_an_output_slower_than_the_clip_leaves_pictures_out(path: Path) -> None:
    clip = Clip(path)

    assert seen(clip, [0.0, 0.21, 0.41, 0.61]) == [40, 120, 200, 80]
    clip.close()


def test_after_a_long_absence_it_plays_on_and_makes_nothing_up(path: Path) -> None:
    clip = Clip(path)
    clip.at(100.0)
    late = level_of(clip.at(1000.0))
    after = LEVELS[(LEVELS.index(late) + 1) % len(LEVELS)]

    assert [level_of(clip.at(time)) for time in (1000.05, 1000.11)] == [late, after]
    clip.close()


def test_rewound_it_begins_again(path: Path) -> None:
    clip = Clip(path)
    clip.rewind()
    assert seen(clip, [0.0, 0.11, 0.21]) == [40, 80, 120]
    clip.rewind()

    assert seen(clip, [5.0, 5.11]) == [40, 80]
    clip.close()
    clip.close()


def test_a_picture_stays(tmp_path: Path) -> None:
    path = tmp_path / "card.png"
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "rgb24"
        container.mux(stream.encode(grey(64, 32, 120).reformat(format="rgb24")))
        container.mux(stream.encode())
    clip = Clip(path)

    assert seen(clip, [0.0, 0.1, 1.0, 30.0]) == [120] * 4
    clip.close()


def test_a_file_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "none.mp4"

    with pytest.raises(Unavailable) as caught:
        Clip(path)
    assert str(caught.value) == f"the clip {path} cannot be read: no such file or directory"


def test_a_file_that_is_no_video_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("not a video\n" * 100)

    with pytest.raises(Unavailable, match="cannot be read: "):
        Clip(path)


def test_a_file_without_a_picture_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        sound = av.AudioFrame(format="s16", layout="mono", samples=800)
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))

    with pytest.raises(Unavailable, match="has no picture in it"):
        Clip(path)


@pytest.mark.parametrize(("height", "matrix"), [(576, 2), (720, 1)])
def test_a_large_file_that_does_not_name_its_matrix_is_taken_for_bt709_as_players_do(
    tmp_path: Path, height: int, matrix: int
) -> None:
    path = tmp_path / "untagged.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 64, height, "yuv420p"
        container.mux(stream.encode(grey(64, height, 100)))
        container.mux(stream.encode())
    clip = Clip(path)

    assert clip.at(100.0).video.colorspace == matrix
    clip.close()
