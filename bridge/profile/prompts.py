"""What the `prompts:` of a profile can be."""

import re
from dataclasses import dataclass
from typing import Final

from bridge.profile import later, source
from bridge.profile.problems import Notes
from bridge.profile.shapes import Json, Subject, refuse
from bridge.profile.structures import Field, ListOf, Record, Table
from bridge.profile.values import Text

PLACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
"""Where a prompt names a word, as its group 1; `{{` and `}}` are braces and have none."""


@dataclass(frozen=True, slots=True)
class Fade:
    """How many chunks a change of prompt takes; 0 is a cut."""

    what: str = "cut, or a number of chunks from 2 on, like 4 chunks"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> int | None:
        text = node.text.strip() if isinstance(node, source.Scalar) else ""
        if text == "cut":
            return 0
        if found := re.fullmatch(r"([0-9]{1,4}) ?chunks?", text):
            chunks = int(found[1])
            if chunks == 1:
                notes.error(
                    node.place,
                    "Scope cannot fade in 1 chunk: it would never reach the new prompt",
                    "write 2 chunks, or cut",
                )
                return None
            if chunks == 0:
                notes.error(node.place, "a fade takes at least 2 chunks", "to change at once, write cut")
                return None
            return chunks
        if re.fullmatch(r"[0-9.]+ ?(ms|s|beats?|bars?)", text):
            notes.error(
                node.place, "a fade in seconds, beats or bars comes with a later version", "for example: fade: 4 chunks"
            )
            return None
        unit = f"with its unit: {text} chunks" if re.fullmatch(r"[0-9]+", text) and text not in {"0", "1"} else None
        refuse(node, notes, subject, self.what, unit)
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^(cut|([2-9]|[1-9][0-9]{1,3}) ?chunks?)$"}


PROMPTS = Record(
    "prompts",
    (
        Field(
            "bank",
            Table(
                "a prompt",
                Text(),
                reserved={
                    name: "prompt/" + name + " will step through the bank" for name in ("next", "previous", "random")
                },
                examples="bioluminescent reef at night",
            ),
            "Prompts by name. A `{word}` in one stands for the word of that name; `{{` is a brace.",
            "{reef: bioluminescent reef at night}",
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
            "fade",
            Fade(),
            "How a change of prompt arrives: `cut`, or over some chunks.",
            "4 chunks",
            default="cut",
        ),
    ),
    later=later.PROMPTS,
    aliases={"prompts": "bank", "transition": "fade", "texts": "bank"},
)
