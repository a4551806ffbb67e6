"""PURE. Scope's timeline, JSON 2.1, as its browser interface saves and opens it: from a show, and into scenes and cues.

    {"version": "2.1", "exportedAt": "…", "settings": {"pipelineId": "longlive", "inputMode": "text", …},
     "prompts": [{"startTime": 0, "endTime": 30, "prompts": [{"text": "cosmic dreamscape", "weight": 100}],
                  "transitionSteps": 4, "temporalInterpolationMethod": "slerp"}]}

Times are seconds. Weights go up to 100 together. `transitionSteps` are chunks, 0 cuts. A timeline holds prompts that
change and settings that do not: what else moved in a show has no place in it, and `export` says what that was.
"""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Literal

from bridge.errors import Refused
from bridge.parameters import PARAMETERS
from bridge.profile.durations import CUT, Duration, Unit

VERSION: Final = "2.1"
SHORTEST: Final = 0.5
"""Seconds: the interface draws no shorter prompt, so that is how long the last one lasts at least."""
WHOLE: Final = 100.0
"""What the weights of a timeline's prompts are together."""
MOST: Final = 4
"""Prompts that can be mixed."""
DIGITS: Final = 3
"""Decimals of a time that is imported: milliseconds."""

Method = Literal["linear", "slerp"]

_SETTINGS: Final[Mapping[str, str]] = {
    "denoisingSteps": "denoising_step_list",
    "noiseScale": "noise_scale",
    "noiseController": "noise_controller",
    "manageCache": "manage_cache",
    "kvCacheAttentionBias": "kv_cache_attention_bias",
    "seed": "base_seed",
}
"""The timeline's settings that are parameters of the data channel too."""
_TRANSITION: Final = frozenset({"prompts", "transition"})
_COMPANIONS: Final = frozenset(key for known in PARAMETERS.values() for key in known.companions)
_RESERVED: Final = frozenset({"next", "previous", "random", "go", "back", "save"})
"""Names that prompts, scenes and cues cannot have: a target means something else by them."""


# From a show


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a session begins with as one message would say it."""
    body = {name: value for name, value in values.items() if name != "prompts"}
    prompts = values.get("prompts")
    return {**body, **(prompts if isinstance(prompts, Mapping) else {} if prompts is None else {"prompts": prompts})}


def export(
    told: Iterable[tuple[float, Mapping[str, Any]]], end: float, pipeline: str, load: Mapping[str, Any], video: bool
) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the timeline of a show, and how often each parameter changed for which a timeline has no place.

    `told` are the messages to Scope by the seconds from the beginning, the first of them what the session began with.
    The show ended at `end`. `load` is what the pipeline was loaded with, `video` whether it transforms a source.
    """
    boxes: list[dict[str, Any]] = []
    settings: dict[str, Any] = {}
    left_out: dict[str, int] = {}
    known: dict[str, Any] = {}
    for number, (time, body) in enumerate(told):
        if number == 0:
            settings = _settings(body, pipeline, load, video)
            known = dict(body)
        for name, value in body.items():
            if name not in _TRANSITION and known.get(name) != value and not (name in _COMPANIONS and name not in known):
                left_out[name] = left_out.get(name, 0) + 1
            known[name] = value
        prompts = _weighted(body.get("prompts"))
        if prompts and "node_id" not in body and (not boxes or boxes[-1]["prompts"] != prompts):
            if boxes:
                boxes[-1]["endTime"] = round(time, 6)
            boxes.append(_box(time, prompts, body.get("transition")))
    if boxes:
        boxes[-1]["endTime"] = round(max(end, boxes[-1]["startTime"] + SHORTEST), 6)
    shown = [box for box in boxes if box["endTime"] > box["startTime"]]
    return {"prompts": shown, "settings": settings, "version": VERSION}, left_out


