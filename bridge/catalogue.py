"""PURE. What a server can be told, and which pipelines it has: the built-in table, extended by what the server says.

    STANDARD.parameter("noise_scale").high                      # 1.0
    live = STANDARD.extended(json.loads(reply))                 # of GET /api/v1/pipelines/schemas
    live.parameter("motion_amount").choices                     # of a plugin that this server has

Scope's schemas use other names than its data channel for three parameters, list fields that a pipeline inherits and
never reads, and know nothing of costs. So they add what the table lacks, and correct ranges and defaults; what a
parameter does to the picture is for the table to say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, get_args

from bridge.parameters import (
    PARAMETERS,
    PIPELINES,
    PROTOCOL,
    Cost,
    Kind,
    Mode,
    Parameter,
    PipelineInfo,
    default_in,
    unknown,
)

RENAMED: Final[Mapping[str, str]] = {
    "denoising_steps": "denoising_step_list",
    "ref_images": "vace_ref_images",
    "lora_merge_strategy": "lora_merge_mode",
}
"""What the data channel and the loader call a field of the schemas."""

_NO_PARAMETERS: Final = frozenset({"input_size", "loras", "lora_merge_mode"})
"""Fields of every pipeline's schema that nothing can be sent to."""

_LONGEST: Final = 300
"""Characters of a description that are kept."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that a server can be told, and every pipeline that it can run."""

    parameters: Mapping[str, Parameter] = field(default_factory=lambda: PARAMETERS)
    """By the name that the data channel uses."""
    pipelines: Mapping[str, PipelineInfo] = field(default_factory=lambda: PIPELINES)
    """By id."""

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called `name`; an unknown one is passed through as it comes and never re-sent."""
        return self.parameters.get(name) or unknown(name)

    def default_of(self, name: str, pipeline: str, mode: Mode = "text") -> Any:
        """Return what `pipeline` uses for `name` when it was never sent; None if that is not known."""
        return default_in(self.pipelines.get(pipeline), self.parameter(name), mode)

    def extended(self, schemas: object) -> "Catalogue":
        """Return the catalogue with what a server says of its pipelines.

        `schemas` is the reply of `GET /api/v1/pipelines/schemas`, or anything else: what is malformed is skipped.
        The range of a parameter that several pipelines have is the widest that one of them gives.
        """
        given = schemas.get("pipelines") if isinstance(schemas, Mapping) else None
        pipelines = dict(self.pipelines)
        offered: dict[str, list[_Offer]] = {}
        for name, schema in given.items() if isinstance(given, Mapping) else ():
            if not isinstance(name, str) or not name or not isinstance(schema, Mapping):
                continue
            fields = tuple(_fields(schema))
            pipelines[name] = _pipeline(name, schema, fields, self.pipelines.get(name))
            for one in fields:
                offered.setdefault(one.name, []).append(_Offer(name, name in PIPELINES, one))
        parameters = dict(self.parameters)
        for name, offers in offered.items():
            if found := _merged(self.parameters.get(name), name, offers):
                parameters[name] = found
        return Catalogue(parameters, pipelines)


STANDARD: Final = Catalogue()
"""What Scope brings along, without any server asked."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One property of a pipeline's schema, as far as it makes sense."""

    name: str
    """As the data channel calls it."""
    kind: Kind
    about: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    default: Any
    """None: none is given."""
    modes: tuple[Mode, ...]
    load: bool
    """Whether it counts when the pipeline is loaded, and not later."""
    modulated: bool
    """Whether the pipeline's author means it to move with every chunk."""
    shown: bool
    """Whether Scope's own page shows it: what is inherited and never read has nothing to show."""


class _Offer(NamedTuple):
    """A field, and the pipeline that has it."""

    pipeline: str
    brought: bool
    """Whether the pipeline comes with Scope: then the table knows better who reads what."""
    field: _Field


