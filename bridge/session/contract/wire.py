"""PURE. Parameters to and from the JSON of Scope's data channel, and what an offer and a load are made of.

The data channel validates nothing and acknowledges nothing; what is sent here has been coerced and clamped before. Only
an offer's parameters are validated, and one that is out of range there refuses the whole offer.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from bridge.parameters import Change, Merge, parameter
from bridge.profile.model import Node, Scope
from bridge.session.contract.dialect import CURRENT, Dialect
from bridge.session.contract.layout import Layout
from bridge.session.contract.layout import layout as layout_of

BEAT: Final = ("bpm", "beat_phase", "bar_position", "beat_count", "is_playing")
"""The state of a tempo, as a message carries it. Scope needs the first two, and uses it while its own tempo is on."""

FILES: Final = ("vace_ref_images", "first_frame_image", "last_frame_image", "images")
"""The parameters that name files on the server; `lora_scales` does by its paths."""

_OFFERED_TO_A_BETA: Final = frozenset(
    {
        "denoising_step_list",
        "input_mode",
        "kv_cache_attention_bias",
        "lora_scales",
        "manage_cache",
        "noise_controller",
        "noise_scale",
        "pipeline_ids",
        "prompt_interpolation_method",
        "prompts",
        "reset_cache",
        "spout_receiver",
        "spout_sender",
        "transition",
        "vace_context_scale",
        "vace_enabled",
        "vace_ref_images",
        "vace_use_input_video",
    }
)
"""The keys that an offer may bring to a server that drops all others, without a word."""


def message(
    changes: Iterable[Change],
    chosen: Container[str] = (),
    *,
    dialect: Dialect = CURRENT,
    paths: Mapping[str, str] = {},
    beat: Mapping[str, Any] | None = None,
) -> str:
    """Return one message that carries all `changes`, with the companions without which they would have no effect.

    A companion that the profile drives itself (it is in `chosen`) is left to it. All changes are for the same node, or
    all for every node. `paths` are the files of values, as the server has them: its own path by what values call it.
    The state of the tempo, `beat`, rides along: a message of its own would take the chunk of a real one.
    """
    body: dict[str, Any] = {}
    companions: dict[str, Any] = {}
    for change in changes:
        if change.node is not None and dialect.node_ids:
            body["node_id"] = change.node
        companions.update(change.beside)
        known = parameter(change.parameter)
        if known.merge is Merge.TOGETHER:
            body.update(change.value)
        else:
            body[change.parameter] = _found(change.parameter, change.value, paths)
        companions.update({key: value for key, value in known.companions.items() if key not in chosen})
    body = _with_every_seed({**companions, **body}, dialect)
    if beat is not None and dialect.tempo:
        body.update({key: beat[key] for key in BEAT if key in beat})
    return orjson.dumps(body).decode()


def initial_parameters(
    scope: Scope,
    state: Mapping[str, Any],
    *,
    layout: Layout | None = None,
    dialect: Dialect = CURRENT,
    paths: Mapping[str, str] = {},
) -> dict[str, Any]:
    """Return what an offer begins with: the pipelines, the graph, and `state` with its companions.

    `state` holds sticky parameters only: an event of a session that is gone means nothing to a new one. `layout` is
    what `scope` becomes in this dialect, where the caller has it already. Whether VACE is used, and what Scope takes in
    and sends on its own machine, it reads when a session begins, and only then.
    """
    laid_out = layout if layout is not None else layout_of(scope, dialect)
    body: dict[str, Any] = {}
    for name, value in state.items():
        known = parameter(name)
        for key, companion in known.companions.items():
            body.setdefault(key, companion)
        if known.merge is Merge.TOGETHER:
            body.update(value)
        else:
            body[name] = _found(name, value, paths)
    if scope.vace != "off":
        body["vace_enabled"], body["vace_use_input_video"] = True, scope.vace == "video"
    body = _with_every_seed(body, dialect)
    if not dialect.extra_keys:
        body = {key: value for key, value in body.items() if key in _OFFERED_TO_A_BETA}
    body["input_mode"] = "video" if scope.input_source is not None else scope.input_mode
    body["pipeline_ids"] = list(laid_out.pipeline_ids)
    body.pop("graph", None)
    if laid_out.graph is not None:
        return {**body, "graph": laid_out.graph}
    return {**body, **_own_video(scope, dialect)}


def left_over(state: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Return the part of `state` that an offer of this dialect drops: the first message of the session is to say it."""
    if dialect.extra_keys:
        return {}
    return {
        name: value
        for name, value in state.items()
        if parameter(name).merge is not Merge.TOGETHER and name not in _OFFERED_TO_A_BETA
    }


def load_request(nodes: Sequence[Node], dialect: Dialect = CURRENT) -> dict[str, Any]:
    """Return the body of a load. Where a server takes one set of load parameters for all, a later node's count."""
    if dialect.loads_nodes == "pipelines":
        return {
            "pipelines": [
                {"node_id": node.id, "pipeline_id": node.pipeline, "load_params": _with_every_seed(node.load, dialect)}
                for node in nodes
            ]
        }
    together: dict[str, Any] = {}
    for node in nodes:
        together.update(node.load)
    return {
        "pipeline_ids": [node.pipeline for node in nodes],
        "load_params": _with_every_seed(together, dialect),
    }


def server_message(text: str | bytes) -> Mapping[str, Any]:
    """Return what the server said on the data channel, as an object; an empty one if it is none of our business."""
    try:
        said = orjson.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _found(name: str, value: Any, paths: Mapping[str, str]) -> Any:
    """Return a value with the server's paths in the place of what values call the files."""
    if name in FILES:
        if isinstance(value, str):
            return paths.get(value, value)
        if isinstance(value, list | tuple):
            return [paths.get(one, one) if isinstance(one, str) else one for one in value]
    if name == "lora_scales" and isinstance(value, list | tuple):
        return [
            {**one, "path": paths.get(one["path"], one["path"])} if isinstance(one, Mapping) and "path" in one else one
            for one in value
        ]
    return value


def _with_every_seed(body: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Return `body` with the seed under each name that the dialect has for it."""
    first = dialect.seeds[0]
    if first not in body:
        return dict(body)
    return {**body, **dict.fromkeys(dialect.seeds, body[first])}


def _own_video(scope: Scope, dialect: Dialect) -> dict[str, Any]:
    """Return what makes the server take in and send video on its own machine, without a graph.

    What knows only Spout gets only Spout: `preparation` says so.
    """
    own: dict[str, Any] = {}
    if dialect.own_outputs == "output_sinks" and scope.output_sinks:
        own["output_sinks"] = {kind: {"enabled": True, "name": name} for kind, name in scope.output_sinks.items()}
    elif "spout" in scope.output_sinks:
        own["spout_sender"] = {"enabled": True, "name": scope.output_sinks["spout"]}
    if scope.input_source is not None:
        kind, name = scope.input_source
        if dialect.own_input == "input_source":
            own["input_source"] = {"enabled": True, "source_type": kind, "source_name": name}
        elif kind == "spout":
            own["spout_receiver"] = {"enabled": True, "name": name}
    return own
