"""What Scope will make of a target in this profile: what it ignores, what cuts the picture, what needs a tempo.

None of it is an error: the show starts, and `check` says what it will not do.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from bridge.catalogue import Catalogue
from bridge.profile.durations import BPM
from bridge.profile.filters import AtMost, Choose, Edge, Every, Filter, Levels, Press, Toggle, Wait
from bridge.profile.model import ImageTarget, LoraTarget, ParameterTarget, Scope, Target
from bridge.profile.shapes.shape import figure, shorten
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, Place
from bridge.profile.targets import traits

_MUSICAL = re.compile(r"(?:[0-9.]+ ?)?(?:beats?|bars?)|[0-9]+ per (?:[0-9.]+ ?)?(?:beats?|bars?)")
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
    """The meanings of the targets that have a guard."""
    notes: Notes
    _said: set[str] = field(default_factory=set)

    def check(self, target: Target, place: Place) -> None:
        """Warn of a target that Scope will ignore."""
        match target:
            case ParameterTarget(known, node=node):
                name = known.name
                why = self._node(node) or self._ignored(target)
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

    def check_moving(self, target: Target, text: str, filters: Iterable[Filter], place: Place) -> None:
        """Warn of a signal that would cut the picture with every move, where nothing has been said about that."""
        if not traits.is_cut(target) or traits.is_trigger(target) or self.drifting:
            return
        if traits.meaning(target) in self.guarded or any(isinstance(one, _STEPPING) for one in filters):
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
            f"to set the limit yourself: guard: {{{text}: {{max_cuts: 1 per bar}}}}",
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


def check_tempo(root: nodes.Mapping, has_tempo: bool, notes: Notes) -> None:
    """Warn, once, that beats and bars have a tempo of their own where the profile names no source of one."""
    if has_tempo:
        return
    place = next(_musical(root), None)
    if place is not None:
        notes.warning(
            place,
            f"beats and bars count at {figure(BPM)} bpm: this profile says no tempo",
            "say one: tempo: {bpm: 124}, or tempo: [{link: true}, {bpm: 124}]",
            "or let someone tap it: - td/tap -> tap",
        )


_OF_TEXT = re.compile("bank|words|note|name|prompt|prompt/.*|word/.*|image/.*")
"""Keys whose values are text, and no lengths."""


def _musical(node: nodes.Node) -> Iterator[Place]:
    """Yield where a length in beats or bars stands."""
    match node:
        case nodes.Scalar(text=text) if _MUSICAL.fullmatch(text.strip()):
            yield node.place
        case nodes.Scalar(text=text) if re.match(r"tempo/(beat|bar|phase)\b", text):
            yield node.place
        case nodes.Sequence(items=items):
            for item in items:
                yield from _musical(item)
        case nodes.Mapping(pairs=pairs):
            for key, value in pairs:
                if not (isinstance(key, nodes.Scalar) and _OF_TEXT.fullmatch(key.text)):
                    yield from _musical(value)