def _fields(schema: Mapping[Any, Any]) -> Iterable[_Field]:
    """Yield the fields of a pipeline's schema that the data channel or the loader takes."""
    config = schema.get("config_schema")
    properties = config.get("properties") if isinstance(config, Mapping) else None
    definitions = config.get("$defs") if isinstance(config, Mapping) else None
    for given, prop in properties.items() if isinstance(properties, Mapping) else ():
        if not isinstance(given, str) or not isinstance(prop, Mapping):
            continue
        name = RENAMED.get(given, given)
        if not name or name in PROTOCOL or name in _NO_PARAMETERS or name.startswith("_"):
            continue
        yield _field(name, _plain(prop, definitions))


def _plain(prop: Mapping[Any, Any], definitions: object) -> Mapping[Any, Any]:
    """Return a property without references, and without the null that it may be instead of a value."""
    found: dict[Any, Any] = dict(prop)
    for key in ("anyOf", "oneOf", "allOf"):
        variants = found.pop(key, None)
        for variant in variants if isinstance(variants, list) else ():
            if isinstance(variant, Mapping) and variant.get("type") != "null":
                found = {**variant, **found}
                break
    reference = found.pop("$ref", None)
    if isinstance(reference, str) and isinstance(definitions, Mapping):
        meant = definitions.get(reference.rpartition("/")[2])
        if isinstance(meant, Mapping):
            found = {**meant, **found}
    return found


def _field(name: str, prop: Mapping[Any, Any]) -> _Field:
    ui = prop.get("ui")
    shown = isinstance(ui, Mapping)
    hints: Mapping[Any, Any] = ui if isinstance(ui, Mapping) else {}
    choices = _texts(prop.get("enum"))
    kind = Kind.CHOICE if choices else _KINDS.get(_type(prop), Kind.ANY)
    low, high = _number(prop.get("minimum")), _number(prop.get("maximum"))
    low = _number(prop.get("exclusiveMinimum")) if low is None else low
    high = _number(prop.get("exclusiveMaximum")) if high is None else high
    if low is not None and high is not None and low >= high:
        low = high = None
    about = prop.get("description") or prop.get("title")
    return _Field(
        name,
        kind,
        " ".join(about.split())[:_LONGEST] if isinstance(about, str) else "",
        low,
        high,
        choices,
        _default(prop.get("default"), kind, choices),
        _modes(hints.get("modes")) or get_args(Mode),
        hints.get("is_load_param") is True,
        hints.get("modulatable") is True,
        shown,
    )


_KINDS: Final[Mapping[str, Kind]] = {"number": Kind.NUMBER, "integer": Kind.INTEGER, "boolean": Kind.SWITCH}


def _type(prop: Mapping[Any, Any]) -> str:
    given = prop.get("type")
    if isinstance(given, list):
        given = next((one for one in given if one != "null"), None)
    return given if isinstance(given, str) else ""


def _number(value: object) -> float | None:
    """Return a finite number, None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e300 < value < 1e300:
        return None
    return value


def _texts(value: object) -> tuple[str, ...]:
    """Return a list of different texts, none for everything else."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        return ()
    return tuple(dict.fromkeys(value))


def _modes(value: object) -> tuple[Mode, ...]:
    return tuple(mode for mode in get_args(Mode) if isinstance(value, list) and mode in value)


def _default(value: object, kind: Kind, choices: tuple[str, ...]) -> Any:
    """Return a default if it is a value of its kind, None if not."""
    match kind:
        case Kind.NUMBER:
            return _number(value)
        case Kind.INTEGER:
            number = _number(value)
            return int(number) if number is not None and number == int(number) else None
        case Kind.SWITCH:
            return value if isinstance(value, bool) else None
        case Kind.CHOICE:
            return value if value in choices else None
        case _:
            return value if isinstance(value, str | int | float | bool | list) else None


