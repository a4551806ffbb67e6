"""What the `scope:` of a profile can be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bridge import parameters
from bridge.profile import source
from bridge.profile.problems import Notes, did_you_mean
from bridge.profile.shapes import Json, Subject, is_nothing, refuse, resolve, shorten
from bridge.profile.structures import Field, Fields, Given, ListOf, Record
from bridge.profile.values import Choice, Number, Switch, Text

PIPELINES: Final = tuple(parameters.PIPELINES)
"""The ids of the pipelines that Scope brings along; plugins add others."""

NO_PROMPT_NEEDED: Final = frozenset(name for name, one in parameters.PIPELINES.items() if not one.needs_prompt)
"""Pipelines that make a picture without a prompt; every other one that Scope brings stays dark until it has one."""

ENVIRONMENT: Final = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
"""`${NAME}` or `${NAME:-what holds without it}`."""


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
    text = ENVIRONMENT.sub(value, written)
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


def secret(given: Given[str], environment: Mapping[str, str], notes: Notes) -> str | None:
    """Return a text with the environment filled in; None, and a warning, if a variable is missing in it.

    Not an error, as of an address: a secret is at the show, and the profile is checked anywhere.
    """
    missing = [
        found[1] for found in ENVIRONMENT.finditer(given.value) if not environment.get(found[1]) and found[2] is None
    ]
    if missing:
        notes.warning(
            given.place,
            f"the environment has no {missing[0]}, so this relay is left out, and the server's own are used",
            f"set it before the show: {missing[0]}=...",
        )
        return None
    return ENVIRONMENT.sub(lambda found: environment.get(found[1]) or found[2] or "", given.value)


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


@dataclass(frozen=True, slots=True)
class RelayUrl:
    """The address of a TURN or STUN server."""

    what: str = "an address like turn:turn.example.org:3478"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> str | None:
        text = Text(self.what).read(node, notes, subject)
        if text is None:
            return None
        found = re.fullmatch(
            r"(?:(stun|stuns|turn|turns):)?(//)?([\w.\-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?(\?.*)?", text
        )
        if found is None or not found[1] or found[2]:
            rest = f"{found[3]}{found[4] or ''}" if found else "turn.example.org:3478"
            notes.error(
                node.place,
                f"a relay's address begins with turn: or stun:, and '{shorten(text)}' is none",
                f"write {(found and found[1]) or 'turn'}:{rest}",
            )
            return None
        return text

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^(stuns?|turns?):[^/\s]\S*$"}


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """One text, or a list of them."""

    item: RelayUrl | Text
    plural: str

    @property
    def what(self) -> str:
        return f"{self.item.what}, or a list of them"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> list[Given[str]] | None:
        if isinstance(node, source.Scalar) and resolve(node) is not None:
            one = self.item.read(node, notes, subject)
            return None if one is None else [Given(one, node.place, node.place)]
        return ListOf(self.item, self.plural, distinct=True).read(node, notes, subject)

    def schema(self) -> Json:
        return {"anyOf": [self.item.schema(), ListOf(self.item, self.plural, distinct=True).schema()]}


RELAY = Record(
    "a relay",
    (
        Field(
            "urls",
            OneOrMore(RelayUrl(), "addresses"),
            "Where the TURN or STUN server is, one address or several.",
            '["turn:turn.example.org:3478"]',
            required=True,
        ),
        Field(
            "username", Text(environment=True), "Who to be there. `${NAME}` takes a variable of the environment.", "vj"
        ),
        Field(
            "credential",
            Text(environment=True),
            "The password. `${NAME}` takes a variable of the environment, which is where a secret belongs.",
            '"${TURN_SECRET}"',
        ),
    ),
    aliases={"url": "urls", "user": "username", "password": "credential", "secret": "credential"},
)

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
        Field(
            "video",
            OneOrMore(Text("the name of a video input"), "video inputs"),
            "The video inputs that Scope transforms: the first that is alive.",
            "[cam]",
            default="Scope dreams from its prompt alone",
        ),
        Field(
            "vace",
            Choice(("off", "images", "video")),
            "What VACE follows: `images` reference images, `video` the source video, `off` nothing (and no GPU memory).",
            "images",
            default="what load says",
        ),
        Field(
            "standby",
            Url(),
            "Another server, kept loaded and warm, which takes over when the first one fails.",
            "http://gpu-b:8000",
        ),
        Field(
            "relay",
            RELAY,
            "A TURN or STUN server of your own, for networks that let no video through.",
            '{urls: ["turn:turn.example.org:3478"], username: vj, credential: "${TURN_SECRET}"}',
            default="the ones that the server names",
        ),
    ),
    later={"graph": "a graph of pipelines"},
    aliases={
        "address": "url",
        "host": "url",
        "server": "url",
        "params": "load",
        "load_params": "load",
        "input": "video",
        "source": "video",
        "fallback": "standby",
        "turn": "relay",
        "ice_servers": "relay",
    },
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
