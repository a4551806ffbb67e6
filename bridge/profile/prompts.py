"""What the `prompts:` of a profile can be, and the file of prompts beside it.

prompts:
  fade: 4 chunks
  file: prompts.txt              # one prompt a line, `name: text`; nothing to quote
  bank: {neon: "rain on neon glass, {mood}"}
  words: {mood: [calm, tense]}
  slots: [base, accent]
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.profile import source
from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.model import Method, Prompts
from bridge.profile.problems import Notes, Place, lines_of
from bridge.profile.reach import Files, beside, text_of
from bridge.profile.shapes import Json, Subject, is_nothing, refuse, shorten
from bridge.profile.structures import Field, Fields, Given, ListOf, Record, Table
from bridge.profile.values import Choice, Length, Text

PLACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
"""Where a prompt names a word, as its group 1; `{{` and `}}` are braces and have none."""
_NAME: Final = r"[^/{}\[\]*]+"
_NAME_RULE: Final = "a name has no / * { } [ ]"
RESERVED: Final = {
    "next": "prompt/next steps through the bank",
    "previous": "prompt/previous steps through the bank",
    "random": "prompt/random takes any of the bank",
}
"""Names that would clash with a target, with the reason."""
FEWEST_SLOTS: Final = 2
MOST_SLOTS: Final = 4


@dataclass(frozen=True, slots=True)
class Fade:
    """How long a change of prompt takes."""

    what: str = "cut, or a time like 4 chunks, 2 s, 1 beat or 2 bars"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Duration | None:
        text = node.text.strip() if isinstance(node, source.Scalar) else ""
        if re.fullmatch(r"[0-9]+", text):
            hint = f"with its unit: {text} chunks, or {text} bars" if text not in {"0", "1"} else None
            refuse(node, notes, subject, self.what, hint)
            return None
        length = Length(self.what).read(node, notes, subject)
        if length is None or length.unit is not Unit.CHUNKS:
            return length
        if length.amount == 1:
            notes.error(
                node.place,
                "Scope cannot fade in 1 chunk: it would never reach the new prompt",
                "write 2 chunks, or cut",
            )
        elif length.amount < 2:
            notes.error(node.place, "a fade takes at least 2 chunks", "to change at once, write cut")
        elif not length.amount.is_integer():
            notes.error(node.place, "a fade takes whole chunks", f"write {round(length.amount)} chunks")
        else:
            return length
        return None

    def schema(self) -> Json:
        schema = Length(self.what).schema()
        return {**schema, "not": {"pattern": r"^(?:chunk|[01](?:\.[0-9]+)? ?chunks?|[0-9]+\.[0-9]+ ?chunks?)$"}}


@dataclass(frozen=True, slots=True)
class Slots:
    """The names of prompts that are mixed in space."""

    what: str = "a list of two to four names"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> list[Given[str]] | None:
        if isinstance(node, source.Sequence) and not FEWEST_SLOTS <= len(node.items) <= MOST_SLOTS:
            notes.error(
                node.place,
                f"{subject.called} takes {self.what}, not {len(node.items)}",
                "with one prompt at a time there is nothing to mix: take slots out" if len(node.items) < 2 else None,
                subject.hint,
            )
            return None
        slots = ListOf(Text("the name of a slot"), "slots", distinct=True).read(node, notes, subject)
        if slots is None:
            return None
        good = [one for one in slots if self._good(one, notes)]
        return good if len(good) == len(slots) >= FEWEST_SLOTS else None

    def schema(self) -> Json:
        return {
            "type": "array",
            "items": {"type": "string", "pattern": f"^(?:{_NAME})$", "not": {"enum": list(RESERVED)}},
            "minItems": FEWEST_SLOTS,
            "maxItems": MOST_SLOTS,
            "uniqueItems": True,
        }

    def _good(self, slot: Given[str], notes: Notes) -> bool:
        if slot.value in RESERVED:
            sentence, hint = RESERVED[slot.value], f"give it another name, like 'my {slot.value}'"
        elif not re.fullmatch(_NAME, slot.value):
            sentence, hint = _NAME_RULE, "for example: slots: [base, accent]"
        else:
            return True
        notes.error(slot.place, f"a slot cannot be called '{shorten(slot.value)}': {sentence}", hint)
        return False


PROMPTS = Record(
    "prompts",
    (
        Field(
            "bank",
            Table("a prompt", Text(), _NAME, reserved=RESERVED, examples="bioluminescent reef at night"),
            "Prompts by name. A `{word}` in one stands for the word of that name; `{{` is a brace.",
            "{reef: bioluminescent reef at night}",
        ),
        Field(
            "file",
            Text("the path of a text file"),
            "A text file beside the profile with more prompts for the bank, one a line: `name: text`. Nothing needs "
            "quotes there; empty lines and those that begin with `#` are skipped. Its prompts come before those of `bank`.",
            "prompts.txt",
        ),
        Field(
            "words",
            Table(
                "a word",
                ListOf(Text(), "choices", distinct=True),
                examples="[calm, tense]",
            ),
            "Words that prompts contain as `{name}`, with their choices; the first is where a word starts.",
            "{mood: [calm, tense, ecstatic]}",
        ),
        Field(
            "slots",
            Slots(),
            "Two to four prompts at once, mixed by their weights: `prompt/<slot>/text` and `prompt/<slot>/weight`. The "
            "first has all the weight at the start, and `prompt` means its text.",
            "[base, accent]",
            default="one prompt at a time",
        ),
        Field(
            "fade",
            Fade(),
            "How a change of prompt arrives: `cut`, or over a time, which becomes whole chunks, 2 at least.",
            "4 chunks",
            default="cut",
        ),
        Field(
            "fade_method",
            Choice(("linear", "slerp")),
            "How the old prompt and the new one mix while one fades into the other.",
            "slerp",
            default="linear",
        ),
        Field(
            "blend",
            Choice(("linear", "slerp")),
            "How slots mix: `slerp` keeps the strength of both, and takes exactly two slots.",
            "linear",
            default="linear",
        ),
    ),
    aliases={"prompts": "bank", "transition": "fade", "texts": "bank", "method": "fade_method", "mix": "blend"},
)


@dataclass(frozen=True, slots=True)
class PromptsShape:
    """What `PROMPTS` takes; a list of texts, which is what one thinks of first, is answered with what to write."""

    @property
    def what(self) -> str:
        return PROMPTS.what

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Fields | None:
        if not isinstance(node, source.Mapping) and not is_nothing(node) and not isinstance(node, source.Unreadable):
            items = node.items if isinstance(node, source.Sequence) else (node,)
            first = items[0] if items else node
            text = f'"{shorten(first.text)}"' if isinstance(first, source.Scalar) else "bioluminescent reef at night"
            notes.error(
                node.place,
                "prompts have names, which routes and scenes call them by, and this is "
                f"{'a list' if isinstance(node, source.Sequence) else 'text'}",
                f"write prompts: {{bank: {{first: {text}}}}}",
            )
            return None
        return PROMPTS.read(node, notes, subject)

    def schema(self) -> Json:
        return PROMPTS.schema()


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
    elif not re.fullmatch(_NAME, name):
        notes.error(
            key,
            f"a prompt cannot be called '{shorten(name)}': {_NAME_RULE}",
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
        if len(said) > 1 and said[0] in "\"'" and said[0] == said[-1]:
            notes.warning(
                value,
                "these quotes become part of the prompt: nothing in this file needs any",
                f"write {name}: {shorten(said[1:-1], 60)}",
            )
        return True
    return False
