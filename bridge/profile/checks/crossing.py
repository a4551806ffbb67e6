"""What only shows between the sections of a profile: words nothing sets, pages nobody reaches, a show without a prompt."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.catalogue import Catalogue
from bridge.profile.building import prompts
from bridge.profile.building.routes import midi
from bridge.profile.building.routes.wiring import Wired
from bridge.profile.building.sections import Sections
from bridge.profile.checks.words import Said, Words
from bridge.profile.filters import When
from bridge.profile.inputs import InputOptions, Midi, Osc, Video
from bridge.profile.model import (
    OfScope,
    Page,
    PageTarget,
    PromptTarget,
    Scene,
    Scope,
    SlotTarget,
    Target,
    TempoSource,
    WordTarget,
)
from bridge.profile.shapes.shape import is_nothing, shorten
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, Place
from bridge.profile.targets import lookup, traits
from bridge.profile.targets.names import Names


@dataclass(frozen=True, slots=True)
class Crossing:
    """The checks of what was read."""

    sections: Sections
    catalogue: Catalogue
    notes: Notes

    def check_words(
        self,
        bank: prompts.Reading,
        start: Mapping[str, tuple[Target, Any]],
        by_name: Mapping[str, Scene],
        wired: Sequence[Wired],
    ) -> None:
        """Note words that prompts say and nothing sets, and warn of words that are set and no prompt says."""
        said = [Said(one.value, one.place) for one in bank.texts.values()]
        said.extend(
            Said(node.text, node.place) for node in self.sections.texts() if node.text not in (bank.names or bank.texts)
        )
        declared = self.sections.names("prompts", "words")
        unread = [name for name in ("routes", "pages", "start", "scenes") if not self.sections.read_whole(name)]
        known = None
        if declared is not None and not unread:
            found = [one.sample for one in wired] + [target for target, _ in start.values()]
            found.extend(one.target for scene in by_name.values() for one in scene.settings.values())
            driven = map(traits.bare, found)
            known = {*declared, *(target.word for target in driven if isinstance(target, WordTarget))}
        Words(known, self.notes).check(said, wired)

    def check_first_prompt(
        self, scopes: Iterable[Scope], bank: prompts.Reading, start: Mapping[str, tuple[Target, Any]]
    ) -> None:
        """Note a show that starts without a prompt on a pipeline that stays dark until it has one."""
        node = self.sections.node("start")
        if not self.sections.read_whole("start"):
            return
        if isinstance(node, nodes.Scalar) and not is_nothing(node) and node.text not in self.sections.section("scenes"):
            return
        said = {of for target, _ in start.values() if (of := _prompted(target)) is not None}
        for name in self.sections.start_names():
            of = None if (target := _meant(name)) is None else _prompted(target)
            if of is not None and name not in start:
                said.add("")  # something is wrong with it, and that has been said
        for scope in scopes:
            pipeline = self.catalogue.pipelines.get(scope.pipeline)
            if pipeline is None or not pipeline.needs_prompt or not self.sections.knows_pipeline(scope.name):
                continue
            fed = scope.graph is not None and any(edge["to_port"] == "prompts" for edge in scope.graph.edges)
            if fed or said & {"", scope.name}:
                continue
            first = next(iter(bank.prompts.bank), None)
            place = self.sections.key("start") or self.sections.key("scope") or self.sections.key("scopes")
            of = f"{scope.name}: " if scope.name else ""
            self.notes.error(
                place or self.sections.beginning(),
                f"{of}{scope.pipeline} makes no picture before its first prompt, and this profile starts with none",
                _first_prompt(
                    f"{scope.name}/prompt" if said and scope.name else "prompt",
                    first,
                    node,
                    in_start=self.sections.key("start") is not None,
                ),
            )

    def check_inputs(
        self,
        wired: Sequence[Wired],
        inputs: Mapping[str, InputOptions],
        tempo: Sequence[TempoSource],
        turned: Mapping[str, Page],
    ) -> None:
        """Warn of an input that nothing listens to, where something listens to others."""
        if not wired or not (self.sections.read_whole("routes") and self.sections.read_whole("pages")):
            return
        heard = {one.route.signal.partition("/")[0] for one in wired} | {source.name for source in tempo}
        heard |= {(page.held or page.latched or "").partition("/")[0] for page in turned.values()}
        heard |= {
            (one.signal or "").partition("/")[0]
            for each in wired
            for one in each.route.filters
            if isinstance(one, When)
        }
        for name, given in self.sections.section("inputs").items():
            options = inputs.get(name)
            sends = isinstance(options, Osc) and (options.reply or options.reply_text or options.forward)
            if name not in heard and options is not None and not isinstance(options, Video) and not sends:
                self.notes.warning(
                    given.key,
                    f"nothing listens to the input '{name}'",
                    f"add a route: - {name}/{midi.example(options) if isinstance(options, Midi) else 'noise'} -> noise_scale",
                )

    def check_pages(self, turned: Mapping[str, Page], wired: Sequence[Wired]) -> None:
        """Warn of a page that nothing leads to."""
        leading = [(one.route, one.sample) for one in wired if isinstance(one.sample, PageTarget)]
        if any(route.target is None for route, _ in leading):
            return
        if not (self.sections.read_whole("routes") and self.sections.read_whole("pages")):
            return
        reached = {target.name for _, target in leading}
        owners = {page.on for page in turned.values()}
        stepping = {route.signal.partition("/")[0] for route, target in leading if target.step != "name"}
        stepped = {name if name in owners else None for name in stepping}
        first = {page.on: name for name, page in reversed(list(turned.items()))}
        for name, page in turned.items():
            if first[page.on] == name or page.held or page.latched or page.on in stepped or name in reached:
                continue
            self.notes.warning(
                self.sections.section("pages")[name].key,
                f"nobody can reach the page '{name}'",
                f"say what holds it: while: {page.on or 'apc'}/shift",
                f"or lead to it by a route: - td/{shorten(name)} -> page/{shorten(name)}",
                _whose(page, stepping),
            )


def _whose(page: Page, stepping: Collection[str]) -> str | None:
    """Return why the controls that go on to the next page do not lead to this one, if there are some."""
    if not stepping:
        return None
    if page.on is not None:
        return f"page/next leads through the pages for {page.on} only from a control of {page.on}"
    names = " and ".join(sorted(stepping))
    return f"page/next from {names} leads through {'its' if len(stepping) == 1 else 'their'} own pages only"


def _prompted(target: Target) -> str | None:
    """Return the Scope that a target gives a prompt, empty for all; None: it gives none."""
    known = traits.bare(target)
    if isinstance(known, PromptTarget) or (isinstance(known, SlotTarget) and known.control == "text"):
        return target.scope if isinstance(target, OfScope) else ""
    return None


def _meant(text: str) -> Target | None:
    """Return what a target is, or the prompt if it is probably a misspelt one."""
    quiet = Notes([text])
    found = lookup.find(text, Place(1, 1, 1, 1), Names(), quiet)
    if found is not None:
        return found[1]
    hints = [hint for problem in quiet.problems() for hint in problem.hints]
    return PromptTarget() if any("did you mean 'prompt" in hint or "/prompt'" in hint for hint in hints) else None


def _first_prompt(target: str, name: str | None, start: nodes.Node | None, in_start: bool) -> str:
    value = name or '"bioluminescent reef at night"'
    if isinstance(start, nodes.Scalar) and not is_nothing(start):
        return f"add to the scene {shorten(start.text)}: {target}: {value}"
    return f"add to start: {target}: {value}" if in_start else f"for example: start: {{{target}: {value}}}"
