"""What the `prompts:` of a profile can be, as they are written.

prompts:
  fade: 4 chunks
  file: prompts.txt              # one prompt a line, `name: text`; nothing to quote
  bank: {neon: "rain on neon glass, {mood}"}
  words: {mood: [calm, tense]}
  slots: [base, accent]
"""

import re
from dataclasses import dataclass
from typing import Final

from bridge.profile.durations import Duration, Unit
from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, shorten
from bridge.profile.shapes.structures import Field, Fields, Given, ListOf, Record, Table
from bridge.profile.shapes.values import Choice, Length, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes

NAME: Final = r"[^/{}\[\]*]+"
NAME_RULE: Final = "a name has no / * { } [ ]"
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

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Duration | None:
        text = node.text.strip() if isinstance(node, nodes.Scalar) else ""
        if re.fullmatch(r"[0-9]+", text) and text.strip("0"):
            hint = f"with its unit: {text} chunks, or {text} bars" if text != "1" else None
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

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Given[str]] | None:
        if isinstance(node, nodes.Sequence) and not FEWEST_SLOTS <= len(node.items) <= MOST_SLOTS:
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
            "items": {"type": "string", "pattern": f"^(?:{NAME})$", "not": {"enum": list(RESERVED)}},
            "minItems": FEWEST_SLOTS,
            "maxItems": MOST_SLOTS,
            "uniqueItems": True,
        }

    def _good(self, slot: Given[str], notes: Notes) -> bool:
        if slot.value in RESERVED:
            sentence, hint = RESERVED[slot.value], f"give it another name, like 'my {slot.value}'"
        elif not re.fullmatch(NAME, slot.value):
            sentence, hint = NAME_RULE, "for example: slots: [base, accent]"
        else:
            return True
        notes.error(slot.place, f"a slot cannot be called '{shorten(slot.value)}': {sentence}", hint)
        return False


PROMPTS = Record(
    "prompts",
    (
        Field(
            "bank",
            Table("a prompt", Text(), NAME, reserved=RESERVED, examples="bioluminescent reef at night"),
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

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fields | None:
        if not isinstance(node, nodes.Mapping) and not is_nothing(node) and not isinstance(node, nodes.Unreadable):
            items = node.items if isinstance(node, nodes.Sequence) else (node,)
            first = items[0] if items else node
            text = f'"{shorten(first.text)}"' if isinstance(first, nodes.Scalar) else "bioluminescent reef at night"
            notes.error(
                node.place,
                "prompts have names, which routes and scenes call them by, and this is "
                f"{'a list' if isinstance(node, nodes.Sequence) else 'text'}",
                f"write prompts: {{bank: {{first: {text}}}}}",
            )
            return None
        return PROMPTS.read(node, notes, subject)

    def schema(self) -> Json:
        return PROMPTS.schema()
