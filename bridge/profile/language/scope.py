"""What the `scope:` of a profile can be."""

import re
from dataclasses import dataclass
from typing import Final

from bridge import parameters
from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, resolve, shorten
from bridge.profile.shapes.structures import Field, Fields, Given, ListOf, Record
from bridge.profile.shapes.values import Choice, Number, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, did_you_mean
from bridge.profile.targets.settable import LOAD

PIPELINES: Final = tuple(parameters.PIPELINES)
"""The ids of the pipelines that Scope brings along; plugins add others."""

ENVIRONMENT: Final = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
"""`${NAME}` or `${NAME:-what holds without it}`."""


@dataclass(frozen=True, slots=True)
class Url:
    """Where a server is: an address with `${NAME:-default}` for what the environment says."""

    what: str = "an address like http://127.0.0.1:8000"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Given[str] | None:
        text = Text(self.what, environment=True).read(node, notes, subject)
        return None if text is None else Given(text, node.place, node.place)

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^(https?://\S+|.*\$\{\w+(:-[^}]*)?\}.*)$"}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The id of one pipeline."""

    what: str = "the name of a pipeline"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        if isinstance(node, nodes.Sequence):
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

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
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

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Given[str]] | None:
        if isinstance(node, nodes.Scalar) and resolve(node) is not None:
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

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fields | None:
        if isinstance(node, nodes.Mapping) or is_nothing(node):
            return SCOPE.read(node, notes, subject)
        if not isinstance(node, nodes.Scalar):
            refuse(node, notes, subject, self.what)
            return None
        given = Url().read(node, notes, subject)
        return None if given is None else {"url": Given(given, node.place, node.place)}

    def schema(self) -> Json:
        return {"anyOf": [Url().schema(), SCOPE.schema()]}
