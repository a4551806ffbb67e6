"""PURE. The mappings of a show's Scopes: one for each, all fed the same.

    ensemble = Ensemble(profile)
    ensemble.feed(Batch(12.0, [("td/noise", (0.43,)), ("left/noise_scale", (0.9,))]))
    ensemble.parts["left"].take(12.0)          # what a chunk of the Scope called `left` gets

Every part plays the whole show: the same scenes, cues, pages, tempo and choices; so `undo`, snapshots and panic mean the
same everywhere. Each knows its own server: how long its chunks are, its latency, its state. So a cue that waits for a
line acts in each part as much sooner as that part's picture is late, and a route `when: scope/state` acts in those
whose server is in that state: what such a route lets happen, a random choice or something to undo, its part then has
alone. What the outputs do is said once, by the first part.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.mapping.board import Values
from bridge.mapping.engine import Effects
from bridge.mapping.engine import Mapping as Part
from bridge.mapping.reports import RouteState
from bridge.mapping.scoped import only
from bridge.mapping.surface import ControlState
from bridge.profile.model import OfScope, Profile
from bridge.profile.targets import lookup
from bridge.signals import Batch, Sample
from bridge.verbs import RunPipeline, SaveScene, ServerRecord, Standby, UseSource, Verb

_SCOPES = "scopes"
"""Where the state of several parts is, by name."""


class Ensemble:
    """The parts of a show. With one Scope that has no name there is one part, called "", and nothing is different."""

    def __init__(self, profile: Profile, parts: Mapping[str, Part] | None = None, left: Effects | None = None) -> None:
        """Begin at the profile's start values; or with `parts` that play already, by name, and the effects that those
        before them have `left` over."""
        self._profile = profile
        names = tuple(profile.scopes) or ("",)
        self.parts: Mapping[str, Part] = parts or {name: Part(only(profile, name)) for name in names}
        """By the name of their Scope, in the profile's order."""
        self.lead = self.parts[names[0]]
        """The part of the first Scope: what all have in common can be asked of it."""
        self._single = names == ("",)
        self._prefixes = tuple(f"{name}/scope/" for name in names)
        self._left = left

    # What others ask

    def feed(self, batch: Batch) -> Effects:
        """Return what `batch` brings about. A signal `<name>/scope/...` says how that Scope is doing, and is heard by its
        own part as `scope/...` as well."""
        if self._single and self._left is None:
            return self.lead.feed(batch)
        if not any(path.startswith(self._prefixes) for path, _ in batch.samples):
            return self._together({name: part.feed(batch) for name, part in self.parts.items()})
        return self._together(
            {name: part.feed(Batch(batch.time, _heard_by(name, batch.samples))) for name, part in self.parts.items()}
        )

    def tick(self, now: float) -> Effects:
        """Return what the passing of time brings about."""
        if self._single and self._left is None:
            return self.lead.tick(now)
        return self._together({name: part.tick(now) for name, part in self.parts.items()})

    @property
    def moving(self) -> bool:
        """Whether anything would change by itself as time passes: then `tick` is wanted."""
        return any(part.moving for part in self.parts.values())

    def waiting(self, name: str = "") -> bool:
        """Return whether there is something that the Scope called `name` is to be told."""
        return self.parts[name].waiting

    def knows(self, path: str) -> bool:
        """Return whether a signal of that path has an effect."""
        known = [part.knows(path) for part in self.parts.values()]  # all are asked: so they come to know the same
        if any(known):
            return True
        name, _, own = path.partition("/")
        return own.startswith("scope/") and name in self.parts and self.parts[name].knows(own)

    def states(self) -> list[RouteState]:
        """Return how the profile's routes stand, in its order: each as it is where it acts, which is the first part for
        those that act in all."""
        states = self.lead.states()
        if self._single:
            return states
        theirs: dict[tuple[str, str, str], deque[RouteState]] = {}
        for name, part in self.parts.items():
            for state in part.states():
                if state.scope == name:
                    theirs.setdefault((name, state.signal, state.target), deque()).append(state)
        found = ((state, theirs.get((state.scope, state.signal, state.target))) for state in states)
        return [its.popleft() if its else state for state, its in found]

    def controls(self, paths: Sequence[str]) -> dict[str, ControlState]:
        """Return how it is with the controls whose signals these are, as `Mapping.controls` does: of each as it is where it
        acts, which is the first part for those that act in all."""
        if self._single:
            return self.lead.controls(paths)
        by_part: dict[str, list[str]] = {}
        for path in paths:
            by_part.setdefault(self.lead.acts_on(path), []).append(path)
        found: dict[str, ControlState] = {}
        for name, theirs in by_part.items():
            found |= self.parts.get(name, self.lead).controls(theirs)
        return {path: found[path] for path in paths if path in found}

    def spoken(self) -> dict[str, object]:
        """Return the prompts that each Scope is to have by now, by its name."""
        return {name: part.prompter.spoken() for name, part in self.parts.items()}

    # What the parts do together

    def _together(self, effects: Mapping[str, Effects]) -> Effects:
        lead, *others = effects.values()
        together = Effects()
        if self._left is not None:
            together, self._left = self._left, None
        for verb in lead.verbs:
            together.verbs.append(self._joint(verb, effects) if isinstance(verb, SaveScene) else verb)
        together.refused += lead.refused
        for other in others:
            together.verbs += (verb for verb in other.verbs if _of_one_scope(verb))
            together.refused += (reason for reason in other.refused if reason not in together.refused)
        return together

    def _joint(self, saved: SaveScene, effects: Mapping[str, Effects]) -> SaveScene:
        """Return the scene as all parts have it: what they do not agree about, by the name of each."""
        values: dict[str, Mapping[str, Any]] = {}
        for name, part in self.parts.items():
            verbs = (verb for verb in effects[name].verbs if isinstance(verb, SaveScene) and verb.name == saved.name)
            own = next(verbs, None)
            values[name] = part.scene() if own is None else own.values
        joint: Values = {}
        apart: Values = {}
        for text in dict.fromkeys(text for each in values.values() for text in each):
            found = {name: each[text] for name, each in values.items() if text in each}
            first = next(iter(found.values()))
            if len(found) == len(values) and all(value == first for value in found.values()):
                joint[text] = first
            elif isinstance(lookup.named(f"{next(iter(found))}/{text}", self._profile), OfScope):
                apart |= {f"{name}/{text}": value for name, value in found.items()}
            elif text in saved.values:
                joint[text] = saved.values[text]  # nobody can say it of one Scope alone
        return replace(saved, values=joint | apart)

    # A reload, a restart

    def reloaded(self, profile: Profile, now: float) -> "Ensemble":
        """Return what plays `profile` from `now` on, where this was: each part by its name. A Scope that is new begins
        where the first one is; nothing may be asked of this any more."""
        names = tuple(profile.scopes) or ("",)
        if self._single and self._left is None and names == ("",):
            return Ensemble(profile, {"": self.lead.reloaded(profile, now)})
        left = self.tick(now)
        seen = {name: only(profile, name) for name in names}
        # Those that join do it first: a part that is played by another has given its things away.
        parts = {name: self.lead.joined(seen[name], now) for name in names if name not in self.parts}
        parts |= {name: self.parts[name].reloaded(seen[name], now) for name in names if name in self.parts}
        return Ensemble(profile, {name: parts[name] for name in names}, left)

    def state(self) -> dict[str, Any]:
        """Return what is live, as JSON can hold it: what `resume` goes on from."""
        if self._single:
            return self.lead.state()
        return {_SCOPES: {name: part.state() for name, part in self.parts.items()}}

    def resume(self, state: dict[str, Any], now: float = 0.0) -> None:
        """Go on from what `state` returned before a restart, as `Mapping.resume` does.

        A Scope that was not there then goes on from where the first one was; so do all of them from the state of a show
        that had one, and that one from the state of a show that had several.
        """
        found = state.get(_SCOPES)
        kept = {name: each for name, each in found.items() if isinstance(each, dict)} if isinstance(found, dict) else {}
        first = next(iter(kept.values()), state)
        for name, part in self.parts.items():
            part.resume(kept.get(name, first), now)


def _heard_by(name: str, samples: Iterable[Sample]) -> list[Sample]:
    """Return the samples as the part called `name` hears them."""
    own = f"{name}/scope/"
    heard: list[Sample] = []
    for path, values in samples:
        heard.append((path, values))
        if path.startswith(own):
            heard.append((path.removeprefix(f"{name}/"), values))
    return heard


def _of_one_scope(verb: Verb) -> bool:
    """Return whether a verb says what one Scope is to do, and not the bridge as a whole."""
    return isinstance(verb, RunPipeline | UseSource | Standby | ServerRecord)
