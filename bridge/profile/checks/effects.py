"""What Scope will make of a target in this profile: what it ignores, what it does not have, what cuts the picture.

None of it is an error: the show starts, and `check` says what it will not do.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Final

from bridge.catalogue import Catalogue
from bridge.profile.building.graphs import controlled
from bridge.profile.building.guards import covered
from bridge.profile.filters import AtMost, Choose, Edge, Every, Levels, Press, Toggle, Wait
from bridge.profile.model import (
    BridgeTarget,
    ImageTarget,
    LoraTarget,
    OfScope,
    OutputTarget,
    ParameterTarget,
    PipelineTarget,
    Route,
    Scope,
    Target,
)
from bridge.profile.outputs import OutputOptions, Recording, keyed
from bridge.profile.shapes.shape import shorten
from bridge.profile.source.problems import Notes, Place, nearest
from bridge.profile.targets import traits
from bridge.profile.targets.names import is_plain
from bridge.verbs import ALL

_NEAR: Final = 0.7
"""How alike two names of parameters are at least, of which one is probably the other misspelt: a plugin may have any."""
_STEPPING = (AtMost, Choose, Edge, Every, Levels, Press, Toggle, Wait)
"""Filters after which a value changes now and then, and no longer all the time."""


@dataclass(slots=True)
class Effects:
    """Says each thing once, where it is met first."""

    scopes: Mapping[str, Scope]
    """By name, the only one by an empty one. What is meant for all must do something for one of them."""
    catalogue: Catalogue
    smooth: bool
    """Whether LoRAs drift into place."""
    drifting: Collection[str]
    """The Scopes, empty for all, that start with a cache which Scope does not manage: nothing cuts then."""
    guarded: Collection[tuple[str, ...]]
    """What has a guard, as `guards.covered` says it."""
    outputs: Mapping[str, OutputOptions] | None
    """By name; None: not all of them are known."""
    notes: Notes
    _said: set[str] = field(default_factory=set)

    def check(self, target: Target, place: Place, *, sample: bool = False) -> None:
        """Warn of a target that nothing will come of, or something else than was meant.

        A `sample` is one of those that a route's target may become: it may be any node's.
        """
        known = traits.bare(target)
        if sample and isinstance(known, ParameterTarget):
            known = replace(known, node=None)
        if self._misspelt(known, place):
            return
        found = [self._nothing(known, scope) for scope in self._meant(target)]
        whys = [one for one in found if one is not None]
        if not whys or len(whys) < len(found):
            return
        name, why = whys[0]
        if isinstance(target, OfScope):
            name = f"{target.scope}/{name}"
        if name not in self._said:
            self._said.add(name)
            self.notes.warning(place, *why)

    def _meant(self, target: Target) -> list[Scope]:
        """Return the Scopes that a target is for."""
        if not isinstance(target, OfScope):
            return list(self.scopes.values())
        return [self.scopes[target.scope]] if target.scope in self.scopes else []

    def _nothing(self, target: Target, scope: Scope) -> tuple[str, tuple[str, ...]] | None:
        """Return what nothing will come of in a Scope, and why; None: something will."""
        why: tuple[str, ...] | None
        match target:
            case ParameterTarget(known, node=node):
                name = f"{node}/{known.name}" if node is not None else known.name
                why = self._no_node(node, scope)
                if why is None and known.name in self.catalogue.parameters:
                    name, why = known.name, self._ignored(target, scope)
            case PipelineTarget(pipeline):
                name, why = f"pipeline/{pipeline}", self._no_pipeline(pipeline, scope)
            case BridgeTarget("record"):
                name, why = "record", None if self._records() else _NOTHING_RECORDS
            case BridgeTarget("bypass"):
                name, why = "bypass", None if scope.video or scope.sources else _nothing_passes(scope)
            case OutputTarget(output, "key"):
                name, why = f"output/{output}/key", self._without_key(output)
            case ImageTarget(role):
                name = f"image/{role}"
                why = self._without_vace(name, scope)
            case LoraTarget():
                name, why = "lora", self._without_loras(scope)
            case _:
                return None
        return None if why is None else (name, why)

    def check_moving(self, target: Target, text: str, route: Route, place: Place) -> None:
        """Warn of a signal that would cut the picture with every move, where nothing has been said about that."""
        if not traits.is_cut(target) or any(isinstance(one, _STEPPING) for one in route.filters):
            return
        if traits.is_trigger(target):
            self._each_beat(text, route.signal, place)
            return
        known = traits.bare(target)
        if self._drifts(target) or covered(target) in self.guarded or covered(known) in self.guarded:
            return
        if isinstance(known, ParameterTarget) and known.parameter.name == "denoising_step_list":
            return  # the bridge tells Scope that the schedule is modulated, and then it does not cut
        if isinstance(known, LoraTarget) and self.smooth:
            return
        way_out = (
            "to let it drift into place: loras: {change: smooth}"
            if isinstance(known, LoraTarget)
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

    def _misspelt(self, target: Target, place: Place) -> bool:
        """Warn of a parameter that nobody knows and that looks like one that is known; return whether it does."""
        if not isinstance(target, ParameterTarget) or target.parameter.name in self.catalogue.parameters:
            return False
        name, node = target.parameter.name, target.node
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

    def _drifts(self, target: Target) -> bool:
        """Return whether nothing cuts, where a target is for."""
        return "" in self.drifting or (isinstance(target, OfScope) and target.scope in self.drifting)

    def _no_pipeline(self, name: str, scope: Scope) -> tuple[str, ...] | None:
        """Return why there may be no such pipeline, or none to change; of one that looks misspelt, that has been said."""
        if scope.chain:
            return (
                f"a {'chain' if scope.graph is None else 'graph'} runs as it is, and 'pipeline/{shorten(name)}' does nothing",
                f"with one pipeline it changes which one runs: {_written(scope, 'pipeline: longlive')}",
            )
        known = self.catalogue.pipelines
        if name in known or nearest(name, known) is not None:
            return None
        return (
            f"Scope brings no pipeline called '{shorten(name)}'; only a plugin can add it",
            f"there is {shorten(', '.join(known), 80)}",
            "to ask a server for those of its plugins: scope-bridge check --scope http://127.0.0.1:8000",
        )

    def _no_node(self, node: str | None, scope: Scope) -> tuple[str, str] | None:
        """Return why nothing comes to a node: it may be one that only another pipeline is."""
        if node is None or any(one.id == node for one in scope.nodes):
            return None
        return (
            f"there is no node called '{shorten(node)}': a single pipeline is a node with its own name",
            f"write node/{scope.pipeline}/…",
        )

    def _ignored(self, target: ParameterTarget, scope: Scope) -> tuple[str, ...] | None:
        known = target.parameter
        name = known.name
        readers = known.readers
        ran = [one.pipeline for one in scope.nodes if target.node is None or one.id == target.node]
        if readers and all(one in self.catalogue.pipelines and one not in readers for one in ran):
            only = f"only {readers[0]} reads it" if len(readers) == 1 else f"{', '.join(readers)} read it"
            return f"{name} has no effect on {' and '.join(ran)}: {only}", "take it out, or load another pipeline"
        if "text" not in known.modes and not takes_video(scope):
            return (
                f"{name} has no effect without video going in: Scope dreams from the prompt alone",
                f"give it a source: {_written(scope, 'video: [cam]')}, with cam among the inputs",
            )
        if name == "noise_scale" and scope.vace == "video" and scope.graph is None:
            return (
                "noise_scale has no effect while the video goes through VACE",
                "with vace: images it acts, and the video is what the noise is laid over",
            )
        if name == "beat_cache_reset_rate" and scope.tempo == "off":
            return (
                "beat_cache_reset_rate goes by Scope's own tempo, and that is off",
                f"switch it on: {_written(scope, 'tempo: link')}",
                "or reset by the tempo of the show: - {from: tempo/bar, every: 4, to: reset_cache}",
            )
        if name == "vace_context_scale":
            return self._without_vace(name, scope)
        return None

    def _without_vace(self, name: str, scope: Scope) -> tuple[str, str] | None:
        loaded = scope.load.get("ref_images") or scope.load.get("vace_enabled") is True
        if scope.vace != "off" or loaded or (scope.graph is not None and controlled(scope.graph)):
            return None
        return (
            f"{name} has no effect without VACE: nothing goes by images or control video",
            f"load it: {_written(scope, 'vace: images')}, or {{vace: video}}",
        )

    def _records(self) -> bool:
        """Return whether an output records, or may."""
        return self.outputs is None or any(isinstance(one, Recording) for one in self.outputs.values())

    def _without_key(self, output: str) -> tuple[str, str] | None:
        """Return why the threshold of an output's key, or of all of them, does nothing."""
        if self.outputs is None or (output != ALL and output not in self.outputs):
            return None
        meant = self.outputs.values() if output == ALL else [self.outputs[output]]
        if any(keyed(one) for one in meant):
            return None
        what = "no output of this profile has a key" if output == ALL else f"the output '{output}' has no key"
        return (
            f"{what}, so output/{shorten(output)}/key does nothing: nothing of the picture is transparent",
            "give an NDI, Spout or Syphon output one: {ndi: Scope Bridge, alpha: luma}",
        )

    def _without_loras(self, scope: Scope) -> tuple[str, str] | None:
        info = self.catalogue.pipelines.get(scope.pipeline)
        if info is None or info.supports_lora:
            return None
        return f"LoRAs have no effect on {scope.pipeline}", "load a pipeline that takes them, like longlive"


def _written(scope: Scope, said: str) -> str:
    """Return how something is said of a Scope."""
    return f"scopes: {{{scope.name}: {{{said}}}}}" if scope.name else f"scope: {{{said}}}"


def _nothing_passes(scope: Scope) -> tuple[str, str]:
    return (
        "bypass does nothing without video going in: there is nothing to show past Scope",
        f"give it a source: {_written(scope, 'video: [cam]')}, with cam among the inputs",
    )


def takes_video(scope: Scope) -> bool:
    """Return whether a Scope is meant to transform video, from wherever it comes."""
    return bool(scope.video or scope.sources) or scope.input_mode == "video"


_OFTEN: Final = {"tempo/beat": "each beat", "tempo/bar": "each bar", "tempo/phase": "each beat"}
_NOTHING_RECORDS: Final = (
    "nothing records: no output of this profile does",
    'give it one: outputs: {tape: {record: "recordings/{date}.mp4"}}',
)


def _key(text: str) -> str:
    """Return a target as a key between braces."""
    return text if re.fullmatch(r"[\w/.-]+( [\w/.-]+)*", text) else f'"{text}"'
