"""The rig of a profile: the tempo, the LoRAs and the lamps; servers, inputs, outputs, images and guards beside it.

Each `build_` takes the profile's keys as `PROFILE` read them, makes the objects of the model from its own section, and
notes what only shows between the keys. What the language has and this version cannot do yet gets a note: the profile is
good, and everything else in it plays.
"""

from collections.abc import Collection, Mapping

from bridge.profile.building.inputs import told
from bridge.profile.inputs import Audio, Http, InputOptions, Midi, Osc, Video
from bridge.profile.language.later import later
from bridge.profile.language.libraries import Loras
from bridge.profile.model import TempoSource
from bridge.profile.shapes.shape import figure
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.problems import Notes, Place, did_you_mean


def build_tempo(
    fields: Fields, inputs: Mapping[str, InputOptions], names: Collection[str] | None, notes: Notes
) -> tuple[TempoSource, ...]:
    """Return what `tempo:` says, in its order. `inputs` and `names` are as for `video.with_video`."""
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


def build_lights(
    fields: Fields, inputs: Mapping[str, InputOptions] | None, notes: Notes
) -> Mapping[str, Mapping[str, str]]:
    """Return what `lights:` says: colour and manner, by kind of target and state. `inputs` may be None: not all could be
    read."""
    lights: Fields = section_of(fields, "lights")
    if lights and inputs is not None and not any(_has_lamps(one) for one in inputs.values()):
        notes.note(
            fields["lights"].key,
            "lights: no input is a controller whose lamps are known, so nothing shows them",
            'say which it is: inputs: {apc: {midi: "APC40*", controller: akai-apc40-mk2}}',
        )
    return {kind: {state: light.value for state, light in one.value.items()} for kind, one in lights.items()}


def _has_lamps(options: InputOptions) -> bool:
    if not isinstance(options, Midi) or options.controller is None:
        return False
    return any(one.lamp is not None or one.ring is not None for one in options.controller.controls.values())
