"""What the `scope:` of a profile can be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bridge.profile import later, source
from bridge.profile.problems import Notes, did_you_mean
from bridge.profile.shapes import Json, Subject, is_nothing, refuse, shorten
from bridge.profile.structures import Field, Fields, Given, Record
from bridge.profile.values import Choice, Number, Switch, Text

NO_PROMPT_NEEDED: Final = frozenset(
    ["passthrough", "controller-viz", "gray", "scribble", "optical-flow", "rife", "video-depth-anything"]
)
"""Pipelines that make a picture without a prompt; every other one that Scope brings stays dark until it has one."""

PIPELINES: Final = (
    "longlive",
    "streamdiffusionv2",
    "krea-realtime-video",
    "reward-forcing",
    "memflow",
    *sorted(NO_PROMPT_NEEDED),
)
"""The pipelines that Scope brings along; plugins add others."""


@dataclass(frozen=True, slots=True)
class Url:
    """Where a server is: an address with `${NAME:-default}` for what the environment says."""

    what: str = "an address like http://127.0.0.1:8000"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Given[str] | None:
        text = Text(self.what, environment=True).read(node, notes, subject)
        return None if text is None else Given(text, node.place, node.place)

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^(https?://\S+|.*\$\{\w+(:-[^}]*)?\}.*)$"}


def address(given: Given[str], environment: Mapping[str, str], notes: Notes) -> str | None:
    """Return the server's address without a slash at the end, the environment filled in; None if it is none."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, default = found[1], found[2]
        if not environment.get(name) and default is None:
            missing = True
            notes.error(
                given.place,
                f"the environment has no {name}",
                f"set it, or give a value for when it is missing: ${{{name}:-http://127.0.0.1:8000}}",
            )
        return environment.get(name) or default or ""

    written = given.value
    text = re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", value, written)
    if missing:
        return None
    came = f" (from {written})" if text != written else ""
    if not re.match(r"https?://", text):
        rest = re.sub(r"^\w*:?/*", "", text) if "://" in text else text
        host = rest if re.fullmatch(r"[\w.\-\[\]:]+(/.*)?", rest) else "127.0.0.1:8000"
        if glued := re.fullmatch(r"([a-z]+):(https?://.*)", text):
            notes.error(given.place, "a space is missing after the colon", f"write {glued[1]}: {glued[2]}")
        else:
            notes.error(
                given.place,
                f"an address begins with http:// or https://, and '{shorten(text)}'{came} does not",
                f"write http://{host}",
            )
        return None
    try:
        parts = urlsplit(text)
        good = bool(parts.hostname) and (parts.port is None or parts.port > 0) and not re.search(r"\s", text)
    except ValueError:
        good = False
    if not good or "${" in text:
        notes.error(given.place, f"'{shorten(text)}'{came} is no address", "for example: http://127.0.0.1:8000")
        return None
    if parts.query or parts.fragment:
        notes.error(
            given.place,
            f"the address of a server ends before ? and #, and '{shorten(text)}'{came} does not",
            f"write {parts.scheme}://{parts.netloc}",
        )
        return None
    return text.rstrip("/")


LOAD = Record(
    "scope.load",
    (
        Field("width", Number(16, 4096, whole=True), "The picture's width in pixels; a multiple of 16.", "576"),
        Field("height", Number(16, 4096, whole=True), "The picture's height in pixels; a multiple of 16.", "320"),
        Field(
            "base_seed",
            Number(0, 2**32 - 1, whole=True),
            "The random seed it is loaded with.",
            "42",
        ),
        Field(
            "vae_type",
            Choice(("wan", "lightvae", "tae", "lighttae")),
            "Which decoder makes the picture: `lightvae` is faster than `wan` and a little softer.",
            "lightvae",
        ),
        Field("quantization", Choice(("fp8_e4m3fn",)), "Smaller weights, for GPUs with less memory.", "fp8_e4m3fn"),
        Field("vace_enabled", Switch(), "Whether VACE is loaded, which takes GPU memory.", "false"),
    ),
    open=True,
    aliases={"seed": "base_seed", "vae": "vae_type", "resolution": "width", "size": "width"},
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The id of one pipeline."""

    what: str = "the name of a pipeline"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> str | None:
        if isinstance(node, source.Sequence):
            notes.error(node.place, "a chain of pipelines comes with a later version", subject.hint)
            return None
        name = Text(self.what).read(node, notes, subject)
        if name is not None and name not in PIPELINES and (near := did_you_mean(name, PIPELINES)):
            notes.warning(
                node.place,
                f"Scope brings no pipeline called '{shorten(name)}'; only a plugin can add it",
                near,
                misspelt=True,
            )
        return name

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"\S"}


SCOPE = Record(
    "scope",
    (
        Field(
            "url",
            Url(),
            "Where the Scope server is. `${NAME:-default}` takes a variable of the environment.",
            "http://127.0.0.1:8000",
            default="http://127.0.0.1:8000",
        ),
        Field("pipeline", Pipeline(), "Which pipeline Scope loads.", "longlive", default="longlive"),
        Field(
            "load",
            LOAD,
            "What the pipeline is loaded with; a change loads it anew. Other keys are passed on: plugins have their own.",
            "{width: 576, height: 320}",
            default="the pipeline's own values",
        ),
        Field(
            "ice",
            Choice(("auto", "loopback")),
            "Which addresses WebRTC offers: `auto` what the URL needs, `loopback` 127.0.0.1 alone (rehearsal, tests).",
            "auto",
            default="auto",
        ),
        Field(
            "frames_per_chunk",
            Number(1, 1000, whole=True),
            "How many frames the pipeline makes in one call; needed only for a plugin that makes more than 12.",
            "24",
            default="the bridge's own table",
        ),
    ),
    later=later.SCOPE,
    aliases={"address": "url", "host": "url", "server": "url", "params": "load", "load_params": "load"},
)


@dataclass(frozen=True, slots=True)
class ScopeShape:
    """An address, or a mapping."""

    what: str = "an address like http://127.0.0.1:8000, or a mapping with url and pipeline"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Fields | None:
        if isinstance(node, source.Mapping) or is_nothing(node):
            return SCOPE.read(node, notes, subject)
        if not isinstance(node, source.Scalar):
            refuse(node, notes, subject, self.what)
            return None
        given = Url().read(node, notes, subject)
        return None if given is None else {"url": Given(given, node.place, node.place)}

    def schema(self) -> Json:
        return {"anyOf": [Url().schema(), SCOPE.schema()]}
