"""What can be said of a picture: what is taken, what is refused, and that editors take and refuse the same."""

from fractions import Fraction
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile.durations import CUT, Duration
from bridge.profile.language.outputs import ALPHA_OR_WORD, CROP, GONE_OR_WORD
from bridge.profile.language.pictures import Back, Bitrate, Paint, Pixels, Rate, Share, Steady, StreamAddress, Turn
from bridge.profile.language.recordings import RecordingFile
from bridge.profile.shapes.shape import Shape, Subject
from bridge.profile.shapes.values import Anything
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes

SHAPES: Final[tuple[Shape[Any], ...]] = (
    Rate(), Steady(), Pixels(), Paint(), Share(), Turn(), Back(), Bitrate(), StreamAddress(), RecordingFile(),
    GONE_OR_WORD, ALPHA_OR_WORD, CROP,
)  # fmt: skip


class Read:
    """What came of `x: written`."""

    def __init__(self, shape: Shape[Any], written: str) -> None:
        notes = Notes([f"x: {written}"])
        root = compose(f"x: {written}", notes)
        assert isinstance(root, nodes.Mapping)
        node = root.pairs[0][1]
        self.value = shape.read(node, notes, Subject("x", ""))
        self.problems = notes.problems()
        plain = Anything().read(node, Notes([f"x: {written}"]), Subject("x", ""))
        self.known_to_editors = jsonschema.Draft202012Validator(shape.schema()).is_valid(plain)


@pytest.mark.parametrize(
    ("shape", "written", "value"),
    [
        (Rate(), "source", "source"),
        (Rate(), "1", Fraction(1)),
        (Rate(), "120", Fraction(120)),
        (Rate(), "59.94", Fraction(60000, 1001)),
        (Steady(), "off", 0.0),
        (Steady(), "100ms", 0.1),
        (Steady(), "1 s", 1.0),
        (Steady(), "0.25 s", 0.25),
        (Pixels(), "16x8192", (16, 8192)),
        (Paint(), "white", (255, 255, 255)),
        (Paint(), '"#0a0B0c"', (10, 11, 12)),
        (Share(), "0", 0.0),
        (Share(), "0.5", 0.5),
        (Share(), "99.9%", pytest.approx(0.999)),
        (Share(), "7 %", pytest.approx(0.07)),
        (Turn(), "0", 0),
        (Turn(), "270", 270),
        (Back(), "cut", CUT),
        (Back(), "fade 500 ms", Duration(0.5)),
        (Bitrate(), "6 Mbit", 6e6),
        (Bitrate(), "800kbit", 8e5),
        (Bitrate(), "2.5 Mbit/s", 2.5e6),
        (StreamAddress(), "udp://10.0.0.7:5000", "udp://10.0.0.7:5000"),
        (StreamAddress(), '"rtmps://a.org/${KEY}"', "rtmps://a.org/${KEY}"),
        (RecordingFile(), '"{date}/{time}.mkv"', "{date}/{time}.mkv"),
        (RecordingFile(), '"{date}/{number}.jpeg"', "{date}/{number}.jpeg"),
    ],
)
def test_what_is_taken_is_taken_by_editors_too(shape: Shape[Any], written: str, value: Any) -> None:
    read = Read(shape, written)

    assert read.value == value
    assert read.problems == ()
    assert read.known_to_editors


@pytest.mark.parametrize(
    ("shape", "written", "hint"),
    [
        (Rate(), "0.5", "the nearest it takes is 1"),
        (Rate(), "25p", "without the unit: 25"),
        (Rate(), "[30]", None),
        (Steady(), "0", "write off"),
        (Steady(), "0 ms", "write off"),
        (Steady(), "1001 ms", "the longest is 1 s"),
        (Steady(), "1 bar", None),
        (Pixels(), "1920 x 1080", "write 1920x1080"),
        (Pixels(), "1919x1080", "write 1920x1080"),
        (Paint(), '"#abc"', 'write "#aabbcc"'),
        (Paint(), "ABCDEF", 'write "#ABCDEF"'),
        (Paint(), "blak", "did you mean 'black'?"),
        (Paint(), "teal", 'the names are black, white, grey, red, green, blue, cyan, magenta, yellow; any other one is '
         'written as "#1a2b3c"'),
        (Share(), "100%", None),
        (Share(), "1", "write 1%"),
        (Share(), "-0.1", None),
        (Turn(), "90°", "write 90"),
        (Turn(), "-180", "write 180"),
        (Turn(), "90.5", None),
        (Turn(), "true", None),
        (Back(), "2 s", "write fade 2 s"),
        (Bitrate(), "6", "with its unit: 6 Mbit"),
        (Bitrate(), "6000000", "write 6 Mbit"),
        (Bitrate(), "6000k", "write 6000 kbit"),
        (Bitrate(), "1 kbit", "from 100 kbit to 200 Mbit"),
        (Bitrate(), "much", None),
        (StreamAddress(), "rtpm://a.org/x", "did you mean 'rtmp://a.org/x'?"),
        (StreamAddress(), "a.org:1935/x", 'write "rtmp://a.org:1935/x"'),
        (StreamAddress(), '"${STREAM}"', None),
        (RecordingFile(), "tape", 'write "tape.mp4"'),
        (RecordingFile(), ".mp4", 'write "show.mp4"'),
        (RecordingFile(), '"a-{dat}.mp4"', "did you mean 'date'?"),
        (RecordingFile(), "frames/a.png", 'write "frames/a/{number}.png"'),
    ],
)  # fmt: skip
def test_what_is_refused_has_a_way_out_where_one_can_be_told(shape: Shape[Any], written: str, hint: str | None) -> None:
    read = Read(shape, written)

    assert read.value is None
    (problem,) = read.problems
    assert (problem.hints or (None,))[0] == hint


@given(st.sampled_from(SHAPES), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_whatever_is_written_is_taken_or_refused(shape: Shape[Any], written: str) -> None:
    quoted = written.replace("'", "''")
    read = Read(shape, f"'{quoted}'")

    assert (read.value is None) == bool(read.problems)
