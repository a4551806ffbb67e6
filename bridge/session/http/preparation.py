"""Everything that must be true before a pipeline is loaded: asked of the server, brought to it, or said to a person.

prepared = await prepare(rest, scope, dialect, say)
await rest.load(prepared.nodes, dialect)

What cannot work is refused before it takes a minute to fail, and before the picture of what ran until then is gone.
What may work is tried, with a warning. A server that cannot be asked is not asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from bridge.errors import Refused
from bridge.parameters import DIFFUSION
from bridge.profile.model import Node, Scope
from bridge.profile.source.problems import did_you_mean
from bridge.session.contract.dialect import Dialect
from bridge.session.contract.layout import OWN, Layout, layout
from bridge.session.contract.troubles import meaning, said
from bridge.session.http.libraries import carry, is_rooted, resolve
from bridge.session.http.rest import Hardware, ModelStatus, Rest, number

POLL: Final = 0.5
"""Seconds between looks at a download."""
STALLED: Final = 600.0
"""Seconds without any progress after which a download counts as dead: the check of a large file takes minutes."""
VANISHED: Final = 15.0
"""Seconds after which a download that nobody carries out counts as failed."""
ENOUGH: Final = 0.95
"""The part of the memory that a pipeline is said to need with which nothing is said: a card of 32 GB shows 31.8."""
TOO_LITTLE: Final = 0.8
"""The part below which it is not tried: estimates are generous, but not by a third."""
QUANTIZED: Final = 0.6
"""The part that is needed if the weights are loaded with 8 bits."""

NEED_A_GPU: Final = {**dict.fromkeys(DIFFUSION, 20), "krea-realtime-video": 32, "video-depth-anything": 1}
"""The pipelines that a server without a GPU does not list, and the memory that each needs, in GB. Of all others the
server says it itself."""

Say = Callable[[str, float | None], None]
"""Told what goes on, and how far it is, 0 to 1, where that is known."""
Schemas = Mapping[str, Mapping[str, Any]]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a load and a session may build on."""

    nodes: tuple[Node, ...]
    """The pipelines to load, with the paths of LoRAs as the server has them."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """The server's own path of every LoRA and image, by what values call it."""
    warnings: tuple[str, ...] = ()
    """What will not be as the profile wants it, a sentence each."""


