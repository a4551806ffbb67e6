"""PURE. The targets of a profile, each with what it takes, found by a part of its name.

found = search(choices(profile), "noi")
[one.text for one in found]       # ["noise_scale", "noise_controller", …]
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.parameters import PARAMETERS
from bridge.profile.model import OfScope, ParameterTarget, Profile, Target
from bridge.profile.targets import traits
from bridge.profile.targets.lookup import every, named
from bridge.profile.targets.names import is_plain

SHOWN: Final = 12
"""Targets that are listed at once."""
_LIKE: Final = 0.7
"""How alike two names are that are near each other, of 1."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A target that something can be led to."""

    text: str
    target: Target
    takes: str
    """What it takes, in words: `a number from 0 to 1`."""
    read: bool
    """Whether the pipelines of the profile read it; all that is the bridge's own is read."""


def choices(profile: Profile) -> list[Choice]:
    """Return every target that the profile's own names, and those of Scope, make."""
    found: dict[str, Choice] = {}
    for text in _texts(profile):
        choice = choice_of(text, profile)
        if choice is not None:
            found.setdefault(text, choice)
    return list(found.values())


def choice_of(text: str, profile: Profile) -> Choice | None:
    """Return the target that a text names; None if it names none."""
    target = named(text, profile)
    if target is None:
        return None
    return Choice(text, target, traits.takes(target, profile.prompts.words), _is_read(target, profile))


def search(among: Sequence[Choice], typed: str) -> list[Choice]:
    """Return the targets whose names have all the words of `typed` in them, the nearest first, those nothing reads last;
    if there are none, those that are called nearly so. Nothing typed finds all."""
    words = typed.casefold().split()
    having = [one for one in among if all(word in one.text.casefold() for word in words)]
    if having or not words:
        return sorted(having, key=lambda one: (not one.read, _distance(one.text.casefold(), words)))
    wanted = "".join(words)
    likeness = {
        one.text: max(
            difflib.SequenceMatcher(None, wanted, piece).ratio()
            for piece in (one.text.casefold(), *re.split("[/_]", one.text.casefold()))
        )
        for one in among
    }
    near = [one for one in among if likeness[one.text] >= _LIKE]
    return sorted(near, key=lambda one: (not one.read, -likeness[one.text]))


def _distance(text: str, words: Sequence[str]) -> int:
    """Return how far a name is from what was typed: the same, begins so, a part of it begins so, has it somewhere."""
    if text == " ".join(words):
        return 0
    if not words or text.startswith(words[0]):
        return 1
    return 2 if any(piece.startswith(words[0]) for piece in re.split("[/_]", text)) else 3


def _texts(profile: Profile) -> Iterator[str]:
    yield from every(profile)
    yield "denoising_step_list[1]"
    known = profile.catalogue.parameters
    yield from (f"param/{name}" for name in known if not (name in PARAMETERS and is_plain(PARAMETERS[name])))
    yield from (f"pipeline/{name}" for name in _pipelines(profile))


def _pipelines(profile: Profile) -> Iterable[str]:
    """Return the pipelines that the profile runs, one after another or beside each other."""
    scopes = profile.scopes.values() or (profile.scope,)
    return dict.fromkeys(node.pipeline for scope in scopes for node in scope.nodes)


def _is_read(target: Target, profile: Profile) -> bool:
    inner = target.target if isinstance(target, OfScope) else target
    if not isinstance(inner, ParameterTarget) or not inner.parameter.readers:
        return True
    return any(name in inner.parameter.readers for name in _pipelines(profile))
