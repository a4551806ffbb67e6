"""MIDI timecode, counted frame by frame."""

from collections.abc import Iterator

import mido
import pytest

from bridge.inputs.midi.decode import Decoder
from bridge.signals import Sample
from tests.inputs.midi.wire import heard


def quarter_frames(hours: int, minutes: int, seconds: int, frames: int, kind: int) -> list[bytes]:
    """What a tape sends that begins to tell this time."""
    nibbles = [part >> shift & 15 for part in (frames, seconds, minutes, hours | kind << 5) for shift in (0, 4)]
    return [
        bytes(mido.Message("quarter_frame", frame_type=piece, frame_value=value).bytes())
        for piece, value in enumerate(nibbles)
    ]


def full_frame(hours: int, minutes: int, seconds: int, frames: int, kind: int) -> bytes:
    return bytes((0xF0, 0x7F, 0x7F, 1, 1, kind << 5 | hours, minutes, seconds, frames, 0xF7))


def told(*messages: bytes) -> list[tuple[str, float]]:
    """Return the times that these messages tell, in microseconds at the finest."""
    samples = heard(*(message.hex() for message in messages))
    assert {path for path, _ in samples} <= {"in/timecode"}
    return [(str(text), round(float(seconds or 0), 6)) for _, (text, seconds) in samples]


@pytest.mark.parametrize(
    ("time", "kind", "text", "seconds"),
    [
        ((1, 2, 3, 4), 0, "01:02:03:06", 3723 + 6 / 24),
        ((1, 2, 3, 4), 1, "01:02:03:06", 3723 + 6 / 25),
        ((1, 2, 3, 4), 3, "01:02:03:06", 3723 + 6 / 30),
        ((0, 0, 0, 0), 3, "00:00:00:02", 2 / 30),
        ((0, 59, 59, 23), 0, "01:00:00:01", 3600 + 1 / 24),
        ((23, 59, 59, 24), 1, "00:00:00:01", 1 / 25),
        ((0, 0, 59, 28), 2, "00:01:00:02", 1800 * 1001 / 30000),
        ((0, 0, 59, 29), 2, "00:01:00:03", 1801 * 1001 / 30000),
        ((0, 9, 59, 28), 2, "00:10:00:00", 17982 * 1001 / 30000),
        ((23, 59, 59, 29), 2, "00:00:00:01", 1001 / 30000),
    ],
)
def test_eight_quarter_frames_tell_the_time_two_frames_later(
    time: tuple[int, int, int, int], kind: int, text: str, seconds: float
) -> None:
    assert told(*quarter_frames(*time, kind)) == [(text, round(seconds, 6))]


def counted(kind: int, rate: int) -> Iterator[tuple[int, int, int, int]]:
    """All times of an hour and a little more, as a tape counts them."""
    for hours in range(2):
        for minutes in range(60 if hours == 0 else 2):
            for seconds in range(60):
                for frames in range(rate):
                    if not (kind == 2 and frames < 2 and seconds == 0 and minutes % 10):
                        yield hours, minutes, seconds, frames


@pytest.mark.parametrize(("kind", "rate", "fps"), [(0, 24, 24.0), (1, 25, 25.0), (2, 30, 30000 / 1001), (3, 30, 30.0)])
def test_every_frame_has_its_number_and_its_time(kind: int, rate: int, fps: float) -> None:
    """Of each kind those near where something carries, counted one by one from midnight."""
    times = list(counted(kind, rate))
    texts = [f"{hours:02}:{minutes:02}:{seconds:02}:{frames:02}" for hours, minutes, seconds, frames in times]
    decoder, looked_at = Decoder("in"), 0
    for count, time in enumerate(times[:-2]):
        if time[2] not in (0, 59) or time[1] % 10 not in (0, 1, 9):
            continue
        looked_at += 1
        samples: list[Sample] = []
        assert decoder.read(full_frame(*time, kind) + b"".join(quarter_frames(*time, kind)), samples) == ""
        for (path, (text, seconds)), number in zip(samples, (count, count + 2), strict=True):
            assert (path, text) == ("in/timecode", texts[number])
            assert isinstance(seconds, float)
            assert abs(seconds - number / fps) < 1e-6
    assert looked_at > 19 * 2 * (rate - 2)


def test_a_broken_sequence_is_dropped_and_the_next_whole_one_counts() -> None:
    pieces = quarter_frames(1, 2, 3, 4, 1)
    time = [("01:02:03:06", 3723.24)]

    assert told(*pieces[3:], *pieces) == time
    assert told(*pieces[:3], *pieces[4:]) == []
    assert told(*pieces[:3], pieces[2], *pieces[3:]) == []
    assert told(*pieces[:5], *pieces) == time
    assert told(*reversed(pieces)) == []
    assert told(*pieces[:4], full_frame(1, 2, 3, 6, 1), *pieces[4:]) == time
    assert told(*pieces, *pieces) == time * 2


@pytest.mark.parametrize("time", [(24, 0, 0, 0), (0, 60, 0, 0), (0, 0, 60, 0), (0, 0, 0, 25)])
def test_a_time_that_there_is_not_is_dropped(time: tuple[int, int, int, int]) -> None:
    assert told(full_frame(*time, 1)) == []
    assert told(*quarter_frames(*time, 1)) == []


def test_a_number_that_drop_frame_leaves_out_is_dropped() -> None:
    assert told(full_frame(0, 1, 0, 1, 2)) == []
    assert told(full_frame(0, 10, 0, 1, 2)) != []


def test_other_universal_messages_stay_sysex() -> None:
    for text in ("F0 7F 7F 06 02 F7", "F0 7F 7F 01 02 00 00 00 00 F7", "F0 7F 7F 01 01 00 00 00 F7"):
        assert heard(text) == [("in/sysex", (bytes.fromhex(text),))]