async def prepare(
    rest: Rest,
    scope: Scope,
    dialect: Dialect,
    say: Say,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Prepared:
    """Make everything ready for the load of `scope`.

    Raise `Refused` for what cannot work, with a sentence that says what to do; `Unavailable` if the server goes away.
    """
    say("asking what this Scope can do", None)
    warnings = [dialect.note] if dialect.note else []
    laid_out = layout(scope, dialect)
    warnings += _check_dialect(scope, dialect, laid_out)

    schemas = await _asked(_schemas(rest), "which pipelines it has", warnings)
    hardware = await _asked(rest.hardware(), "what its GPU is", warnings) if dialect.hardware else None
    if schemas:
        _check_listed(scope.nodes, schemas, hardware)
        warnings += _check_modes(scope, schemas, laid_out)
        await _check_ports(rest, dialect, laid_out, schemas)
    if hardware:
        warnings += _check_memory(scope.nodes, schemas or {}, hardware)
        warnings += _check_own_video(scope, dialect, laid_out, hardware)

    # Before the models, which may take minutes to come: what is missing here needs a person.
    nodes, paths = await _with_loras(rest, scope.nodes, dialect, schemas or {}, warnings)
    if scope.images:
        paths.update(await carry(rest, scope.images, say))
    if dialect.models:
        for pipeline in dict.fromkeys(node.pipeline for node in scope.nodes):
            if (schemas or {}).get(pipeline, {}).get("requires_models") is not False:
                await _download(rest, pipeline, say, warnings, sleep)
    return Prepared(nodes, paths, tuple(dict.fromkeys(warnings)))


async def _asked(question: Awaitable[T], what: str, warnings: list[str]) -> T | None:
    """Return the answer; None, with a warning, where the server has none. A check that cannot be made stops nothing."""
    try:
        return await question
    except Refused as error:
        warnings.append(said("unchecked", what=what, why=error))
        return None


async def _schemas(rest: Rest) -> Schemas:
    body = await rest.schemas()
    given = body.get("pipelines") if isinstance(body, Mapping) else None
    return {name: one for name, one in given.items() if isinstance(one, Mapping)} if isinstance(given, Mapping) else {}


# What this version of Scope can do


def _check_dialect(scope: Scope, dialect: Dialect, laid_out: Layout) -> list[str]:
    """Return warnings of what this version lacks. Raise `Refused` if the profile cannot play on it."""
    warnings = []
    if scope.graph is not None and not dialect.graphs:
        raise Refused(said("no-graphs", version=dialect.version))
    if not laid_out.sinks:
        raise Refused(said("no-return"))
    if len(scope.nodes) > 1 and not dialect.node_ids:
        warnings.append(said("no-nodes", version=dialect.version))
    if scope.tempo != "off" and not dialect.tempo:
        warnings.append(said("no-own-tempo", version=dialect.version))
    return warnings


def _check_listed(nodes: Sequence[Node], schemas: Schemas, hardware: Hardware | None) -> None:
    """Raise `Refused` if the server does not list a pipeline: it would accept the load, and then fail."""
    for node in nodes:
        if node.pipeline in schemas:
            continue
        if hardware is not None and hardware.vram_gb is None and node.pipeline in NEED_A_GPU:
            raise Refused(
                said("no-gpu", pipeline=node.pipeline, needs=NEED_A_GPU[node.pipeline])
                + "; run Scope on another machine, or look why it does not see its GPU"
            )
        known = ", ".join(sorted(schemas))
        near = did_you_mean(node.pipeline, schemas)
        raise Refused(
            said("unlisted", pipeline=node.pipeline, known=known)
            + (f"; {near}" if near else "; what is not among them comes as a plugin, on Scope's own page")
        )


def _check_modes(scope: Scope, schemas: Schemas, laid_out: Layout) -> list[str]:
    """Return a warning for a mode that a pipeline may not have. Raise `Refused` for one that would wait for ever."""
    if laid_out.graph is None:
        fed = {node.id for node in scope.nodes[1:]}
        if laid_out.sources or scope.input_source is not None:
            fed.add(scope.nodes[0].id)
    else:
        fed = {edge["to_node"] for edge in laid_out.graph["edges"] if edge.get("kind", "stream") == "stream"}
    for node in laid_out.nodes:
        modes = schemas.get(node.pipeline, {}).get("supported_modes")
        if modes == ["video"] and node.id not in fed:
            raise Refused(said("no-video", pipeline=node.pipeline))
    modes = schemas.get(scope.pipeline, {}).get("supported_modes")
    if isinstance(modes, list) and modes and scope.input_mode == "video" and "video" not in modes:
        return [said("no-mode", pipeline=scope.pipeline, mode="video")]
    return []


async def _check_ports(rest: Rest, dialect: Dialect, laid_out: Layout, schemas: Schemas) -> None:
    """Raise `Refused` if an edge ends where there is no port: Scope would take the offer, and send nothing."""
    if laid_out.graph is None:
        return
    inputs = {name: _names(schema.get("inputs")) for name, schema in schemas.items()}
    outputs = {name: _names(schema.get("outputs")) for name, schema in schemas.items()}
    if dialect.definitions:
        try:
            for kind in await rest.definitions():
                name = kind.get("node_type_id")
                if isinstance(name, str):
                    inputs.setdefault(name, set()).update(_names(kind.get("inputs")))
                    outputs.setdefault(name, set()).update(_names(kind.get("outputs")))
        except Refused:
            pass  # the schemas say enough of what carries video
    kinds = {node["id"]: node.get("pipeline_id") or node.get("node_type_id") for node in laid_out.graph["nodes"]}
    for edge in laid_out.graph["edges"]:
        if edge.get("kind", "stream") != "stream":
            continue
        for id, port, ports, way in (
            (edge["from"], edge["from_port"], outputs, "output"),
            (edge["to_node"], edge["to_port"], inputs, "input"),
        ):
            known = ports.get(kinds.get(id) or "")
            if known and port not in known:
                raise Refused(
                    said("no-port", node=id, pipeline=kinds[id], way=way, port=port, known=", ".join(sorted(known)))
                )


def _names(ports: object) -> set[str]:
    """Return the names of ports, which are texts, or objects with a name."""
    if not isinstance(ports, list):
        return set()
    names = (one.get("name") if isinstance(one, Mapping) else one for one in ports)
    return {name for name in names if isinstance(name, str)}


# What its machine can do


def _check_memory(nodes: Sequence[Node], schemas: Schemas, hardware: Hardware) -> list[str]:
    """Return warnings of what may not fit. Raise `Refused` for what cannot.

    All pipelines of a chain are in memory at once. A server without a GPU that lists the pipeline has one elsewhere.
    """
    needs = 0.0
    named = []
    for node in nodes:
        estimate = number(schemas.get(node.pipeline, {}).get("estimated_vram_gb"))
        if estimate is not None and estimate > 0:
            needs += estimate * (QUANTIZED if node.load.get("quantization") else 1.0)
            named.append(node.pipeline)
    has = hardware.vram_gb
    if not named:
        return []
    pipelines = " with ".join(named)
    if has is None:
        return [said("unseen-gpu", pipeline=pipelines, needs=f"{needs:.0f}")]
    if has < TOO_LITTLE * needs:
        refusal = said("small-gpu", pipeline=pipelines, needs=f"{needs:.0f}", has=f"{has:.0f}")
        raise Refused(refusal + _instead(nodes, schemas, has))
    if has < ENOUGH * needs:
        return [said("tight-gpu", pipeline=pipelines, needs=f"{needs:.0f}", has=f"{has:.1f}")]
    return []


def _instead(nodes: Sequence[Node], schemas: Schemas, has: float) -> str:
    """Return what to do about too little memory."""
    hints = []
    if any(
        schemas[node.pipeline].get("supports_quantization") for node in nodes if node.pipeline in schemas
    ) and not any(node.load.get("quantization") for node in nodes):
        hints.append("quantization: fp8_e4m3fn needs less")
    fitting = [
        name
        for name, schema in schemas.items()
        if schema.get("supports_prompts") and 0 < (number(schema.get("estimated_vram_gb")) or 0) <= has / ENOUGH
    ]
    if fitting:
        hints.append(f"{' or '.join(sorted(fitting)[:3])} would fit")
    return f"; {', and '.join(hints)}" if hints else ""


def _check_own_video(scope: Scope, dialect: Dialect, laid_out: Layout, hardware: Hardware) -> list[str]:
    """Return warnings of what Scope cannot send itself. Raise `Refused` for what it cannot take in: nothing would play."""
    if laid_out.graph is None:
        sends = set(scope.output_sinks)
        takes = {scope.input_source[0]} if scope.input_source else set()
    else:
        sends = {node.get("sink_mode") for node in laid_out.graph["nodes"]} & set(OWN)
        takes = {node.get("source_mode") for node in laid_out.graph["nodes"]} & set(OWN)
    missing = dict(hardware.missing)
    if not dialect.graphs:
        for kinds, key in ((sends, dialect.own_outputs), (takes, dialect.own_input)):
            if key.startswith("spout"):
                missing.update({kind: f"Scope {dialect.version} knows only Spout" for kind in kinds if kind != "spout"})
    for kind in sorted(takes):
        if kind in missing:
            raise Refused(said("no-own-input", what=kind, why=missing[kind]))
    return [said("no-own-output", what=kind, why=missing[kind]) for kind in sorted(sends) if kind in missing]


# What has to be there


async def _download(
    rest: Rest, pipeline: str, say: Say, warnings: list[str], sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Have the server download the model files of a pipeline, if it lacks them, and wait until it has them."""
    status = await _asked(rest.model_status(pipeline), f"whether it has the files of {pipeline}", warnings)
    if status is None or status.downloaded:
        return
    if not status.downloading:
        say(f"downloading {pipeline}", 0.0)
        await rest.download_model(pipeline)
    unchanged = idle = 0.0
    before = ModelStatus(False)
    while True:
        await sleep(POLL)
        status = await rest.model_status(pipeline)
        if status.downloaded:
            say(f"{pipeline} is downloaded", 1.0)
            return
        if status.error:
            known = meaning(status.error)
            why = status.error if known is None else f"{known.sentence} ({status.error})"
            raise Refused(said("no-model", pipeline=pipeline, why=why))
        idle = 0.0 if status.downloading else idle + POLL
        unchanged = unchanged + POLL if status == before else 0.0
        before = status
        if idle >= VANISHED:
            raise Refused(
                said("no-model", pipeline=pipeline, why="the download ended; Scope's own page shows what came")
            )
        if unchanged >= STALLED:
            stuck = f"nothing has come for {STALLED / 60:.0f} minutes, at {status.percentage:.0f} %"
            raise Refused(said("no-model", pipeline=pipeline, why=stuck))
        if status.downloading:
            of = f" ({status.artifact})" if status.artifact else ""
            say(f"downloading {pipeline}: {status.percentage:.0f} %{of}", status.percentage / 100)


async def _with_loras(
    rest: Rest, nodes: Sequence[Node], dialect: Dialect, schemas: Schemas, warnings: list[str]
) -> tuple[tuple[Node, ...], dict[str, str]]:
    """Return the nodes with every LoRA's path as the server has it, and those paths by what the profile calls them."""
    if not any(node.load.get("loras") for node in nodes):
        return tuple(nodes), {}
    files = await _asked(rest.loras(dialect), "which LoRAs it has", warnings)
    paths: dict[str, str] = {}
    prepared = []
    for node in nodes:
        given = node.load.get("loras")
        loras = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list | tuple) else []
        if loras and schemas.get(node.pipeline, {}).get("supports_lora") is False:
            warnings.append(said("deaf-lora", pipeline=node.pipeline))
        found = []
        for one in loras:
            name = str(one.get("path", ""))
            file = None if files is None else resolve(name, files)
            if file is None and files is not None and is_rooted(name):
                warnings.append(said("unsure-lora", name=repr(name)))
            paths[name] = file.path if file else name
            found.append({**one, "path": paths[name]})
            mode = one.get("merge_mode") or node.load.get("lora_merge_mode") or "permanent_merge"
            if mode != "runtime_peft":
                warnings.append(said("fixed-lora", pipeline=node.pipeline, mode=mode))
        prepared.append(replace(node, load={**node.load, "loras": found}) if loras else node)
    return tuple(prepared), paths
