"""What the `inputs:` of a profile can be, as they are written."""

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final, Literal

from bridge.profile.inputs import FEATURES, PATTERNS, Address
from bridge.profile.language.takeover import TakeoverShape
from bridge.profile.shapes.kinds import OneKind, Yes
from bridge.profile.shapes.shape import Json, Subject, refuse, resolve, shorten
from bridge.profile.shapes.structures import Field, ListOf, Record, Table
from bridge.profile.shapes.values import Choice, Ends, Number, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes

VIDEO_KINDS: Final = ("ndi", "spout", "syphon", "file", "camera", "screen", "pattern")

SIGNALS: Final = ("tempo", "lfo", "scope", "page", "panel")
"""First segments of signals that belong to the bridge; no input may have such a name."""


def _beyond(address: str) -> str | None:
    """Return what is wrong with an IP address a part of which is too large, or None."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9}){3}", address):
        return None
    large = next((part for part in address.split(".") if int(part) > 255), None)
    return large and f"each of the four parts of an address goes to 255, and {large} is beyond"


@dataclass(frozen=True, slots=True)
class Listening:
    """A port, or an address and a port."""

    what: str = "a port like 9000, or an address and a port like 0.0.0.0:9000"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> tuple[str | None, int] | None:
        if not isinstance(node, nodes.Scalar) or resolve(node) is None:
            refuse(node, notes, subject, self.what)
            return None
        text = node.text.strip()
        if text.startswith("/"):
            notes.error(
                node.place,
                "osc takes the port to listen on, and this is an OSC address",
                f"give the port here, and the address in a route: - td{shorten(text)} -> prompt",
            )
            return None
        host, _, port = text.rpartition(":")
        if not re.fullmatch(r"[0-9]{1,9}", port) or (":" in text and not host):
            refuse(node, notes, subject, self.what)
            return None
        if int(port) > 65535:
            notes.error(node.place, f"a port goes up to 65535, and {port} is beyond", subject.hint)
            return None
        if not host:
            return None, int(port)
        host = "127.0.0.1" if host == "localhost" else host.strip("[]")
        try:
            ip_address(host)
        except ValueError:
            notes.error(
                node.place,
                _beyond(host) or f"osc listens on an address of this machine, and '{shorten(host)}' is no IP address",
                f"on all of them: 0.0.0.0:{port}",
                f"for programs on this machine only: {port}",
            )
            return None
        return host, int(port)

    def schema(self) -> Json:
        return {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 65535},
                {"type": "string", "pattern": r"^([0-9.]+:|localhost:|\[[0-9a-fA-F:.]+\]:)?[0-9]{1,5}$"},
            ]
        }


@dataclass(frozen=True, slots=True)
class Sender:
    """A host or a network."""

    what: str = "addresses like 192.168.1.20 or networks like 192.168.1.0/24"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        text = Text().read(node, notes, subject)
        if text is None:
            return None
        if re.fullmatch(r"[0-9.]+(/[0-9]*)?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/[0-9]*)?", text):
            try:
                network = ip_network(text, strict=False)
            except ValueError:
                port = re.fullmatch(r"([0-9.]+):[0-9]+", text)
                if beyond := _beyond(text.partition("/")[0]):
                    notes.error(node.place, beyond, subject.hint)
                    return None
                notes.error(
                    node.place,
                    f"'{shorten(text)}' is neither an address nor a network",
                    f"without the port: {port[1]}" if port else subject.hint,
                )
                return None
            return str(network) if "/" in text else str(ip_address(text))
        if re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9_.-]+", text):
            return text
        wildcard = re.fullmatch(r"((?:[0-9]+\.){1,3})\*", text)
        network_of = f"{wildcard[1]}{'.'.join('0' * (4 - wildcard[1].count('.')))}" if wildcard else ""
        bits = 8 * wildcard[1].count(".") if wildcard else 0
        notes.error(
            node.place,
            f"'{shorten(text)}' is neither an address nor a network",
            f"write {network_of}/{bits}" if wildcard else subject.hint,
        )
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^([0-9.]+(/[0-9]{1,2})?|[0-9a-fA-F:.]+(/[0-9]{1,3})?|[A-Za-z0-9_.-]+)$"}


@dataclass(frozen=True, slots=True)
class Towards:
    """A port, or a host and a port."""

    what: str = "a port like 9001, or a host and a port like 192.168.1.20:9001"
    alone: bool = True
    """Whether a port without a host will do."""

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Address | None:
        text = node.text.strip() if isinstance(node, nodes.Scalar) and resolve(node) is not None else ""
        found = re.fullmatch(r"(?:([A-Za-z0-9_.\-]+|\[[0-9a-fA-F:.]+\]):)?([0-9]{1,9})", text)
        if found is None:
            host = re.fullmatch(r"[A-Za-z0-9_.\-]*[A-Za-z.][A-Za-z0-9_.\-]*", text)
            refuse(node, notes, subject, self.what, f"with its port: {text}:9001" if host else None)
            return None
        if not 1 <= int(found[2]) <= 65535:
            notes.error(node.place, f"a port is from 1 to 65535, and {found[2]} is not", subject.hint)
            return None
        if found[1] is not None and (beyond := _beyond(found[1])):
            notes.error(node.place, beyond, subject.hint)
            return None
        if found[1] is None and not self.alone:
            refuse(node, notes, subject, self.what, f"on this machine: 127.0.0.1:{found[2]}")
            return None
        host_name = found[1].strip("[]") if found[1] else None
        return Address("127.0.0.1" if host_name == "localhost" else host_name, int(found[2]))

    def schema(self) -> Json:
        full: Json = {"type": "string", "pattern": r"^([A-Za-z0-9_.\-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}$"}
        return {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, full]} if self.alone else full


HOST_AND_PORT: Final = Towards("a host and a port like 192.168.1.20:9002", alone=False)


@dataclass(frozen=True, slots=True)
class Gain:
    """Decibels, or auto."""

    what: str = "auto, or decibels from -60 to 60"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> float | Literal["auto"] | None:
        if isinstance(node, nodes.Scalar) and node.text == "auto":
            return "auto"
        value = resolve(node) if isinstance(node, nodes.Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            found = re.fullmatch(r"([-+]?[0-9.]+) ?dB", node.text.strip()) if isinstance(node, nodes.Scalar) else None
            refuse(node, notes, subject, self.what, f"without the unit: {found[1]}" if found else None)
            return None
        return Number(-60, 60).read(node, notes, subject)

    def schema(self) -> Json:
        return {"anyOf": [{"const": "auto"}, Number(-60, 60).schema()]}


VIDEO = OneKind(
    Record(
        "a video input",
        (
            Field("ndi", Text(), "An NDI source on the network, as it is announced.", '"FOH (Cam 1)"'),
            Field("spout", Text(), "A Spout sender on this machine (Windows).", "Resolume"),
            Field("syphon", Text(), "A Syphon server on this machine (macOS).", "Resolume"),
            Field("file", Text(), "A video file, looped.", "loops/haze.mp4"),
            Field("camera", Text(), "A camera: its number, from 0, or part of its name.", "0"),
            Field(
                "screen",
                Text(),
                "A screen of this machine: its number, from 1; `1 640x360+100+50` is a part of it.",
                "1",
            ),
            Field("pattern", Choice(PATTERNS), "A test pattern, in which something always moves.", "bars"),
        ),
    ),
    {kind: f"video from {kind}" for kind in VIDEO_KINDS},
)

INPUT = Record(
    "an input",
    (
        Field(
            "osc",
            Listening(),
            "The UDP port to listen on for OSC. A port alone listens to this machine; `0.0.0.0:9000` to the network.",
            "9000",
        ),
        Field(
            "midi",
            Text("the name of a MIDI port"),
            "The MIDI port, by its name or a pattern; it is waited for, and found again, wherever it is plugged in.",
            '"APC40*"',
        ),
        Field("audio", Text("the name of a sound device"), "The sound device to hear, or `default`.", "default"),
        Field("video", VIDEO, "Video for Scope to transform.", '{ndi: "FOH (Cam 1)"}'),
        Field("http", Yes(), "The bridge's own HTTP and WebSocket server as an input.", "true"),
        Field(
            "allow",
            ListOf(Sender(), Sender().what),
            "Who is heard; everyone else is not. One beyond this machine opens the port to the network.",
            "[192.168.1.0/24]",
            default="whoever can reach the port",
        ),
        Field("from_host", Sender(), "The one host that is heard: the same as `allow` with one entry.", "192.168.1.20"),
        Field(
            "range",
            Ends(),
            "What this input's numbers mean as the whole way: with `[0, 1]`, 0.5 is the middle of every target.",
            "[0, 1]",
            default="numbers are in the target's own unit, as sent",
        ),
        Field(
            "takeover",
            TakeoverShape(),
            "How a control takes a value that something else has moved: `jump` to where the control is; `pickup` once "
            "it passes the value; `scale` the rest of its way to the rest of the value's; `catch up` moves the value "
            "towards it; `parallel` moves by as much. `{pickup: 0.03}` says how near counts as there, as a part of the "
            "way; otherwise that is 0.015.",
            "pickup",
            default="jump",
        ),
        Field(
            "reply",
            Towards(),
            "Where values are reported as numbers (an OSC In CHOP): a port at the sender, or a host and a port.",
            "9001",
        ),
        Field(
            "reply_text",
            Towards(),
            "Where values, states and errors are reported as text (an OSC In DAT).",
            "9002",
        ),
        Field(
            "forward",
            ListOf(HOST_AND_PORT, "hosts with a port", distinct=True),
            "Who else gets every message that is heard here.",
            '["192.168.1.30:7000"]',
        ),
        Field("remote", Towards(), "Where AbletonOSC in Ableton Live listens.", "127.0.0.1:11000"),
        Field(
            "listen",
            ListOf(Text(), "things of Ableton Live", distinct=True),
            "What Ableton Live shall tell of: its tempo, a scene, a track's meter, a macro.",
            "[tempo, scene/Drop, track/Drums/meter]",
        ),
        Field(
            "controller",
            Text("the name of a controller"),
            "Which controller it is: then its signals have names, like `fader/1`, and its lamps show what they stand "
            "for. A file of your own, `controllers/<name>.yaml` beside the profile, comes before ours of that name; "
            "what ends in `.yaml` is a path.",
            "akai-apc40-mk2",
            default="signals are raw: `cc/1/48`",
        ),
        Field(
            "instance",
            Number(1, 64, whole=True),
            "Which one, where several ports fit: two controllers of one model have the same name.",
            "2",
            default="1, the first in the system's list",
        ),
        Field(
            "out",
            Text("the name of a MIDI port"),
            "The port that the controller's lamps are shown on, where it is not called as the one that is heard.",
            '"APC40 Out*"',
            default="the port of the same name",
        ),
        Field(
            "virtual",
            Yes(),
            "The bridge makes the port, under the name that `midi` gives, and other programs connect to it. Windows has "
            "no such ports.",
            "true",
        ),
        Field(
            "channels",
            ListOf(Number(1, 256, whole=True), "channels from 1 on", distinct=True),
            "Which channels of the sound device are heard, mixed into one.",
            "[1, 2]",
            default="all",
        ),
        Field(
            "features",
            ListOf(Choice(FEATURES), "features", distinct=True),
            "What is heard in the sound; each is a signal of that name.",
            "[bass, kick, onset]",
            default="all of them",
        ),
        Field(
            "gain",
            Gain(),
            "How much louder the sound is taken, in decibels; `auto` follows it.",
            "auto",
            default="auto",
        ),
    ),
    aliases={
        **dict.fromkeys(("port", "udp"), "osc"),
        **dict.fromkeys(("in", "scale"), "range"),
        **dict.fromkeys(("sound", "microphone", "device"), "audio"),
        **dict.fromkeys(("websocket", "web"), "http"),
        **dict.fromkeys(VIDEO_KINDS, "video"),
        "hosts": "allow",
        "from": "from_host",
        "host": "from_host",
        "channel": "channels",
        "number": "instance",
        "output": "out",
        "model": "controller",
    },
)

ONE_INPUT = OneKind(
    INPUT,
    {
        "osc": "an OSC input",
        "midi": "a MIDI input",
        "audio": "an audio input",
        "video": "a video input",
        "http": "an HTTP input",
    },
    {
        "allow": ("osc",),
        "from_host": ("osc",),
        "range": ("osc", "http"),
        "takeover": ("osc", "midi", "http"),
        "reply": ("osc",),
        "reply_text": ("osc",),
        "forward": ("osc",),
        "remote": ("osc",),
        "listen": ("osc",),
        "controller": ("midi",),
        "instance": ("midi",),
        "out": ("midi",),
        "virtual": ("midi",),
        "channels": ("audio",),
        "features": ("audio",),
        "gain": ("audio",),
    },
)
"""An input: `INPUT`'s keys, of which one says what it is."""

INPUTS = Table(
    "an input",
    ONE_INPUT,
    reserved={
        **dict.fromkeys(SIGNALS, "that name belongs to the bridge itself"),
        "panel": "that name is the page's",
    },
    examples="{osc: 9000}",
)