def _box(time: float, prompts: list[dict[str, Any]], transition: Any) -> dict[str, Any]:
    way = transition if isinstance(transition, Mapping) else {}
    return {
        "startTime": round(time, 6),
        "endTime": round(time, 6),
        "prompts": prompts,
        "transitionSteps": way.get("num_steps", 0),
        "temporalInterpolationMethod": way.get("temporal_interpolation_method", "linear"),
    }


def _weighted(prompts: Any) -> list[dict[str, Any]]:
    """Return prompts as a timeline has them: those with a weight, which are 100 together."""
    listed = [(each["text"], float(each.get("weight", 1.0))) for each in prompts or ()]
    total = sum(weight for _, weight in listed)
    if total <= 0:
        return []
    return [{"text": text, "weight": round(WHOLE * weight / total, 3)} for text, weight in listed if weight > 0]


def _settings(body: Mapping[str, Any], pipeline: str, load: Mapping[str, Any], video: bool) -> dict[str, Any]:
    settings: dict[str, Any] = {"pipelineId": pipeline, "inputMode": "video" if video else "text"}
    if "width" in load and "height" in load:
        settings["resolution"] = {"width": load["width"], "height": load["height"]}
    for setting, name in _SETTINGS.items():
        if name in body or name in load:
            settings[setting] = body.get(name, load.get(name))
    if not video:
        settings |= {"noiseScale": None, "noiseController": None}
    settings["quantization"] = load.get("quantization")
    settings["loras"] = [
        {"id": each["path"], "path": each["path"], "scale": each.get("scale", 1.0)} for each in load.get("loras", ())
    ]
    settings["loraMergeStrategy"] = load.get("lora_merge_mode", "permanent_merge")
    return settings


# Into scenes and cues


@dataclass(frozen=True, slots=True)
class Box:
    """One stretch of a timeline."""

    start: float
    """In seconds."""
    end: float
    prompts: tuple[tuple[str, float], ...]
    """One to four texts with their shares, which are 1 together."""
    steps: int = 0
    """Chunks in which it comes; 0 cuts."""
    method: Method = "linear"


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline as it was read: what has a length, in the order of time."""

    boxes: tuple[Box, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a profile has already."""

    bank: Mapping[str, str] = field(default_factory=dict)
    """Texts by name, as the file has them."""
    scenes: Mapping[str, Any] = field(default_factory=dict)
    """By name, in YAML's terms; None: one that is not to be compared."""
    cues: Mapping[str, Any] = field(default_factory=dict)
    """As the scenes, in the order of the list."""
    slots: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Cues:
    """What to add to a profile, in YAML's terms, each by its name and in the order of the timeline."""

    bank: Mapping[str, str]
    slots: tuple[str, ...]
    """Slots that are needed and that the profile has not; empty: none."""
    scenes: Mapping[str, Mapping[str, Any]]
    cues: Mapping[str, Mapping[str, Any]]
    begin: str
    """The cue that it plays from."""
    renamed: tuple[tuple[str, str, str], ...] = ()
    """Which names the profile has for something else: of a "prompt", "scene" or "cue", the name, and the one instead."""


def parse(document: Any, name: str) -> Timeline:
    """Return the timeline in a JSON document. Raise `Refused`, with `name` and the prompt's number, if it is none."""
    if not isinstance(document, Mapping) or not isinstance(document.get("prompts"), list):
        raise Refused(f"{name} is no timeline of Scope: it has no list of prompts")
    version = str(document.get("version", VERSION))
    if version.partition(".")[0] not in ("1", "2"):
        raise Refused(f"{name} is a timeline of version {version}, and this scope-bridge reads 1 and 2")
    boxes = [_read_box(each, f"{name}: prompt {number}") for number, each in enumerate(document["prompts"], 1) if each]
    settings = document.get("settings")
    long = sorted((box for box in boxes if box.end > box.start), key=lambda box: box.start)
    if not long:
        raise Refused(f"{name} has no prompt with a length: there is nothing to make cues of")
    return Timeline(tuple(long), settings if isinstance(settings, Mapping) else {})


