"""What Scope will make of a target in this profile: what it ignores, what it does not have, what cuts the picture.

None of it is an error: the show starts, and `check` says what it will not do.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from bridge.catalogue import Catalogue
from bridge.profile.building.guards import covered
from bridge.profile.filters import AtMost, Choose, Edge, Every, Levels, Press, Toggle, Wait
from bridge.profile.model import (
    BridgeTarget,
    ImageTarget,
    LoraTarget,
    ParameterTarget,
    PipelineTarget,
    Route,
    Scope,
    Target,
)
from bridge.profile.shapes.shape import shorten
from bridge.profile.source.problems import Notes, Place, nearest
from bridge.profile.targets import traits
from bridge.profile.targets.names import is_plain

_NEAR: Final = 0.7
"""How alike two names of parameters are at least, of which one is probably the other misspelt: a plugin may have any."""
_STEPPING = (AtMost, Choose, Edge, Every, Levels, Press, Toggle, Wait)
"""Filters after which a value changes now and then, and no longer all the time."""


@dataclass(slots=True)
class Effects:
    """Says each thing once, where it is met first."""

    scope: Scope
    catalogue: Catalogue
    smooth: bool
    """Whether LoRAs drift into place."""
    drifting: bool
    """Whether the show starts with a cache that Scope does not manage: nothing cuts then."""
    guarded: Collection[tuple[str, ...]]
    """What has a guard, as `guards.covered` says it."""
    records: bool
    """Whether an output records, or may."""
    notes: Notes
    _said: set[str] = field(default_factory=set)

    def check(self, target: Target, place: Place) -> None:
        """Warn of a target that nothing will come of, or something else than was meant."""
        match target:
            case ParameterTarget(known, node=node) if known.name not in self.catalogue.parameters:
                name = f"{node or ''}/{known.name}"
                why: tuple[str, ...] | None = self._node(node)
                if why is None and self._misspelt(known.name, node, place):
                    return
            case ParameterTarget(known, node=node):
                name = known.name
                why = self._node(node) or self._ignored(target)
            case PipelineTarget(pipeline):
                name = f"pipeline/{pipeline}"
                why = self._no_pipeline(pipeline)
            case BridgeTarget("record"):
                name = "record"
                why = None if self.records else _NOTHING_RECORDS
            case ImageTarget(role):
                name = f"image/{role}"
                why = self._without_vace(name)
            case LoraTarget():
                name = "lora"
                why = self._without_loras()
            case _:
                return
        if why is not None and name not in self._said:
            self._said.add(name)
            self.notes.warning(place, *why)

    def check_moving(self, target: Target, text: str, route: Route, place: Place) -> None:
        """Warn of a signal that would cut the picture with every move, where nothing has been said about that."""
        if not traits.is_cut(target) or any(isinstance(one, _STEPPING) for one in route.filters):
            return
        if traits.is_trigger(target):
            self._each_beat(text, route.signal, place)
            return
        if self.drifting or covered(target) in self.guarded:
            return
        if isinstance(target, ParameterTarget) and target.parameter.name == "denoising_step_list":
            return  # the bridge tells Scope that the schedule is modulated, and then it does not cut
        if isinstance(target, LoraTarget) and self.smooth:
            return
        way_out = (
            "to let it drift into place: loras: {change: smooth}"
            if isinstance(target, LoraTarget)
            else "to let changes drift in: start: {manage_cache: false}"
        )
        self.notes.warning(
            place,
            f"every change of {text} cuts the picture, so it follows this signal only once in 2 s",
            way_out,
            None if "{" in text else f"to set the limit yourself: guard: {{{_key(text)}: {{max_cuts: 1 per bar}}}}",
        )

    def _each_beat(self, text: str, signal: str, place: Place) -> None:
        """Warn of what cuts the picture again and again, whatever anyone on stage does."""
        often = "every turn" if signal.startswith("lfo/") else _OFTEN.get(signal)
        if often is not None:
            self.notes.warning(
                place,
                f"{text} cuts the picture, and {signal} makes it do so on {often}",
                f"now and then is enough: - {{from: {signal}, every: 8, to: {text}}}",
            )

    def _misspelt(self, name: str, node: str | None, place: Place) -> bool:
        """Warn of a parameter that nobody knows and that looks like one that is known; return whether it does."""
        near = nearest(name, [known.name for known in self.catalogue.parameters.values() if is_plain(known)])
        if near is None or SequenceMatcher(None, name.casefold(), near).ratio() < _NEAR:
            return False
        self.notes.warning(
            place,
            f"no parameter is known as '{shorten(name)}', so it is passed on as it comes",
            f"did you mean '{near if node is None else f'node/{node}/{near}'}'?",
            misspelt=True,
        )
        return True

    def _no_pipeline(self, name: str) -> tuple[str, ...] | None:
        """Return why there may be no such pipeline; of one that looks misspelt, that has been said."""
        known = self.catalogue.pipelines
        if name in known or nearest(name, known) is not None:
            return None
        return (
            f"Scope brings no pipeline called '{shorten(name)}'; only a plugin can add it",
            f"there is {shorten(', '.join(known), 80)}",
            "to ask a server for those of its plugins: scope-bridge check --scope http://127.0.0.1:8000",
        )

    def _node(self, node: str | None) -> tuple[str, str] | None:
        if node is None or node == self.scope.pipeline:
            return None
        return (
            f"there is no node called '{shorten(node)}': a single pipeline is a node with its own name",
            f"write node/{self.scope.pipeline}/…",
        )

    def _ignored(self, target: ParameterTarget) -> tuple[str, ...] | None:
        known, scope = target.parameter, self.scope
        name = known.name
        readers = known.readers
        if readers and scope.pipeline in self.catalogue.pipelines and scope.pipeline not in readers:
            only = f"only {readers[0]} reads it" if len(readers) == 1 else f"{', '.join(readers)} read it"
            return f"{name} has no effect on {scope.pipeline}: {only}", "take it out, or load another pipeline"
        if "text" not in known.modes and not scope.video:
            return (
                f"{name} has no effect without video going in: Scope dreams from the prompt alone",
                "give it a source: scope: {video: [cam]}, with cam among the inputs",
            )
        if name == "noise_scale" and scope.vace == "video":
            return (
                "noise_scale has no effect while the video goes through VACE",
                "with vace: images it acts, and the video is what the noise is laid over",
            )
        if name == "vace_context_scale":
            return self._without_vace(name)
        return None

    def _without_vace(self, name: str) -> tuple[str, str] | None:
        loaded = self.scope.load.get("ref_images") or self.scope.load.get("vace_enabled") is True
        if self.scope.vace != "off" or loaded:
            return None
        return (
            f"{name} has no effect without VACE: nothing goes by images or control video",
            "load it: scope: {vace: images}, or {vace: video}",
        )

    def _without_loras(self) -> tuple[str, str] | None:
        info = self.catalogue.pipelines.get(self.scope.pipeline)
        if info is None or info.supports_lora:
            return None
        return f"LoRAs have no effect on {self.scope.pipeline}", "load a pipeline that takes them, like longlive"


_OFTEN: Final = {"tempo/beat": "each beat", "tempo/bar": "each bar", "tempo/phase": "each beat"}
_NOTHING_RECORDS: Final = (
    "nothing records: no output of this profile does",
    'give it one: outputs: {tape: {record: "recordings/{date}.mp4"}}',
)


def _key(text: str) -> str:
    """Return a target as a key between braces."""
    return text if re.fullmatch(r"[\w/.-]+( [\w/.-]+)*", text) else f'"{text}"'
