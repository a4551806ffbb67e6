"""Outputs: what each key makes of them, and what clashes between them."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from bridge import profile
from bridge.profile.durations import CUT, Duration
from bridge.profile.outputs import (
    Alpha,
    Crop,
    Gone,
    Ndi,
    OutputOptions,
    Recording,
    Shape,
    Showing,
    Spout,
    Stream,
    Syphon,
    Window,
    keyed,
)

FILES = {"shows/night.mp4": "", "house/loop.mp4": "", "house/house.yaml": "outputs: {a: {gone: {clip: loop.mp4}}}"}


def read(text: str, environment: Mapping[str, str] | None = None) -> profile.Reading:
    def text_at(name: str) -> str:
        if name.replace("shows/../", "") not in FILES:
            raise FileNotFoundError(name)
        return FILES[name.replace("shows/../", "")]

    return profile.read(f"{text}\nstart: {{prompt: reef}}\n", "shows/show.yaml", environment or {}, text_at)


def outputs(said: str, before: str = "", environment: Mapping[str, str] | None = None) -> dict[str, OutputOptions]:
    """Return what `outputs:` makes of good text."""
    reading = read(f"{before}\noutputs: {said}", environment)
    assert reading.profile is not None, [str(one) for one in reading.problems]
    assert list(reading.problems) == []
    return dict(reading.profile.outputs)


def messages(said: str, before: str = "") -> list[str]:
    return [one.message for one in read(f"{before}\noutputs: {said}").problems]


def test_every_kind_is_read_with_the_keys_of_its_own() -> None:
    assert outputs(
        """
  program: {ndi: Scope Bridge, failover: "BACKUP (Scope Bridge)", alpha: luma}
  plain:   {ndi: Plain}
  local:   {spout: Scope Bridge, alpha: chroma}
  mac:     {syphon: Scope Bridge, alpha: {constant: 0.5}}
  screen:  {window: 2, fullscreen: true}
  small:   {window: 2}
  tape:    {record: "recordings/{date} {time}.mp4", waits: true}
  live:    {stream: "rtmp://live.example.org/app/${KEY}", bitrate: 2.5 Mbit}
  wall:    {stream: "udp://10.0.0.7:5000"}