def _pipeline(
    name: str, schema: Mapping[Any, Any], fields: Iterable[_Field], known: PipelineInfo | None
) -> PipelineInfo:
    before = known or PipelineInfo(name, needs_prompt=False, supports_lora=False, supports_vace=False)
    modes = _modes(schema.get("supported_modes")) or before.modes
    first = schema.get("default_mode")
    modes = tuple(sorted(modes, key=lambda mode: mode != first))

    def says(key: str, otherwise: bool) -> bool:
        said = schema.get(key)
        return said if isinstance(said, bool) else otherwise

    return PipelineInfo(
        name,
        modes,
        says("supports_prompts", before.needs_prompt),
        says("supports_lora", before.supports_lora),
        says("supports_vace", before.supports_vace),
        says("supports_kv_cache_bias", before.supports_kv_cache_bias),
        _defaults(schema.get("mode_defaults"), modes, fields, before),
        before.frames_per_chunk,
    )


def _defaults(
    by_mode: object, modes: tuple[Mode, ...], fields: Iterable[_Field], before: PipelineInfo
) -> Mapping[Mode, Mapping[str, Any]]:
    """Return the defaults of a pipeline, mode by mode: those of its schema, and where that is silent, what was known."""
    found: dict[Mode, Mapping[str, Any]] = {}
    for mode in modes:
        values = {one.name: one.default for one in fields if one.default is not None and mode in one.modes}
        special = by_mode.get(mode) if isinstance(by_mode, Mapping) else None
        kinds = {one.name: one for one in fields}
        for key, value in special.items() if isinstance(special, Mapping) else ():
            one = kinds.get(RENAMED.get(key, key)) if isinstance(key, str) else None
            default = None if one is None else _default(value, one.kind, one.choices)
            if one is not None and default is not None:
                values[one.name] = default
        found[mode] = {**before.defaults.get(mode, {}), **values}
    return found


def _merged(known: Parameter | None, name: str, offers: list[_Offer]) -> Parameter | None:
    """Return a parameter with what pipelines say of it; None if only such as never read it say anything."""
    if known is not None:
        telling = [one for one in offers if one.field.shown and (not one.brought or one.pipeline in known.readers)]
        more = tuple(one.pipeline for one in telling if known.readers and one.pipeline not in known.readers)
        low, high = _widest([one.field for one in telling if one.field.kind is known.kind])
        corrected = low is not None and high is not None and known.kind in (Kind.NUMBER, Kind.INTEGER)
        return replace(
            known,
            low=low if corrected else known.low,
            high=high if corrected else known.high,
            readers=known.readers + more,
        )
    fields = [one.field for one in offers]
    kinds = {one.kind for one in fields}
    kind = kinds.pop() if len(kinds) == 1 else Kind.ANY
    low, high = _widest(fields) if kind in (Kind.NUMBER, Kind.INTEGER) else (None, None)
    modes = tuple(mode for mode in get_args(Mode) if any(mode in one.modes for one in fields))
    cost = Cost.FREE if all(one.modulated for one in fields) else Cost.COSTLY
    return Parameter(
        name,
        kind,
        next((one.about for one in fields if one.about), "A pipeline's own parameter."),
        low,
        high,
        fields[0].default if all(one.default == fields[0].default for one in fields) else None,
        tuple(dict.fromkeys(choice for one in fields for choice in one.choices)) if kind is Kind.CHOICE else (),
        Cost.LOAD if all(one.load for one in fields) else cost,
        modes=modes,
        readers=tuple(one.pipeline for one in offers),
    )


def _widest(fields: list[_Field]) -> tuple[float | None, float | None]:
    """Return the lowest and the highest end that fields give; None for an end that one of them leaves open."""
    lows, highs = [one.low for one in fields], [one.high for one in fields]
    low = min((one for one in lows if one is not None), default=None)
    high = max((one for one in highs if one is not None), default=None)
    return (None if None in lows else low), (None if None in highs else high)
