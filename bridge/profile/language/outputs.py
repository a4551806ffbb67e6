"""What the `outputs:` of a profile can be, as they are written."""

from typing import Final

from bridge.profile.language.pictures import (
    COLOURS,
    Back,
    Bitrate,
    Paint,
    Pixels,
    Rate,
    Share,
    Steady,
    StreamAddress,
    Turn,
)
from bridge.profile.language.recordings import VIDEO_CODECS, RecordingFile
from bridge.profile.outputs import Alpha
from bridge.profile.shapes.kinds import InAWord, OneKind
from bridge.profile.shapes.structures import Field, Record, Table
from bridge.profile.shapes.values import Choice, Length, Number, Switch, Text

SHOWS: Final = ("hold", "loop", "source", "clip", "slate")
"""What can show when no picture comes."""

GONE = Record(
    "gone",
    (
        Field(
            "show",
            Choice(SHOWS, {"freeze": "hold", "input": "source", "video": "clip"}),
            "What shows: `hold` the last picture, `loop` the last seconds back and forth, `source` the video that goes "
            "into Scope, `clip` a video file, `slate` a card.",
            "loop",
            default="`hold`, and with a `clip` that",
        ),
        Field("clip", Text("the path of a video file"), "The video file that shows, looped.", "loops/house.mp4"),
        Field("after", Length(), "How long the last picture is held before that.", "3 s", default="at once"),
        Field("back", Back(), "How the live picture returns: `cut`, or a fade.", "fade 1 s", default="cut"),
    ),
    aliases={"file": "clip", "fade": "back", "return": "back", "wait": "after"},
)

GONE_OR_WORD: Final = InAWord(
    GONE,
    {show: {"show": show} for show in SHOWS if show != "clip"},
    {"clip": "say which: {clip: loops/house.mp4}", "freeze": "did you mean 'hold'?"},
)

CROP = Record(
    "crop",
    tuple(
        Field(side, Share(), f"How much is cut off {where}: a part of the {of}.", "10%", default="nothing")
        for side, where, of in (
            ("left", "on the left", "width"),
            ("top", "at the top", "height"),
            ("right", "on the right", "width"),
            ("bottom", "at the bottom", "height"),
        )
    ),
)

ALPHA = OneKind(
    Record(
        "alpha",
        (
            Field("luma", Number(0, 1), "What is darker than this becomes transparent.", "0.1"),
            Field("chroma", Paint(), "What is near to this colour becomes transparent.", "green"),
            Field("constant", Number(0, 1), "All of it alike: 0 is not to be seen, 1 is opaque.", "0.5"),
            Field(
                "threshold",
                Number(0, 1),
                "How near to the colour.",
                "0.3",
                default=f"{Alpha().threshold:g}",
            ),
            Field(
                "soft",
                Number(0, 1),
                "Over how much beyond that it becomes opaque: at 0 the edge is hard.",
                "0.05",
                default=f"{Alpha().soft:g}",
            ),
        ),
        aliases={
            **dict.fromkeys(("luminance", "brightness", "dark"), "luma"),
            **dict.fromkeys(("colour", "color", "key", "green", "blue"), "chroma"),
            **dict.fromkeys(("opacity", "level"), "constant"),
            **dict.fromkeys(("near", "tolerance", "similarity"), "threshold"),
            **dict.fromkeys(("softness", "blend", "feather"), "soft"),
        },
    ),
    {"luma": "a luma key", "chroma": "a chroma key", "constant": "a constant alpha"},
    {"threshold": ("chroma",), "soft": ("luma", "chroma")},
    "keep one of them",
)

ALPHA_OR_WORD: Final = InAWord(
    ALPHA,
    {"luma": {"luma": Alpha().threshold}, "chroma": {"chroma": COLOURS["green"]}, "opaque": {}},
    {
        "constant": "say how much: {constant: 0.5}",
        "green": "write {chroma: green}",
        "blue": "write {chroma: blue}",
        "black": "did you mean 'luma'?",
        "none": "did you mean 'opaque'?",
    },
)