""",
        environment={"KEY": "secret"},
    ) == {
        "program": Ndi("Scope Bridge", alpha=Alpha("luma"), failover="BACKUP (Scope Bridge)"),
        "plain": Ndi("Plain"),
        "local": Spout("Scope Bridge", alpha=Alpha("chroma", (0, 255, 0))),
        "mac": Syphon("Scope Bridge", alpha=Alpha("constant", threshold=0.5)),
        "screen": Window(2, fullscreen=True),
        "small": Window(2),
        "tape": Recording("recordings/{date} {time}.mp4", waits=True),
        "live": Stream("rtmp://live.example.org/app/secret", bitrate=2.5e6),
        "wall": Stream("udp://10.0.0.7:5000"),
    }


def test_every_kind_shows_its_picture_as_it_is_told_to() -> None:
    how = (
        'size: 1280x720, fit: contain, pad: "#1A2b3c", crop: {left: 10%, top: 0.25}, rotate: 270, flip: both, '
        "fps: 59.94, fill: blend, steady: 40 ms, gone: {show: slate, after: 2 s, back: fade 500 ms}"
    )
    showing = Showing(
        fps=Fraction(60000, 1001),
        fill="blend",
        steady=0.04,
        shape=Shape((1280, 720), "contain", (26, 43, 60), Crop(left=0.1, top=0.25), 270, "both"),
        gone=Gone("slate", Duration(2.0), Duration(0.5)),
    )
    kinds = ("ndi: A", "spout: A", "syphon: A", "window: 1", "record: a.mkv", 'stream: "rtsp://10.0.0.7/live"')

    for kind in kinds:
        assert outputs(f"{{one: {{{kind}, {how}}}}}")["one"].showing == showing, kind


@pytest.mark.parametrize(
    ("said", "showing"),
    [
        ("fps: source", Showing(fps=None)),
        ("steady: off", Showing(steady=0.0)),
        ("steady: 1 s", Showing(steady=1.0)),
        ("gone: loop", Showing(gone=Gone("loop"))),
        ("gone: hold", Showing()),
        ("gone: {back: cut}", Showing(gone=Gone(back=CUT))),
        ("gone: {clip: night.mp4}", Showing(gone=Gone("clip", clip="night.mp4"))),
        (
            "gone: {show: clip, clip: night.mp4, after: 1 s}",
            Showing(gone=Gone("clip", Duration(1.0), clip="night.mp4")),
        ),
        ("crop: {right: 0, bottom: 12.5 %}", Showing(shape=Shape(crop=Crop(bottom=0.125)))),
        ("size: 64x64, pad: grey", Showing(shape=Shape((64, 64), pad=(128, 128, 128)))),
    ],
)
def test_what_is_said_in_few_words(said: str, showing: Showing) -> None:
    assert outputs(f"{{one: {{ndi: A, {said}}}}}")["one"] == Ndi("A", showing)


@pytest.mark.parametrize(
    ("said", "alpha"),
    [
        ("opaque", Alpha()),
        ("luma", Alpha("luma")),
        ("{luma: 0.3}", Alpha("luma", threshold=0.3)),
        ("{luma: 0.1, soft: 0.05}", Alpha("luma", soft=0.05)),
        ("{chroma: blue}", Alpha("chroma", (0, 0, 255))),
        ('{chroma: "#00ff80", threshold: 0.3, soft: 0}', Alpha("chroma", (0, 255, 128), 0.3, 0.0)),
        ("{constant: 0}", Alpha("constant", threshold=0.0)),
    ],
)
def test_alpha_is_a_word_or_says_more(said: str, alpha: Alpha) -> None:
    made = outputs(f"{{one: {{ndi: A, alpha: {said}}}}}")["one"]

    assert made == Ndi("A", alpha=alpha)
    assert keyed(made) == (None if said == "opaque" else alpha)


@pytest.mark.parametrize("kind", [Window(1), Recording("a.mp4"), Stream("udp://10.0.0.7:5000"), Ndi("A"), Spout("A")])
def test_what_is_opaque_has_no_key(kind: OutputOptions) -> None:
    assert keyed(kind) is None


@pytest.mark.parametrize(
    ("said", "codec"),
    [
        ("a.mp4", "h264"),
        ("a.MP4", "h264"),
        ("a.mkv", "h264"),
        ("a.mkv, codec: prores", "prores"),
        ("a.mov", "prores"),
        ("a.mov, codec: h264", "h264"),
        ("a.mov, codec: prores", "prores"),
        ("a.avi", "utvideo"),
        ("'frames/{date}/{number}.png'", "png"),
        ("'{number}.jpg'", "jpeg"),
        ("'{time}-{number}.jpeg'", "jpeg"),
    ],
)
def test_a_recording_is_encoded_as_its_name_ends_or_as_it_is_told(said: str, codec: str) -> None:
    (made,) = outputs(f"{{one: {{record: {said}}}}}").values()

    assert isinstance(made, Recording)
    assert made.codec == codec


def test_a_clip_is_looked_for_beside_the_file_that_names_it() -> None:
    (made,) = outputs("{a: {ndi: A}}", "extends: ../house/house.yaml").values()

    assert made.showing.gone == Gone("clip", clip="../house/loop.mp4")


def test_a_video_file_is_looked_for_beside_the_profile() -> None:
    def inputs(named: str) -> Any:
        return read(f"inputs: {{film: {{video: {{file: {named}}}}}}}")

    assert inputs("night.mp4").profile.inputs["film"].source == "night.mp4"
    assert [one.message for one in inputs("day.mp4").problems] == ["there is no file shows/day.mp4"]


def test_a_stream_without_its_key_is_left_out_and_the_others_play() -> None:
    reading = read('outputs: {live: {stream: "rtmp://a.org/${KEY}"}, a: {ndi: A}, b: {stream: "rtmp://a.org/${K:-x}"}}')

    assert reading.profile is not None
    assert reading.profile.outputs == {"a": Ndi("A"), "b": Stream("rtmp://a.org/x")}


def test_a_name_may_serve_outputs_of_different_kinds() -> None:
    assert len(outputs("{a: {ndi: Scope}, b: {spout: Scope}, c: {syphon: Scope}}")) == 3


@pytest.mark.parametrize(
    "said",
    [
        "{a: {ndi: Scope}, b: {ndi: SCOPE}}",
        "{a: {syphon: Scope}, b: {syphon: Scope}}",
        "{a: {window: 1, fullscreen: true}, b: {window: 1, fullscreen: true}}",
        "{a: {record: tape.mp4}, b: {record: ./tape.mp4}}",
        '{a: {stream: "udp://10.0.0.7:5000"}, b: {stream: "udp://10.0.0.7:5000/"}}',
    ],
)
def test_two_outputs_that_would_be_one_are_an_error(said: str) -> None:
    (message,) = messages(said)

    assert message.startswith("the outputs 'a' and 'b' ")


def test_two_outputs_of_one_kind_may_stand_side_by_side() -> None:
    assert len(outputs('{a: {window: 1}, b: {window: 1}, c: {record: a.mp4}, d: {record: "b.mp4"}}')) == 4


@pytest.mark.parametrize("name", ["all", "page"])
def test_an_output_cannot_have_a_name_of_the_bridge(name: str) -> None:
    (message,) = messages(f"{{{name}: {{ndi: Scope}}}}")

    assert f"an output cannot be called '{name}'" in message


def test_the_source_can_show_where_video_goes_in_and_only_there() -> None:
    cam = "inputs: {cam: {video: {camera: 0}}}"
    both = f"{cam}\nscopes: {{left: {{url: http://a:8000, video: cam}}, right: {{url: http://b:8000}}}}"
    none = "so one has none to show: the last picture stays"

    assert messages("{one: {ndi: A, gone: source}}", f"{cam}\nscope: {{video: cam}}") == []
    assert messages("{one: {ndi: A, gone: source}}", cam) == [f"no video goes into Scope, {none}"]
    assert messages("{one: {ndi: A, from: left, gone: source}}", both) == []
    assert messages("{one: {ndi: A, from: right, gone: source}}", both) == [f"no video goes into Scope right, {none}"]


def test_what_has_a_size_of_its_own_may_be_told_how_to_fit_it() -> None:
    assert messages("{a: {window: 1, fit: cover}, b: {record: a.mp4, pad: white}}") == []
    assert messages("{a: {ndi: A, size: 64x64, fit: cover}, b: {spout: B, size: 64x64, pad: white}}") == []
