"""From the `outputs:` of a profile to what shows the picture, with what clashes between them."""

from collections.abc import Mapping
from typing import Any

from bridge.profile.language.later import PLAYS, later
from bridge.profile.outputs import Gone, Ndi, OutputOptions, Recording, Spout, Syphon, Window
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.problems import Notes, Place


def build_outputs(fields: Fields, notes: Notes) -> dict[str, OutputOptions]:
    """Return what `outputs:` says, by name."""
    outputs: dict[str, OutputOptions] = {}
    places: dict[str, Place] = {}
    given_outputs: Mapping[str, Given[Fields]] = section_of(fields, "outputs")
    for name, given in given_outputs.items():
        made, kind = _output(name, given.value, notes)
        for other, options in outputs.items():
            if clash := _clash(options, made):
                what, hint = clash
                notes.error(kind.place, f"the outputs '{other}' and '{name}' {what}", hint, elsewhere=places[other])
        outputs[name] = made
        places[name] = kind.place
    return outputs


def _output(name: str, given: Fields, notes: Notes) -> tuple[OutputOptions, Given[Any]]:
    """Return an output, and the key that says what it is."""
    gone: Fields = section_of(given, "gone")
    usual, calm = Ndi(""), Gone()
    shape = (
        value_of(given, "fps", usual.fps),
        value_of(given, "size", usual.size),
        value_of(given, "fit", usual.fit),
        Gone(value_of(gone, "show", calm.show), value_of(gone, "after", calm.after), value_of(gone, "back", calm.back)),
    )
    nothing = f"until then nothing shows there, and {PLAYS}"
    if "ndi" in given:
        for keys, what, until in (
            (("size", "fit"), "another size than the pipeline's comes", "until then pictures go out as they come"),
            (("gone",), "what shows when no picture arrives comes", "until then the last picture stays"),
        ):
            if key := next((key for key in keys if key in given), None):
                later(notes, given[key].key, f"{name}: {what}", until)
        return Ndi(given["ndi"].value, *shape), given["ndi"]
    if "spout" in given:
        later(notes, given["spout"].key, f"{name}: Spout outputs come", nothing)
        return Spout(given["spout"].value, *shape), given["spout"]
    if "syphon" in given:
        later(notes, given["syphon"].key, f"{name}: Syphon outputs come", nothing)
        return Syphon(given["syphon"].value, *shape), given["syphon"]
    if "window" in given:
        later(notes, given["window"].key, f"{name}: windows and full screens come", nothing)
        return Window(given["window"].value, value_of(given, "fullscreen", False), *shape), given["window"]
    later(notes, given["record"].key, f"{name}: recordings come", f"until then nothing is written, and {PLAYS}")
    return Recording(given["record"].value, *shape), given["record"]


def _clash(one: OutputOptions, other: OutputOptions) -> tuple[str, str] | None:
    """Return why two outputs cannot be at once, as the rest of a sentence, and what to do; None if they can."""
    match one, other:
        case (
            (Ndi(name=name), Ndi(name=again))
            | (Spout(name=name), Spout(name=again))
            | (Syphon(name=name), Syphon(name=again))
        ) if name.casefold() == again.casefold():
            kind = "NDI" if isinstance(one, Ndi) else type(one).__name__
            return (
                f"have one {kind} name, and receivers could not tell them apart",
                f"give one another name, like {again} 2",
            )
        case Window(screen, True), Window(again, True) if screen == again:
            return f"both fill screen {screen}, and only one of them would be seen", "give one another screen"
        case Recording(file), Recording(again) if file == again:
            return "both write the file of this name", "give one another name"
        case _:
            return None
