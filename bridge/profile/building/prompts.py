"""From `prompts:` as they are written, and the file of prompts beside the profile, to those that a show has."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.profile.durations import CUT
from bridge.profile.language.prompts import FEWEST_SLOTS, NAME, NAME_RULE, RESERVED
from bridge.profile.model import Method, Prompts
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given
from bridge.profile.source.files import Files, beside, text_of
from bridge.profile.source.problems import Notes, Place, lines_of


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading `prompts:`."""

    prompts: Prompts = field(default_factory=Prompts)
    texts: Mapping[str, Given[str]] = field(default_factory=dict)
    """Every prompt of the bank by its name, with its place, which may be in the file of prompts."""
    names: Collection[str] | None = ()
    """The names of the bank, also of what has mistakes in it; None where they cannot be known."""
    files: tuple[str, ...] = ()
    """The paths of the files that were read."""


def read(fields: Fields, declared: Collection[str] | None, notes: Notes, files: Files) -> Reading:
    """Return the prompts that a profile has.

    `fields` is what `PROMPTS` read. `declared` are the names that the profile gives below `bank`, also of what has
    mistakes in it; None where they cannot be known. The file of prompts is looked for beside the file that names it.
    """
    texts: dict[str, Given[str]] = {}
    names: list[str] | None = []
    paths: tuple[str, ...] = ()
    if "file" in fields:
        place = fields["file"].place
        path = beside(notes.path_at(place), fields["file"].value)
        text = text_of(files, path, place, notes)
        if text is None:
            names = None
        else:
            paths = (path,)
            texts, names = _lines(text, path, notes)
    bank: Mapping[str, Given[str]] = fields["bank"].value if "bank" in fields else {}
    for name, one in bank.items():
        if name in texts:
            notes.error(
                one.key,
                f"a prompt called '{shorten(name)}' is in the file of prompts as well, and only one of them can count",
                "delete one, or give it another name",
                elsewhere=texts[name].key,
            )
        else:
            texts[name] = one
    known = None if names is None or declared is None else [*names, *(one for one in declared if one not in names)]
    slots: list[Given[str]] = fields["slots"].value if "slots" in fields else []
    _check_slots(slots, texts, notes)
    _check_blend(fields, slots, notes)
    words: Mapping[str, Given[Any]] = fields["words"].value if "words" in fields else {}
    method: Method = fields["fade_method"].value if "fade_method" in fields else "linear"
    blend: Method = fields["blend"].value if "blend" in fields else "linear"
    prompts = Prompts(
        {name: one.value for name, one in texts.items()},
        {name: tuple(each.value for each in one.value) for name, one in words.items()},
        fields["fade"].value if "fade" in fields else CUT,
        method,
        blend,
        tuple(one.value for one in slots),
    )
    return Reading(prompts, texts, known, paths)


def _check_slots(slots: list[Given[str]], bank: Mapping[str, Given[str]], notes: Notes) -> None:
    for slot in slots:
        if slot.value in bank:
            notes.error(
                slot.place,
                f"'{shorten(slot.value)}' is a slot and a prompt of the bank, and prompt/{slot.value} can be only one",
                f"give the slot another name, like 'my {slot.value}'",
                elsewhere=bank[slot.value].key,
            )


def _check_blend(fields: Fields, slots: list[Given[str]], notes: Notes) -> None:
    if "blend" not in fields or fields["blend"].value != "slerp" or len(slots) == FEWEST_SLOTS:
        return
    if slots:
        sentence = f"slerp mixes exactly two prompts, and there are {len(slots)} slots"
        hints = ["write blend: linear", f"or keep two: slots: [{slots[0].value}, {slots[1].value}]"]
    else:
        sentence = "slerp mixes two slots, and there are none"
        hints = ["give it two: slots: [base, accent]", "for how prompts fade into each other: fade_method: slerp"]
    notes.error(fields["blend"].place, sentence, *hints)


# The file of prompts.


def _lines(text: str, path: str, notes: Notes) -> tuple[dict[str, Given[str]], list[str]]:
    """Return the prompts in a text file with their places, and all names in it, also those that cannot be taken."""
    lines = lines_of(text)
    moved = notes.include(Notes(lines, path))
    found: dict[str, Given[str]] = {}
    names: list[str] = []
    for number, line in enumerate(lines, moved + 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, said = line.partition(":")
        at = len(name) - len(name.lstrip()) + 1
        key = Place(number, at, number, at + len(name.strip()))
        begin = len(line) - len(said.lstrip()) + 1 if said.strip() else len(line.rstrip()) + 1
        value = Place(number, begin, number, max(begin + 1, len(line.rstrip()) + 1))
        names.append(name.strip())
        if _good_line(name.strip(), bool(colon), said.strip(), key, value, found, notes):
            found[name.strip()] = Given(" ".join(said.split()), value, key)
    if not names:
        notes.warning(
            Place(moved + 1, 1, moved + 1, 1),
            "this file has no prompt",
            "one a line: reef: bioluminescent reef at night",
        )
    return found, names


def _good_line(
    name: str, colon: bool, said: str, key: Place, value: Place, found: Mapping[str, Given[str]], notes: Notes
) -> bool:
    """Note what is wrong with a line of the file of prompts; return whether it is good."""
    if not colon or not name:
        notes.error(
            key if name else value,
            "a line of this file is a name, a colon and the prompt, and here is no name",
            f"write reef: {shorten(said or name, 60)}",
        )
    elif not said:
        notes.error(
            key, f"the prompt '{shorten(name)}' has no text", f"write it after the colon: {name}: rain on glass"
        )
    elif name in RESERVED:
        notes.error(
            key,
            f"a prompt cannot be called '{name}': {RESERVED[name]}",
            f"give it another name, like 'my {name}'",
        )
    elif not re.fullmatch(NAME, name):
        notes.error(
            key,
            f"a prompt cannot be called '{shorten(name)}': {NAME_RULE}",
            "the name is what stands before the first colon of the line",
        )
    elif name in found:
        notes.error(
            key,
            f"a prompt called '{shorten(name)}' is given twice, and only one of them can count",
            "delete one, or give it another name",
            elsewhere=found[name].key,
        )
    else:
        if len(said) > 1 and (said[0] + said[-1] in ("''", '""') or (said[0] in "“„«»‘‚" and said[-1] in "“”«»‘’")):
            notes.warning(
                value,
                "these quotes become part of the prompt: nothing in this file needs any",
                f"write {name}: {shorten(said[1:-1], 60)}",
            )
        return True
    return False
