"""From the `outputs:` of a profile to what shows the picture, with what clashes between them."""

from collections.abc import Mapping
from typing import Any

from bridge.profile.building.graphs import shown
from bridge.profile.language.later import PLAYS, later
from bridge.profile.model import Scope
from bridge.profile.outputs import Feed, Gone, Ndi, OutputOptions, Recording, Spout, Syphon, Window
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.problems import Notes, Place, did_you_mean


def build_outputs(fields: Fields, scopes: Mapping[str, Scope] | None, notes: Notes) -> dict[str, OutputOptions]:
    """Return what `outputs:` says, by name.

    `scopes` are the Scopes by their names, the only one by an empty one; None: not all of them are known.
    """
    outputs: dict[str, OutputOptions] = {}
    places: dict[str, Place] = {}
    given_outputs: Mapping[str, Given[Fields]] = section_of(fields, "outputs")
    for name, given in given_outputs.items():
        made, kind = _output(name, given.value, _feed(name, given, scopes, notes), notes)
        for other, options in outputs.items():
            if clash := _clash(options, made):
                what, hint = clash
                notes.error(kind.place, f"the outputs '{other}' and '{name}' {what}", hint, elsewhere=places[other])
        outputs[name] = made
        places[name] = kind.place
    return outputs


def _feed(name: str, given: Given[Fields], scopes: Mapping[str, Scope] | None, notes: Notes) -> Feed:
    """Return which picture an output shows, and note one that there is not."""
    if "from" not in given.value:
        if scopes is not None and len(scopes) > 1:
            first, second = list(scopes)[:2]
            notes.note(
                given.key,
                f"{name} shows {shorten(first)}, the first of the Scopes",
                f"to say which: from: {shorten(second)}",
            )
        return Feed(next(iter(scopes), "") if scopes else "")
    text: str = given.value["from"].value
    if scopes is None:
        return Feed()
    if text in scopes and text:
        return Feed(text)
    sinks = {(of, sink): f"{of}/{sink}" if of else sink for of, scope in scopes.items() for sink in _sinks(scope)}
    found = [Feed(*one) for one, called in sinks.items() if text in (called, one[1])]
    if len(found) == 1:
        return found[0]
    every = [one for one in (*scopes, *sinks.values()) if one]
    if found:
        notes.error(
            given.value["from"].place,
            f"several Scopes have a sink called '{shorten(text)}', and an output shows one picture",
            f"write {' or '.join(sinks[one.scope, one.sink] for one in found)}",
        )
    elif every:
        notes.error(
            given.value["from"].place,
            f"there is no picture called '{shorten(text)}'",
            did_you_mean(text, every) or f"there is {shorten(', '.join(every), 80)}",
        )
    else:
        notes.error(
            given.value["from"].place,
            f"there is one picture in this profile, and none called '{shorten(text)}'",
            "take it out; several Scopes have names: scopes: {left: {...}, right: {...}}",
        )
    return Feed()


def _sinks(scope: Scope) -> tuple[str, ...]:
    return () if scope.graph is None else shown(scope.graph)


def _output(name: str, given: Fields, of: Feed, notes: Notes) -> tuple[OutputOptions, Given[Any]]:
    """Return an output, and the key that says what it is."""
    gone: Fields = section_of(given, "gone")
    usual, calm = Ndi(""), Gone()
    shape = (
        value_of(given, "fps", usual.fps),
        value_of(given, "size", usual.size),
        value_of(given, "fit", usual.fit),
        Gone(value_of(gone, "show", calm.show), value_of(gone, "after", calm.after), value_of(gone, "back", calm.back)),
        of,
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