def _read_box(each: Any, where: str) -> Box:
    if not isinstance(each, Mapping):
        raise Refused(f"{where} is no object")
    start, end = (_number(each.get(key), f"{where}: {key}") for key in ("startTime", "endTime"))
    listed = each.get("prompts")
    if not listed and isinstance(each.get("text"), str):
        listed = [{"text": each["text"], "weight": WHOLE}]
    if not isinstance(listed, list) or not listed:
        raise Refused(f"{where} has no text")
    texts: dict[str, float] = {}
    for prompt in listed:
        if not isinstance(prompt, Mapping) or not isinstance(prompt.get("text"), str):
            raise Refused(f"{where} holds a prompt without a text")
        weight = _number(prompt.get("weight", WHOLE), f"{where}: weight")
        text = prompt["text"].strip()
        if weight > 0 and text:
            texts[text] = texts.get(text, 0.0) + weight
    if not texts:
        raise Refused(f"{where} has no text with a weight")
    if len(texts) > MOST:
        raise Refused(f"{where} mixes {len(texts)} prompts, and at most {MOST} can be mixed")
    total = sum(texts.values())
    steps = round(_number(each.get("transitionSteps", 0) or 0, f"{where}: transitionSteps"))
    return Box(
        start,
        end,
        tuple((text, weight / total) for text, weight in texts.items()),
        max(2, steps) if steps else 0,  # one step never arrives
        "slerp" if each.get("temporalInterpolationMethod") == "slerp" else "linear",
    )


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise Refused(f"{where} is {value!r}, and it is a number from 0")
    return float(value)


def cues(read: Timeline, taken: Taken) -> Cues:
    """Return the prompts, scenes and cues that play a timeline: the first cue, by hand, and the rest follows.

    A text that the profile's bank has already goes by its name there; a look that comes back is one scene and, each
    time, a cue. A scene that the profile has already is not among them. Neither are the cues, if it has all of them one
    after the other: each leads to the next, so they are taken together or not at all.
    """
    most = max(len(box.prompts) for box in read.boxes)
    slots, new_slots = _slots(most, taken.slots)
    by_text = {text.strip(): name for name, text in taken.bank.items()}
    bank: dict[str, str] = {}
    looks: dict[str, dict[str, Any]] = {}
    calls: list[tuple[str, dict[str, Any]]] = []
    renamed: list[tuple[str, str, str]] = []
    reserved = {*slots, *_RESERVED}
    for box, after in [*pairwise(read.boxes), (read.boxes[-1], None)]:
        for text, _ in box.prompts:
            if _escaped(text) not in by_text:
                wanted = _free(_name(text), {*bank, *reserved})
                name = by_text[_escaped(text)] = _free(wanted, {*bank, *taken.bank, *reserved})
                bank[name] = _escaped(text)
                renamed += _renamed("prompt", wanted, name)
        scene = _scene([(by_text[_escaped(text)], share) for text, share in box.prompts], slots, box)
        look = next((name for name, known in looks.items() if known == scene), None)
        if look is None:
            wanted = _free(by_text[_escaped(box.prompts[0][0])], {*looks, *_RESERVED})
            others = {name for name, there in taken.scenes.items() if there != scene}
            look = _free(wanted, {*looks, *others, *_RESERVED})
            looks[look] = scene
            renamed += _renamed("scene", wanted, look)
        call: dict[str, Any] = {"scene": look}
        before = _last_end(read.boxes, box)
        if gap := round(max(0.0, box.start - before), DIGITS):
            call["wait"] = str(Duration(gap))
        if after is not None and (length := round(max(0.0, min(box.end, after.start) - box.start), DIGITS)):
            call["follow"] = str(Duration(length))
        calls.append((look, call))
    scenes = {name: scene for name, scene in looks.items() if name not in taken.scenes}
    begin = _begin_of([call for _, call in calls], taken.cues)
    named: dict[str, dict[str, Any]] = {}
    for look, call in calls if begin is None else ():
        wanted = _free(look, {*named, *_RESERVED})
        name = _free(wanted, {*named, *taken.cues, *_RESERVED})
        named[name] = call
        renamed += _renamed("cue", wanted, name)
    return Cues(bank, new_slots, scenes, named, next(iter(named), begin or ""), tuple(renamed))


