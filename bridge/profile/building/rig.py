"""The rig of a profile: the server, the tempo, the libraries and the lamps; inputs, outputs and guards beside it.

Each `build_` takes the profile's keys as `PROFILE` read them, makes the objects of the model from its own section, and
notes what only shows between the keys: a standby that is the server itself, a LoRA on a pipeline that takes none. What
the language has and this version cannot do yet gets a note: the profile is good, and everything else in it plays.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from bridge.catalogue import STANDARD, Catalogue
from bridge.parameters import PIPELINES, PipelineInfo
from bridge.profile.building.inputs import told
from bridge.profile.inputs import Audio, Http, InputOptions, Osc, Video
from bridge.profile.language.later import PLAYS, later
from bridge.profile.language.libraries import Loras
from bridge.profile.language.scope import ENVIRONMENT
from bridge.profile.model import Relay, Scope, TempoSource
from bridge.profile.shapes.shape import figure, shorten
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.problems import Notes, Place, did_you_mean

LORA_SCALE: Final = 0.0
"""The strength that LoRAs are loaded with: they come up when something raises them, and a changed start loads nothing."""


def build_scope(
    fields: Fields,
    environment: Mapping[str, str],
    notes: Notes,
    *,
    sure: bool = True,
    catalogue: Catalogue = STANDARD,
) -> Scope:
    """Return what `scope:` says, with what `loras:` and `vace` mean for the load.

    `environment` fills `${NAME}`. `sure` says that `scope.pipeline` is what the file says: False where there may be a
    pipeline that could not be read; then nothing is said about what the pipeline can do. `catalogue` knows what it can.
    """
    given: Fields = section_of(fields, "scope")
    usual = Scope()
    url = address(given["url"].value, environment, notes) if "url" in given else None
    standby = address(given["standby"].value, environment, notes) if "standby" in given else None
    if standby is not None:
        if standby == (url if "url" in given else usual.url):
            notes.error(
                given["standby"].place,
                f"the standby is the server itself: {standby}",
                "name another one, or take standby out",
            )
        later(
            notes,
            given["standby"].key,
            "standby: a second Scope comes",
            "until then nothing takes over when the first fails",
        )
    pipeline = value_of(given, "pipeline", usual.pipeline)
    info = catalogue.pipelines.get(pipeline) if sure else None
    loras = value_of(fields, "loras", Loras())
    _check_pipeline(given, loras, info, notes)
    return Scope(
        url or usual.url,
        pipeline,
        _load(given, loras, info, notes),
        value_of(given, "ice", usual.ice),
        value_of(given, "frames_per_chunk"),
        tuple(one.value for one in value_of(given, "video", ())),
        vace=value_of(given, "vace", usual.vace),
        standby=standby,
        relay=_relay(given["relay"].value, environment, notes) if "relay" in given else None,
    )


def _check_pipeline(given: Fields, loras: Loras, info: PipelineInfo | None, notes: Notes) -> None:
    """Note what the profile asks of a pipeline that cannot do it."""
    vace = value_of(given, "vace", "off")
    if vace == "video" and "video" not in given:
        notes.error(
            given["vace"].place,
            "vace: video follows the source video, and this profile gives Scope none",
            "say which input it is: video: [cam]",
            "for reference images: vace: images",
        )
    if info is None:
        return
    if loras.files and not info.supports_lora:
        first = next(iter(loras.files.values()))
        notes.warning(
            first.key, f"LoRAs have no effect on {info.name}", "load a pipeline that takes them, like longlive"
        )
    if vace != "off" and not info.supports_vace:
        notes.warning(
            given["vace"].place, f"vace has no effect on {info.name}", "load a pipeline that has VACE, like longlive"
        )
    if "video" in given and "video" not in info.modes:
        notes.warning(given["video"].place, f"{info.name} transforms no video", "take it out, or load another pipeline")
    if "video" not in given and "text" not in info.modes and "pipeline" in given:
        notes.warning(
            given["pipeline"].place,
            f"{info.name} transforms video, and this profile gives it none: no picture comes of that",
            "say which input it is: video: [cam]",
        )


def _load(given: Fields, loras: Loras, info: PipelineInfo | None, notes: Notes) -> dict[str, Any]:
    fields: Fields = section_of(given, "load")
    _check_load(fields, info, notes)
    load = {name: one.value for name, one in fields.items()}
    if loras.files:
        for key, good in (("loras", None), ("lora_merge_mode", "runtime_peft")):
            if key in fields and fields[key].value != good:
                notes.error(
                    fields[key].key,
                    f"'{key}' follows from the LoRAs that the profile names, and cannot be set beside them",
                    "take it out",
                )
        files = (one.value for one in loras.files.values())
        load["loras"] = [{"path": file, "scale": LORA_SCALE} for file in files]
        load["lora_merge_mode"] = "runtime_peft"
    if "vace" in given:
        wanted = given["vace"].value != "off"
        if "vace_enabled" in fields and fields["vace_enabled"].value != wanted:
            notes.error(
                fields["vace_enabled"].place,
                f"vace: {given['vace'].value} {'needs VACE' if wanted else 'is without VACE'}, and this says otherwise",
                "take vace_enabled out: it follows from vace",
                elsewhere=given["vace"].place,
            )
        load["vace_enabled"] = wanted
    return load


def _check_load(fields: Fields, info: PipelineInfo | None, notes: Notes) -> None:
    for name, one in fields.items():
        if name in PIPELINES and isinstance(one.value, Mapping):
            notes.error(
                one.key,
                "what each pipeline of a chain is loaded with comes with a later version, as chains do",
                "write its keys without the pipeline's name: load: {width: 576, height: 320}",
            )
    for side in ("width", "height") if info is not None and info.needs_prompt else ():
        size = fields.get(side)
        if info is not None and size is not None and size.value % 16:
            notes.error(
                size.place,
                f"{info.name} takes a {side} that is a multiple of 16, and {size.value} is none",
                f"the nearest is {max(16, round(size.value / 16) * 16)}",
            )


def _relay(given: Fields, environment: Mapping[str, str], notes: Notes) -> Relay | None:
    urls: list[Given[str]] = given["urls"].value
    turn = next((one for one in urls if one.value.startswith("turn")), None)
    needed = [key for key in ("username", "credential") if key not in given]
    if turn is not None and needed:
        notes.error(
            turn.place,
            f"a TURN server lets nobody in without a username and a credential, and there is no {needed[0]}",
            'for example: {urls: ["turn:turn.example.org:3478"], username: vj, credential: "${TURN_SECRET}"}',
        )
    filled = {key: secret(given[key], environment, notes) for key in ("username", "credential") if key in given}
    if None in filled.values():
        return None
    return Relay(tuple(one.value for one in urls), filled.get("username"), filled.get("credential"))


def check_video(
    fields: Fields, inputs: Mapping[str, InputOptions], names: Collection[str] | None, notes: Notes
) -> None:
    """Note what `scope.video` names and is no video input.

    `names` are those of all inputs in the file, also of what could not be read; None: not known.
    """
    given: Fields = section_of(fields, "scope")
    if "video" not in given:
        return
    able = [name for name, options in inputs.items() if isinstance(options, Video)]
    has = f"the video inputs are {', '.join(able)}" if able else "for example: inputs: {cam: {video: {ndi: FOH}}}"
    for one in given["video"].value:
        if one.value in inputs and not isinstance(inputs[one.value], Video):
            notes.error(one.place, f"the input '{one.value}' is {told(inputs[one.value])}, and brings no video", has)
        elif names is not None and one.value not in names:
            notes.error(one.place, f"there is no input called '{one.value}'", did_you_mean(one.value, names) or has)
    later(notes, given["video"].key, "video for Scope to transform comes", "until then no video goes into Scope")


def build_tempo(
    fields: Fields, inputs: Mapping[str, InputOptions], names: Collection[str] | None, notes: Notes
) -> tuple[TempoSource, ...]:
    """Return what `tempo:` says, in its order. `inputs` and `names` are as for `check_video`."""
    given: list[Given[TempoSource]] = value_of(fields, "tempo", [])
    fixed: Given[TempoSource] | None = None
    bpm = next((one.value.bpm for one in given if one.value.kind == "bpm"), 120.0)
    until = f"until then beats count at {figure(bpm)} bpm, or as they are tapped"
    for one in given:
        if fixed is not None:
            notes.warning(
                one.place,
                "this source of tempo is never used: the fixed one before it is always alive",
                "put bpm last",
                elsewhere=fixed.place,
            )
            continue
        match one.value:
            case TempoSource("bpm"):
                fixed = one
            case TempoSource("link"):
                later(notes, one.place, "tempo: Ableton Link comes", until)
            case TempoSource("midi_clock"):
                later(notes, one.place, "tempo: MIDI clock comes", until)
            case TempoSource(name=name):
                if _gives_tempo(name, one.place, inputs, names, notes):
                    later(notes, one.place, f"tempo: the tempo of {name} comes", until)
    return tuple(one.value for one in given)


def _gives_tempo(
    name: str, place: Place, inputs: Mapping[str, InputOptions], names: Collection[str] | None, notes: Notes
) -> bool:
    """Return whether an input has a tempo, after noting that there is none such."""
    match inputs.get(name):
        case None if names is not None and name not in names:
            has = f"the inputs are {', '.join(names)}" if names else "for example: tempo: 124"
            notes.error(place, f"there is no input called '{name}'", did_you_mean(name, names) or has)
            return False
        case Audio(features=features) if "beat" not in features:
            notes.error(place, f"the input '{name}' does not listen for the beat", "add beat to its features")
            return False
        case Osc(listen=listen) if "tempo" not in listen:
            notes.error(
                place,
                f"the input '{name}' is an OSC input, which has no tempo of its own",
                "one that asks Ableton Live has: {osc: 11001, remote: 127.0.0.1:11000, listen: [tempo]}",
            )
            return False
        case Video() | Http() as options:
            notes.error(
                place, f"the input '{name}' is {told(options)}, which has no tempo", "audio and MIDI inputs have one"
            )
            return False
        case _:
            return True


def build_loras(fields: Fields, notes: Notes) -> Mapping[str, str]:
    """Return the files of `loras:`, by short name. How a strength changes is `Loras.change`."""
    loras: Loras = value_of(fields, "loras", Loras())
    first: dict[str, tuple[str, Given[str]]] = {}
    for name, one in loras.files.items():
        if one.value in first:
            other, there = first[one.value]
            notes.error(
                one.place,
                f"the LoRAs '{other}' and '{name}' are one file, and it has one strength",
                "delete one",
                elsewhere=there.place,
            )
        first.setdefault(one.value, (name, one))
    return {name: one.value for name, one in loras.files.items()}


def build_images(fields: Fields, notes: Notes) -> Mapping[str, str]:
    """Return the files of `images:`, by short name."""
    images: Mapping[str, Given[str]] = section_of(fields, "images")
    if images:
        later(
            notes,
            fields["images"].key,
            "images: bringing them to the server comes",
            "until then, put them among the server's assets, and name their paths there",
        )
    return {name: one.value for name, one in images.items()}


def build_lights(fields: Fields, notes: Notes) -> Mapping[str, Mapping[str, str]]:
    """Return what `lights:` says: colour and manner, by kind of target and state."""
    lights: Fields = section_of(fields, "lights")
    if lights:
        later(
            notes,
            fields["lights"].key,
            "lights: the lamps of controllers come",
            f"until then they stay dark, and {PLAYS}",
        )
    return {kind: {state: light.value for state, light in one.value.items()} for kind, one in lights.items()}


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
