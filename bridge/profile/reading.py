"""From the text of a profile to what the program works from, with everything that is wrong on the way.

The shapes say whether each key can be read; what is here puts the sections together, in the order in which they need
each other: names before what uses them, the rig before the routes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bridge.catalogue import STANDARD, Catalogue
from bridge.profile.building import extending, pages, prompts, rig, scenes, servers
from bridge.profile.building.guards import build_guards, covered
from bridge.profile.building.images import build_images
from bridge.profile.building.inputs import Controllers, build_inputs, called_like
from bridge.profile.building.outputs import build_outputs
from bridge.profile.building.routes.signals import Sources
from bridge.profile.building.routes.wiring import Wired, Wiring
from bridge.profile.building.sections import Sections, with_misspelt
from bridge.profile.building.video import with_video
from bridge.profile.checks.crossing import Crossing
from bridge.profile.checks.effects import Effects
from bridge.profile.checks.music import check_tempo
from bridge.profile.checks.writing import check_places, check_writing
from bridge.profile.inputs import Video
from bridge.profile.language.libraries import CHANGE, Loras
from bridge.profile.language.profile import PROFILE
from bridge.profile.model import (
    BridgeTarget,
    OfScope,
    Page,
    ParameterTarget,
    Profile,
    Route,
    Scope,
)
from bridge.profile.outputs import OutputOptions
from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.structures import Fields, Given, section_of
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.files import Files
from bridge.profile.source.problems import Notes, Place, Problem, Severity, lines_of
from bridge.profile.targets import lookup
from bridge.profile.targets.names import Names, ScopeNames, all_of

_SMALLEST = 'start: {prompt: "bioluminescent reef at night"}'


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a profile."""

    profile: Profile | None
    """None if there is an error among the problems."""
    problems: tuple[Problem, ...]
    """In the order of the file: if there are errors, these and the warnings about names that were probably mistyped,
    else all warnings and notes. What is wrong comes first."""

    @property
    def errors(self) -> bool:
        """Whether something is so wrong that nothing may start."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def no_files(path: str) -> str:
    """Refuse to read a file: for a profile that is no file itself."""
    raise FileNotFoundError(path)


def read(
    text: str,
    path: str,
    environment: Mapping[str, str] | None = None,
    files: Files | None = None,
    catalogue: Catalogue = STANDARD,
) -> Reading:
    """Read the profile in `text`. Whatever the text is, nothing is raised: all that is wrong is in the problems.

    `path` is what the file is called in them, and what the files that it names are looked for beside; `files` returns
    the text of one of these, and raises `OSError` or `UnicodeDecodeError` if there is none. `environment` fills
    `${NAME}`, `catalogue` is what the server can be told.
    """
    text = text.removeprefix("\ufeff")
    notes = Notes(lines_of(text), path)
    root = compose(text, notes)
    profile = None
    match root:
        case None:
            notes.error(Place(1, 1, 1, 1), "this profile is empty", f"the shortest one is: {_SMALLEST}")
        case nodes.Mapping():
            whole, more = extending.extended(root, notes, path, files or no_files)
            whole = with_misspelt(whole)
            fields = PROFILE.read(whole, notes, Subject("a profile", ""))
            reader = _Reader(
                Sections(whole, fields or {}), path, environment or {}, files or no_files, catalogue, notes, more
            )
            profile = reader.profile()
        case nodes.Sequence():
            notes.error(root.place, "a profile is a mapping, and this is a list", "put the routes below 'routes:'")
        case nodes.Scalar():
            notes.error(root.place, "a profile is a mapping, and this is text", f"the shortest one is: {_SMALLEST}")
        case nodes.Unreadable():
            pass
    problems = notes.problems()
    if not any(problem.severity is Severity.ERROR for problem in problems):
        return Reading(profile, problems)
    return Reading(None, tuple(one for one in problems if one.severity is Severity.ERROR or one.misspelt))


@dataclass(slots=True)
class _Reader:
    """Puts the pieces of one profile together."""

    _sections: Sections
    _path: str
    _environment: Mapping[str, str]
    _files: Files
    _catalogue: Catalogue
    _notes: Notes
    _more: tuple[str, ...]
    """The files that it extends."""

    def profile(self) -> Profile:
        """Return the profile as far as it could be read; it counts only if no error was noted."""
        fields, notes = self._sections.fields, self._notes
        images = build_images(fields, self._files, notes)
        builder = servers.Builder(
            fields, self._environment, notes, self._files, self._catalogue, images.paths, self._sections.knows_pipeline
        )
        built = builder.servers()
        controllers = Controllers(self._files)
        inputs = build_inputs(fields, [one.scope for one in built], self._files, controllers, notes)
        named_inputs = self._sections.names("inputs")
        built = tuple(
            replace(one, scope=with_video(one.scope, one.given, inputs, named_inputs, notes)) for one in built
        )
        scopes = {one.scope.name: one.scope for one in built}
        named_scopes = self._sections.names("scopes")
        whole = named_scopes is not None and (not named_scopes or len(named_scopes) == len(scopes))
        tempo = rig.build_tempo(fields, inputs, named_inputs, notes)
        known = scopes if whole and all(one.known for one in built) else None
        outputs = build_outputs(fields, known, self._environment, self._files, notes)
        loras = rig.build_loras(fields, notes)
        bank = prompts.read(self._sections.section("prompts"), self._sections.bank(), notes, self._files)
        videos = {name: options for name, options in inputs.items() if isinstance(options, Video)}
        every_input = named_inputs is not None and len(named_inputs) <= len(inputs)
        of_scopes = {one.scope.name: self._scope_names(one) for one in built}
        names = Names(
            outputs=self._sections.names("outputs"),
            words=self._sections.names("prompts", "words"),
            bank=bank.names,
            slots=self._sections.slots(bank.prompts.slots),
            scenes=self._sections.names("scenes"),
            cues=self._sections.names("cues"),
            pages=self._sections.names("pages"),
            routes=self._sections.routes_called(),
            loras=_without(self._sections.names("loras"), CHANGE),
            images=self._sections.names("images"),
            inputs=videos if every_input else None,
            films=[name for name in videos if videos[name].kind == "file"] if every_input else None,
            catalogue=self._catalogue,
            scopes={name: one for name, one in of_scopes.items() if name} if whole else None,
            scope=all_of(of_scopes.values()) if whole else ScopeNames(),
        )
        guards = build_guards(fields, names, notes)
        effects = self._effects(scopes, guards, names, outputs)
        for server in built:
            self._check_swings(server, effects)
        acts = scenes.Reader(names, bank.prompts, notes, effects.check)
        by_name = acts.scenes(self._sections.section("scenes"))
        start, start_scene = acts.start(fields.get("start"), by_name)
        safe = acts.safe(fields.get("safe"), by_name)
        cues = acts.cues(self._sections.section("cues"))
        unsure = {*controllers.unsure, *self._unsure_inputs()}
        sources = Sources(named_inputs, inputs, names.pages, videos, unsure, called_like)
        wiring = Wiring(names, sources, notes)
        routes = wiring.read(fields["routes"].value if "routes" in fields else ())
        turned, on_pages = self._pages(names, sources, wiring)
        wired = [*routes, *on_pages]
        for one in wired:
            for text, target in one.route.across or ((one.route.target_text, one.sample),):
                effects.check(target, one.target, sample=one.route.target is None and not one.route.across)
                effects.check_moving(target, text, one.route, one.target)
        crossing = Crossing(self._sections, self._catalogue, notes)
        crossing.check_inputs(wired, inputs, tempo, turned)
        crossing.check_words(bank, start, by_name, wired)
        crossing.check_pages(turned, wired)
        crossing.check_first_prompt(scopes.values(), bank, start)
        check_tempo(self._sections.root, bool(tempo) or _taps(wired), notes)
        check_writing(self._sections.root, notes)
        check_places(self._listed(bank), notes)
        lights = rig.build_lights(fields, inputs if every_input else None, notes)
        return Profile(
            self._path,
            scope=built[0].scope,
            scopes={name: scope for name, scope in scopes.items() if name},
            inputs=inputs,
            outputs=outputs,
            prompts=bank.prompts,
            start=start,
            routes=tuple(one.route for one in routes),
            loras=loras,
            lora_change=self._loras.change,
            images=images.named,
            tempo=tempo,
            start_scene=start_scene,
            safe=safe,
            scenes=by_name,
            cues=cues,
            pages=turned,
            lights=lights,
            guards=guards,
            files=(*self._more, *(path for one in built for path in one.files), *bank.files, *controllers.paths),
            catalogue=self._catalogue,
        )

    # The pieces that need several sections.

    def _effects(
        self, scopes: Mapping[str, Scope], guards: Mapping[str, Any], names: Names, outputs: Mapping[str, OutputOptions]
    ) -> Effects:
        quiet = Notes([""])
        found = (lookup.find(text, Place(1, 1, 1, 1), names, quiet) for text in guards)
        return Effects(
            scopes,
            self._catalogue,
            smooth=self._loras.change == "smooth",
            drifting=[name for name in ("", *scopes) if self._drifts(name)],
            guarded={covered(one[1]) for one in found if one is not None},
            outputs=outputs if names.outputs is not None and len(names.outputs) <= len(outputs) else None,
            notes=self._notes,
        )

    def _check_swings(self, server: servers.Server, effects: Effects) -> None:
        """Look at the parameters that swing as at those that anything else moves."""
        for name, one in section_of(server.given, "modulations").items():
            target = ParameterTarget(self._catalogue.parameter(name))
            effects.check(OfScope(server.scope.name, target) if server.scope.name else target, one.key)

    def _unsure_inputs(self) -> Iterator[str]:
        """Yield the inputs of which some key could not be read."""
        for name, given in self._sections.section("inputs").items():
            node = self._sections.node("inputs", name)
            pairs = node.pairs if isinstance(node, nodes.Mapping) else ()
            if not {key.text for key, _ in pairs if isinstance(key, nodes.Scalar)} <= set(given.value):
                yield name

    def _drifts(self, scope: str) -> bool:
        """Return whether a Scope, or with an empty name every one, starts with a cache that it does not manage."""
        managed = self._sections.start_node(f"{scope}/manage_cache" if scope else "manage_cache")
        return isinstance(managed, nodes.Scalar) and managed.text.lower() == "false"

    def _scope_names(self, server: servers.Server) -> ScopeNames:
        """Return what targets can name of a Scope."""
        known = lookup.scope_names(server.scope)
        keys = ("scopes", server.scope.name) if server.scope.name else ("scope",)
        unread = server.scope.standby is None and (
            self._sections.node(*keys, "standby") is not None or not self._sections.complete(*keys)
        )
        return replace(known, nodes=known.nodes if server.known else None, standby=None if unread else known.standby)

    def _listed(self, bank: prompts.Reading) -> Iterator[tuple[str, Mapping[str, Given[Any]]]]:
        """Yield what is called by its place in a list, too: where all of it is known, by what each thing is."""
        for noun, section in (("scene", "scenes"), ("cue", "cues"), ("page", "pages")):
            if self._sections.read_whole(section):
                yield noun, self._sections.section(section)
        yield "prompt", bank.texts

    @property
    def _loras(self) -> Loras:
        given = self._sections.fields.get("loras")
        return given.value if given is not None else Loras()

    def _pages(self, names: Names, sources: Sources, wiring: Wiring) -> tuple[dict[str, Page], list[Wired]]:
        """Return the pages, and their routes with their places."""
        found: list[Wired] = []

        def routes(given: Sequence[Given[Fields]], page: str) -> list[Route]:
            wired = wiring.read(given, page)
            found.extend(wired)
            return [one.route for one in wired]

        reader = pages.Reader(
            names,
            self._notes,
            lambda signal: sources.read(signal, self._notes) is not None,
            routes,
            lambda signal: sources.holds(signal, self._notes),
            lambda grid, place: sources.pads(grid, place, self._notes),
            self._sections.names("inputs"),
            sources.unsure,
        )
        return reader.pages(self._sections.section("pages")), found


def _taps(wired: Sequence[Wired]) -> bool:
    return any(isinstance(one.sample, BridgeTarget) and one.sample.act == "tap" for one in wired)


def _without(names: Collection[str] | None, key: str) -> Collection[str] | None:
    return None if names is None else [name for name in names if name != key]
