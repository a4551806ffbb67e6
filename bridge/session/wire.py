"""PURE. Parameters to and from the JSON of Scope's data channel, and the parameters that an offer begins with.

The dialect is that of Scope 0.2.x. The data channel validates nothing and acknowledges nothing; what is sent here has
been coerced and clamped before.
"""

from collections.abc import Container, Iterable, Mapping
from typing import Any

import orjson

from bridge.parameters import Change, Merge, parameter
from bridge.profile.model import Scope

SINK = "output"
"""The id of the graph node whose frames come back."""


def message(changes: Iterable[Change], chosen: Container[str] = ()) -> str:
    """Return one message that carries all `changes`, with the companions without which they would have no effect.

    A companion that the profile drives itself (it is in `chosen`) is left to it. All changes are for the same node, or
    all for every node.
    """
    body: dict[str, Any] = {}
    companions: dict[str, Any] = {}
    for change in changes:
        if change.node is not None:
            body["node_id"] = change.node
        companions.update(change.beside)
        known = parameter(change.parameter)
        if known.merge is Merge.TOGETHER:
            body.update(change.value)
        else:
            body[change.parameter] = change.value
        companions.update({key: value for key, value in known.companions.items() if key not in chosen})
    return orjson.dumps({**companions, **body}).decode()


def graph(pipeline: str) -> dict[str, Any]:
    """Return the smallest graph that makes Scope send frames to a client that sends none: a pipeline and a sink.

    Without one, a receive-only session is connected and never gets a frame.
    """
    return {
        "nodes": [
            {"id": pipeline, "type": "pipeline", "pipeline_id": pipeline},
            {"id": SINK, "type": "sink"},
        ],
        "edges": [
            {"from": pipeline, "from_port": "video", "to_node": SINK, "to_port": "video", "kind": "stream"},
        ],
    }


def initial_parameters(scope: Scope, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an offer begins with: the pipeline, the graph, and `state` with its companions.

    `state` holds sticky parameters only: an event of a session that is gone means nothing to a new one. Whether VACE is
    used, Scope reads when a session begins, and only then.
    """
    body: dict[str, Any] = {}
    for name, value in state.items():
        known = parameter(name)
        for key, companion in known.companions.items():
            body.setdefault(key, companion)
        if known.merge is Merge.TOGETHER:
            body.update(value)
        else:
            body[name] = value
    if scope.vace != "off":
        body["vace_enabled"], body["vace_use_input_video"] = True, scope.vace == "video"
    pipeline = scope.pipeline
    return {**body, "input_mode": scope.input_mode, "pipeline_ids": [pipeline], "graph": graph(pipeline)}


def server_message(text: str | bytes) -> Mapping[str, Any]:
    """Return what the server said on the data channel, as an object; an empty one if it is none of our business."""
    try:
        said = orjson.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