def _begin_of(calls: Sequence[Mapping[str, Any]], there: Mapping[str, Any]) -> str | None:
    """Return the first of the cues that are these, one after the other; None: they are not there."""
    names, values = list(there), list(there.values())
    runs = (index for index in range(len(values)) if values[index : index + len(calls)] == calls)
    return next((names[index] for index in runs), None)


def _renamed(kind: str, wanted: str, name: str) -> list[tuple[str, str, str]]:
    return [] if name == wanted else [(kind, wanted, name)]


def _scene(parts: Sequence[tuple[str, float]], slots: Sequence[str], box: Box) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if box.steps:
        settings["temporal_interpolation_method"] = box.method
    if not slots:
        settings["prompt"] = parts[0][0]
    for slot, (name, share) in zip(slots, [*parts, *[(None, 0.0)] * len(slots)], strict=False):
        if name is not None:
            settings[f"prompt/{slot}/text"] = name
        weight = round(share, 4)
        # The transition leads there; weights that moved by themselves at the same time would end it.
        settings[f"prompt/{slot}/weight"] = {"to": weight, "fade": str(CUT)} if box.steps else weight
    return {"fade": str(Duration(box.steps, Unit.CHUNKS)), "set": settings} if box.steps else settings


def _slots(most: int, present: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    """Return the slots to fill, and those of them that the profile must get; raise `Refused` if it has too few."""
    if most == 1 and not present:
        return (), ()
    if not present:
        new = tuple(f"layer{number}" for number in range(1, most + 1))
        return new, new
    if most > len(present):
        raise Refused(
            f"the timeline mixes {most} prompts, and the profile has {len(present)} slots: give prompts.slots more"
        )
    return present, ()


def _last_end(boxes: Sequence[Box], box: Box) -> float:
    """Return when the box before `box` ends; the beginning for the first."""
    at = next(number for number, each in enumerate(boxes) if each is box)
    return boxes[at - 1].end if at else 0.0


def _escaped(text: str) -> str:
    """Return a text as a bank has it, where braces stand for words."""
    return text.replace("{", "{{").replace("}", "}}")


def _name(text: str) -> str:
    """Return the name that a text suggests: its first words."""
    words = re.findall(r"[^\W_]+", text.casefold())
    long = [word for word in words if len(word) > 2] or words
    name = "-".join(long[:2])[:40]
    return name if name and not name.isdecimal() else f"prompt-{name}".rstrip("-")


def _free(name: str, used: Collection[str]) -> str:
    """Return the first of `name`, `name-2`, `name-3`, … that is not in use."""
    if name not in used:
        return name
    return next(free for number in range(2, len(used) + 3) if (free := f"{name}-{number}") not in used)


def unused(settings: Mapping[str, Any]) -> list[str]:
    """Return, for a person, what a timeline's settings ask for that its cues do not do: a profile says it itself."""
    lines = []
    for setting, value in settings.items():
        if value is None or value == []:
            continue
        match setting:
            case "pipelineId":
                lines.append(f"scope.pipeline: {value}")
            case "resolution" if isinstance(value, Mapping):
                lines.append(f"scope.load: {{width: {value.get('width')}, height: {value.get('height')}}}")
            case "quantization":
                lines.append(f"scope.load: {{quantization: {value}}}")
            case "loras" if isinstance(value, list):
                lines += [
                    f"loras: {each.get('path')} at {each.get('scale', 1.0)}"
                    for each in value
                    if isinstance(each, Mapping)
                ]
            case "loraMergeStrategy" | "inputMode" | "schemaFieldOverrides":
                pass
            case _ if setting in _SETTINGS:
                lines.append(f"start: {{{_SETTINGS[setting]}: {value}}}")
            case _:
                lines.append(f"{setting}: {value}")
    return lines
