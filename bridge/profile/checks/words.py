"""Whether prompts and words agree: every `{word}` that a prompt says is one that something sets, and the other way."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.profile.building.routes.wiring import Wired
from bridge.profile.model import PLACES, PromptTarget, SlotTarget, WordTarget
from bridge.profile.shapes.shape import shorten
from bridge.profile.source.problems import Notes, Place, nearest
from bridge.profile.targets.traits import bare


class Said(NamedTuple):
    """A prompt of the profile."""

    text: str
    place: Place


@dataclass(slots=True)
class Words:
    """The words of a profile."""

    known: Collection[str] | None
    """Those with choices, and those that something sets; None: not all could be read."""
    notes: Notes
    _said: set[str] = field(default_factory=set)
    _warned: set[str] = field(default_factory=set)

    def check(self, prompts: Iterable[Said], routes: Iterable[Wired]) -> None:
        """Note words that prompts say and nothing sets, and words that are set and no prompt says."""
        for text, place in prompts:
            self._check_braces(text, place)
            for found in PLACES.finditer(text):
                name = found[1]
                if name is None:
                    continue
                self._said.add(name.strip())
                if self.known is not None and name.strip() not in self.known:
                    self._unknown(name, place, self.known)
        self._check_unsaid(list(routes))

    def _check_braces(self, text: str, place: Place) -> None:
        """Warn of a brace without its partner, which begins or ends no word."""
        rest = PLACES.sub(lambda found: " " * len(found[0]), text)
        stray = re.search(r"[{}]", rest)
        if stray is None:
            return
        brace, at = stray[0], stray.start()
        around = re.match(r"\{\w*", text[at:]) if brace == "{" else re.search(r"\w*\}$", text[: at + 1])
        piece = around[0] if around else brace
        name = piece.strip("{}")
        self.notes.warning(
            located(piece, place, self.notes),
            f"this {brace} has no {'}' if brace == '{' else '{'} that belongs to it, so Scope reads it as it stands",
            f"for a word, write {{{name or 'mood'}}}",
            f"for a brace in the text, write it twice: {brace}{brace}",
        )

    def _unknown(self, name: str, place: Place, known: Collection[str]) -> None:
        at = located("{" + name + "}", place, self.notes)
        if not name.strip():
            self.notes.error(
                at, "there is no word between these braces", "for braces in the text, write them twice: {{ }}"
            )
            return
        near = nearest(name.strip(), known)
        self.notes.error(
            at,
            f"there is no word called '{shorten(name)}'",
            f"did you mean '{{{near}}}'?" if near else None,
            None if near else f"give it choices: words: {{{name.strip()}: [calm, tense]}}",
            None if near else "for braces in the text, write them twice: {{ }}",
        )

    def _check_unsaid(self, routes: list[Wired]) -> None:
        if any(isinstance(bare(one.sample), PromptTarget | SlotTarget) for one in routes):
            return  # a prompt from outside may contain any word
        for one in routes:
            match None if one.route.target is None else bare(one.route.target):
                case WordTarget(word) if word not in self._said and word not in self._warned:
                    self._warned.add(word)
                    self.notes.warning(
                        one.target,
                        f"no prompt contains {{{word}}}, so this changes nothing",
                        f"put {{{word}}} into a prompt, in quotes if it comes first",
                    )


def located(piece: str, place: Place, notes: Notes) -> Place:
    """Return where `piece` stands at or after the beginning of `place`; the place itself if it is not found."""
    column = place.column
    for line in range(place.line, len(notes.lines) + 1):
        index = notes.lines[line - 1].find(piece, column - 1)
        if index >= 0:
            return Place(line, index + 1, line, index + 1 + len(piece))
        column = 1
    return place
