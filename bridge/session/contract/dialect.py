"""PURE. What one version of Scope says and understands where another one does not, from 0.1.0-beta.3 to 0.2.4.

dialect = dialect_of("0.1.0-beta.3")
dialect.graphs          # False: a chain is a list of pipelines there
dialect_of("0.3.0")     # as 0.2.4, with a `note` that says so

Each difference came with a release of Scope, and `_SINCE` says with which. A version in between has what had come by
then; one that nobody can read is taken for the newest that is known, because that is what most servers are.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

NEWEST: Final = "0.2.4"
"""The newest version of Scope that this bridge was written against."""
BETA: Final = "0.1.0-beta.3"
"""The oldest one. Its `/health` names no version."""

_Number = tuple[int, int, int]

_SINCE: Final[dict[str, _Number]] = {
    "base_seed": (0, 1, 0),
    "extra_keys": (0, 1, 0),
    "recordings": (0, 1, 0),
    "input_source": (0, 1, 2),
    "output_sinks": (0, 1, 4),
    "loras": (0, 1, 5),
    "tails": (0, 1, 6),
    "deletes": (0, 1, 7),
    "graphs": (0, 1, 8),
    "tempo": (0, 1, 8),
    "echoes": (0, 1, 8),
    "definitions": (0, 2, 4),
}
"""The first release that has it. What a key of the data channel or an endpoint stands for is beside its field below."""

_VERSION: Final = re.compile(r"\s*v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?([^\s]*)\s*", re.IGNORECASE)
_BEFORE_RELEASE: Final = re.compile(r"[-._]?(?:a|alpha|b|beta|c|rc|pre|preview|dev)(?![a-z])", re.IGNORECASE)

LoraList = Literal["/api/v1/loras", "/api/v1/lora/list"]
OwnOutputs = Literal["output_sinks", "spout_sender"]
OwnInput = Literal["input_source", "spout_receiver"]
Load = Literal["pipelines", "pipeline_ids"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one version of Scope understands."""

    version: str
    """As the server gave it; of a beta, which gives none, `0.1.0-beta.3`."""
    graphs: bool
    """Whether an offer may bring a `graph`. Without one, a chain is `pipeline_ids` in their order."""
    node_ids: bool
    """Whether a message may be for one node. Without, it is for all of them."""
    deletes: bool
    """Whether a session can be removed: DELETE of the offer."""
    tails: bool
    """Whether the log can be read: GET /api/v1/logs/tail."""
    echoes: bool
    """Whether the parameters in force can be read: GET /api/v1/session/parameters."""
    metrics: bool
    """Whether frame rates can be read: GET /api/v1/session/metrics."""
    tempo: bool
    """Whether it has a tempo of its own: /api/v1/tempo, beat state in messages, `modulations`, `quantize_mode`."""
    recordings: bool
    """Whether it records what it makes: /api/v1/recordings."""
    assets: bool
    """Whether images can be uploaded: /api/v1/assets."""
    hardware: bool
    """Whether its memory and its video outputs are known: GET /api/v1/hardware/info."""
    models: bool
    """Whether models can be downloaded by request: /api/v1/models."""
    definitions: bool
    """Whether it lists the ports of its nodes: GET /api/v1/nodes/definitions."""
    loras: LoraList
    """Where its LoRAs are listed."""
    seeds: tuple[str, ...]
    """The keys by which a seed is told; the first is `base_seed`."""
    loads_nodes: Load
    """How a load names what to load: nodes with load parameters each, or ids with one set of them for all."""
    own_outputs: OwnOutputs
    """The key by which Scope itself sends video on its machine; in graphs it is sinks instead."""
    own_input: OwnInput
    """The key by which Scope itself takes video in on its machine; in graphs it is sources instead."""
    extra_keys: bool
    """Whether an offer's parameters may hold keys that Scope's schema lacks. A server that drops them is told by the
    first message instead."""
    note: str = ""
    """What a person should know about this version; empty: nothing."""


def dialect_of(version: str | None) -> Dialect:
    """Return what the Scope understands that calls itself `version`; None: it does not say, as betas do.

    One that is newer than what is known, or whose version makes no sense, is taken for the newest, with a note.
    """
    if version is None:
        return _dialect((0, 1, 0), True, BETA)
    found = _VERSION.fullmatch(version)
    number = (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)
    if found is None or number < (0, 1, 0):
        return _dialect(_newest(), False, version, f"Scope calls its version {version!r}; it is taken for {NEWEST}")
    early = _BEFORE_RELEASE.match(found[4]) is not None
    if number > _newest():
        note = f"Scope {version} is newer than this bridge knows; it is taken for {NEWEST}"
        return _dialect(number, False, version, note)
    return _dialect(number, early, version)


def _newest() -> _Number:
    first, second, third = (int(part) for part in NEWEST.split("."))
    return first, second, third


def _dialect(number: _Number, early: bool, version: str, note: str = "") -> Dialect:
    """Return the dialect of release `number`; of what came before that release, if it is `early`."""

    def has(feature: str) -> bool:
        since = _SINCE[feature]
        return number > since or (number == since and not early)

    graphs = has("graphs")
    return Dialect(
        version=version,
        graphs=graphs,
        node_ids=graphs,
        deletes=has("deletes"),
        tails=has("tails"),
        echoes=has("echoes"),
        metrics=has("echoes"),
        tempo=has("tempo"),
        recordings=has("recordings"),
        assets=True,
        hardware=True,
        models=True,
        definitions=has("definitions"),
        loras="/api/v1/loras" if has("loras") else "/api/v1/lora/list",
        seeds=("base_seed",) if has("base_seed") else ("base_seed", "seed"),
        loads_nodes="pipelines" if graphs else "pipeline_ids",
        own_outputs="output_sinks" if has("output_sinks") else "spout_sender",
        own_input="input_source" if has("input_source") else "spout_receiver",
        extra_keys=has("extra_keys"),
        note=note,
    )


CURRENT: Final = dialect_of(NEWEST)