OUTPUT = Record(
    "an output",
    (
        Field(
            "ndi",
            Text("the name of an NDI source"),
            "The NDI source that receivers see, after the machine's name.",
            "Scope Bridge",
        ),
        Field(
            "spout", Text("the name of a Spout sender"), "The Spout sender on this machine (Windows).", "Scope Bridge"
        ),
        Field(
            "syphon", Text("the name of a Syphon server"), "The Syphon server on this machine (macOS).", "Scope Bridge"
        ),
        Field("window", Number(1, 16, whole=True), "A window on the screen of this number.", "2"),
        Field(
            "record",
            RecordingFile(),
            "A video file, `.mp4`, `.mkv`, `.mov` or `.avi`, or images, `.png` or `.jpg`, one for each picture. `{date}` "
            "and `{time}` are when it begins, `{number}` counts the images.",
            '"recordings/{date}.mp4"',
        ),
        Field(
            "stream",
            StreamAddress(),
            "A stream to another machine, encoded as H.264: where it goes, by `rtmp://`, `rtmps://`, `rtsp://` or "
            "`udp://`. `${NAME}` takes a variable of the environment, which is where a key belongs.",
            '"rtmp://live.example.org/app/${STREAM_KEY}"',
        ),
        Field("fullscreen", Switch(), "Whether the window fills its screen.", "true", default="false"),
        Field(
            "codec",
            Choice(VIDEO_CODECS, {"h.264": "h264", "x264": "h264", "avc": "h264", "ut": "utvideo"}),
            "How a recording is encoded: `h264` small, `prores` for cutting, `utvideo` without loss.",
            "prores",
            default="as the file's name ends: `.mp4` and `.mkv` h264, `.mov` prores, `.avi` utvideo",
        ),
        Field(
            "waits",
            Switch(),
            "Whether the recording waits until the target `record` is on.",
            "true",
            default="it begins with the show",
        ),
        Field("bitrate", Bitrate(), "How much of the network a stream takes, a second.", "6 Mbit", default="6 Mbit"),
        Field(
            "failover",
            Text("the name of an NDI source"),
            "The NDI source that receivers turn to by themselves when this one is gone, as it is announced.",
            '"BACKUP (Scope Bridge)"',
        ),
        Field(
            "from",
            Text("a Scope, a sink of its graph, or both as left/wide"),
            "Which picture: that of one Scope of several, of one sink of a graph, or of one Scope's sink, `left/wide`.",
            "left",
            default="the first Scope's, and of a graph that of the first sink",
        ),
        Field(
            "size",
            Pixels(),
            "The picture's width and height in pixels.",
            "1920x1080",
            default="as the pipeline makes it",
        ),
        Field(
            "fit",
            Choice(("contain", "cover", "stretch"), {"letterbox": "contain", "distort": "stretch"}),
            "How a picture of another shape gets that size: `contain` with bars, `cover` cut off, `stretch` distorted.",
            "contain",
            default="contain",
        ),
        Field(
            "pad",
            Paint(),
            f'The colour of those bars: {", ".join(COLOURS)}, or one like `"#1a2b3c"`. With `alpha` they are transparent.',
            '"#1a2b3c"',
            default="black",
        ),
        Field(
            "crop",
            CROP,
            "What is cut off the picture's sides, before anything else.",
            "{left: 10%, right: 10%}",
            default="nothing",
        ),
        Field("rotate", Turn(), "How far the picture is turned, in degrees clockwise.", "90", default="0"),
        Field(
            "flip",
            Choice(("horizontal", "vertical", "both"), {"mirror": "horizontal", "h": "horizontal", "v": "vertical"}),
            "How the picture is mirrored, after it is turned: `horizontal` changes left and right.",
            "horizontal",
            default="not at all",
        ),
        Field(
            "alpha",
            ALPHA_OR_WORD,
            "What of the picture is transparent: `luma` what is dark, `chroma` what is green or another colour, "
            "`{constant: 0.5}` all of it alike, `opaque` nothing. `output/<name>/key` moves the threshold.",
            "{luma: 0.1, soft: 0.05}",
            default="nothing",
        ),
        Field(
            "fps",
            Rate(),
            "Frames per second on the output's own clock; 29.97 and 59.94 are exact. `source`: as many as Scope brings.",
            "30",
            default="30",
        ),
        Field(
            "fill",
            Choice(("repeat", "blend"), {"mix": "blend", "interpolate": "blend", "hold": "repeat"}),
            "What shows between two pictures, where that clock is faster than Scope: the one before, or a mix of both.",
            "blend",
            default="repeat",
        ),
        Field(
            "steady",
            Steady(),
            "How long pictures may be kept back, at most, so that those which Scope brings in bursts show at an even "
            "pace; `off` shows each as it comes.",
            "100 ms",
            default="100 ms",
        ),
        Field(
            "gone",
            GONE_OR_WORD,
            "What shows when no picture comes, and how the live one returns; a word alone says what shows.",
            "{show: loop, after: 3 s, back: fade 1 s}",
            default="the last picture stays",
        ),
    ),
    aliases={
        "name": "ndi",
        **dict.fromkeys(("rate", "framerate"), "fps"),
        "resolution": "size",
        **dict.fromkeys(("file", "recording"), "record"),
        **dict.fromkeys(("display", "screen"), "window"),
        **dict.fromkeys(("scope", "sink"), "from"),
        **dict.fromkeys(("url", "rtmp", "rtsp", "udp"), "stream"),
        **dict.fromkeys(("bandwidth", "bit_rate", "quality"), "bitrate"),
        **dict.fromkeys(("background", "bars", "colour", "color"), "pad"),
        **dict.fromkeys(("rotation", "turn"), "rotate"),
        "mirror": "flip",
        **dict.fromkeys(("key", "transparent", "opacity", "luma", "chroma"), "alpha"),
        **dict.fromkeys(("interpolate", "blend"), "fill"),
        **dict.fromkeys(("jitter", "buffer", "delay", "smooth"), "steady"),
        **dict.fromkeys(("lost", "fallback", "idle"), "gone"),
        **dict.fromkeys(("backup", "spare"), "failover"),
        **dict.fromkeys(("format", "encoder"), "codec"),
        **dict.fromkeys(("wait", "armed"), "waits"),
    },
)

ONE_OUTPUT: Final = OneKind(
    OUTPUT,
    {
        "ndi": "an NDI output",
        "spout": "a Spout output",
        "syphon": "a Syphon output",
        "window": "a window",
        "record": "a recording",
        "stream": "a stream",
    },
    {
        "fullscreen": ("window",),
        "codec": ("record",),
        "waits": ("record",),
        "bitrate": ("stream",),
        "failover": ("ndi",),
        "alpha": ("ndi", "spout", "syphon"),
    },
)
"""An output: `OUTPUT`'s keys, of which one says what it is."""

OUTPUTS = Table(
    "an output",
    ONE_OUTPUT,
    reserved={"all": "that means every output", "page": "that is the picture on the page"},
    examples="{ndi: Scope Bridge}",
)
