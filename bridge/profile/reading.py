"""From the text of a profile to what the program works from, with everything that is wrong on the way.

The shapes say whether each key can be read; what is here knows the whole: whether a route's input exists, whether its
numbers fit its target, whether two things want the same port.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, Literal
from urllib.parse import urlsplit

from bridge.parameters import Cost
from bridge.profile import later, source, targets
from bridge.profile.fit import check_numbers, without_effect
from bridge.profile.inputs import Osc
from bridge.profile.language import PROFILE
from bridge.profile.model import (
    ParameterTarget,
    Profile,
    Prompts,
    PromptTarget,
    Range,
    Route,
    Scope,
    Target,
    WordTarget,
)
from bridge.profile.outputs import Ndi
from bridge.profile.problems import Notes, Place, Problem, Severity, did_you_mean, lines_of, nearest
from bridge.profile.prompts import PLACES
from bridge.profile.scope import NO_PROMPT_NEEDED, PIPELINES, address
from bridge.profile.shapes import Subject, shorten
from bridge.profile.source import compose
from bridge.profile.structures import Fields, Given, decimal_comma
from bridge.profile.values import Absent

_LOOPBACK = "127.0.0.1"
_SMALLEST = 'start: {prompt: "bioluminescent reef at night"}'


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a profile."""

    profile: Profile | None
    """None if there is an error among the problems."""
    problems: tuple[Problem, ...]
    """In the order of the file: if there are errors, these and the warnings about names that were probably mistyped,
    else all warnings. What is wrong comes first."""

    @property
    def errors(self) -> bool:
        """Whether something is so wrong that nothing may start."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def read(text: str, path: str, environment: Mapping[str, str] | None = None) -> Reading:
    """Read the profile in `text`. Whatever the text is, nothing is raised: all that is wrong is in the problems.

    `path` is what the file is called in them; `environment` fills `${NAME}` in `scope.url`.
    """
    text = text.removeprefix("\ufeff")
    notes = Notes(lines_of(text), path)
    root = compose(text, notes)
    profile = None
    match root:
        case None:
            notes.error(Place(1, 1, 1, 1), "this profile is empty", f"the shortest one is: {_SMALLEST}")
        case source.Mapping():
            fields = PROFILE.read(root, notes, Subject("a profile", ""))
            profile = _Reader(root, fields or {}, path, environment or {}, notes).profile()
        case source.Sequence():
            notes.error(root.place, "a profile is a mapping, and this is a list", "put the routes below 'routes:'")
        case source.Scalar():
            notes.error(root.place, "a profile is a mapping, and this is text", f"the shortest one is: {_SMALLEST}")
        case source.Unreadable():
            pass
    problems = notes.problems()
    if not any(problem.severity is Severity.ERROR for problem in problems):
        return Reading(profile, problems)
    return Reading(None, tuple(one for one in problems if one.severity is Severity.ERROR or one.misspelt))


@dataclass(slots=True)
class _Reader:
    """Puts the pieces of one profile together."""

    _root: source.Mapping
    _fields: Fields
    _path: str
    _environment: Mapping[str, str]
    _notes: Notes
    _warned: set[str] = field(default_factory=set)

    def profile(self) -> Profile:
        """Return the profile as far as it could be read; it counts only if no error was noted."""
        scope = self._scope()
        inputs = self._inputs(scope)
        outputs = self._outputs()
        prompts = self._prompts()
        names = targets.Names(self._names("outputs"), self._names("prompts", "words"))
        start = self._start(names, scope, prompts)
        routes = self._routes(names, scope, prompts, inputs)
        self._check_words(prompts, start, routes)
        self._check_first_prompt(scope, prompts)
        return Profile(self._path, scope, inputs, outputs, prompts, start, tuple(route for route, _ in routes))

    def _names(self, *keys: str) -> Collection[str] | None:
        """Return the names given below `keys`, also of what has mistakes in it; None where that cannot be known."""
        node: source.Node = self._root
        for key in keys:
            if not isinstance(node, source.Mapping):
                return None if isinstance(node, source.Unreadable) else ()
            below = [value for name, value in node.pairs if isinstance(name, source.Scalar) and name.text == key]
            if not below:
                return () if node.whole else None
            node = below[0]
        if isinstance(node, source.Mapping) and node.whole:
            return [name.text for name, _ in node.pairs if isinstance(name, source.Scalar)]
        return None

    def _complete(self, section: str) -> bool:
        """Return whether all that the file says in a section could be read; if the section is missing, whether it is."""
        match self._node(section):
            case None:
                return self._root.whole
            case source.Mapping(whole=whole):
                return whole
            case source.Sequence(items=items, whole=whole):
                return whole and not any(isinstance(item, source.Unreadable) for item in items)
            case node:
                return not isinstance(node, source.Unreadable)

    def _node(self, section: str) -> source.Node | None:
        return next(
            (value for key, value in self._root.pairs if isinstance(key, source.Scalar) and key.text == section), None
        )

    def _section(self, name: str) -> Mapping[str, Any]:
        given = self._fields.get(name)
        return given.value if given is not None else {}

    # Scope.

    def _scope(self) -> Scope:
        given: Fields = self._section("scope")
        url = address(given["url"].value, self._environment, self._notes) if "url" in given else None
        pipeline = given["pipeline"].value if "pipeline" in given else Scope().pipeline
        load = {name: one.value for name, one in given["load"].value.items()} if "load" in given else {}
        if self._needs_prompt(pipeline) and "load" in given:
            for side in ("width", "height"):
                size = given["load"].value.get(side)
                if size is not None and size.value % 16:
                    near = f"{max(16, round(size.value / 16) * 16)}"
                    self._notes.error(
                        size.place,
                        f"{pipeline} takes a {side} that is a multiple of 16, and {size.value} is none",
                        f"the nearest is {near}",
                    )
        frames = given["frames_per_chunk"].value if "frames_per_chunk" in given else None
        ice: Literal["auto", "loopback"] = given["ice"].value if "ice" in given else "auto"
        return Scope(url or Scope().url, pipeline, load, ice, frames)

    def _needs_prompt(self, pipeline: str) -> bool:
        """Return whether a pipeline is known to be one that turns a prompt into a picture."""
        if "pipeline" not in self._section("scope"):
            # The default is what runs only if it is known that the key is not there.
            node = self._node("scope")
            keys = (
                [key.text for key, _ in node.pairs if isinstance(key, source.Scalar)]
                if isinstance(node, source.Mapping)
                else []
            )
            unread = "scope" not in self._fields and node is not None
            if "pipeline" in keys or unread or not self._complete("scope"):
                return False
        return pipeline in PIPELINES and pipeline not in NO_PROMPT_NEEDED

    # Inputs and outputs.

    def _inputs(self, scope: Scope) -> dict[str, Osc]:
        inputs: dict[str, Osc] = {}
        places: dict[str, Place] = {}
        for name, given in self._section("inputs").items():
            fields: Fields = given.value
            host, port = fields["osc"].value
            allow = tuple(one.value for one in fields["allow"].value) if "allow" in fields else ()
            far = [one for one in allow if not _loopback(one)]
            place = fields["osc"].place
            if far and host is not None and _loopback(host):
                self._notes.error(
                    fields["allow"].place,
                    f"{far[0]} can never be heard: osc listens on {host}, which only this machine reaches",
                    f"write osc: {port}, and the port opens for {far[0]}",
                )
            if host is not None and not _loopback(host) and not allow:
                self._notes.warning(
                    place,
                    f"everyone on the network can play this show: osc listens on {host}, and nothing says who is heard",
                    "say who: allow: [192.168.1.0/24]",
                    f"for programs on this machine only: osc: {port}",
                )
            host = host or ("0.0.0.0" if far else _LOOPBACK)
            for other, options in inputs.items():
                if port and options.port == port and _overlap(options.host, host):
                    self._notes.error(
                        place,
                        f"the inputs '{other}' and '{name}' both listen on port {port}, and only one of them can",
                        f"give one another port, like {port + 1 if port < 65535 else port - 1}, or make them one input",
                        elsewhere=places[other],
                    )
            if port and port == _port_of_local(scope.url):
                self._notes.warning(
                    place,
                    f"port {port} is where Scope's own OSC server listens on this machine: this one will not get it",
                    "take another port, like 9000",
                )
            inputs[name] = Osc(port, host, allow, fields["range"].value if "range" in fields else None)
            places[name] = place
        return inputs

    def _outputs(self) -> dict[str, Ndi]:
        outputs: dict[str, Ndi] = {}
        places: dict[str, Place] = {}
        for name, given in self._section("outputs").items():
            fields: Fields = given.value
            made = Ndi(fields["ndi"].value, *([fields["fps"].value] if "fps" in fields else []))
            for other, options in outputs.items():
                if options.name.casefold() == made.name.casefold():
                    self._notes.error(
                        fields["ndi"].place,
                        f"the outputs '{other}' and '{name}' have one NDI name, and receivers could not tell them apart",
                        f"give one another name, like {made.name} 2",
                        elsewhere=places[other],
                    )
            outputs[name] = made
            places[name] = fields["ndi"].place
        return outputs

    # Prompts.

    def _prompts(self) -> Prompts:
        given: Fields = self._section("prompts")
        bank = {name: one.value for name, one in given["bank"].value.items()} if "bank" in given else {}
        words = (
            {name: tuple(each.value for each in one.value) for name, one in given["words"].value.items()}
            if "words" in given
            else {}
        )
        return Prompts(bank, words, given["fade"].value if "fade" in given else 0)

    def _texts(self, prompts: Prompts) -> Iterator[tuple[str, Place]]:
        """Yield every prompt in the file with its place."""
        given: Fields = self._section("prompts")
        if "bank" in given:
            for one in given["bank"].value.values():
                yield one.value, one.place
        first = self._start_node("prompt")
        if isinstance(first, source.Scalar) and first.text not in prompts.bank:
            yield first.text, first.place

    def _check_words(
        self, prompts: Prompts, start: Mapping[str, tuple[Target, Any]], routes: list[tuple[Route, Place]]
    ) -> None:
        """Note words that prompts contain and nothing sets, and words that are set and no prompt contains."""
        driven = [route.target for route, _ in routes] + [target for target, _ in start.values()]
        declared = self._names("prompts", "words")
        unread = "routes" not in self._fields and self._key("routes") is not None
        all_read = not unread and self._complete("routes") and self._complete("start")
        known = set(declared) if declared is not None and all_read else None
        if known is not None:
            known |= {target.word for target in driven if isinstance(target, WordTarget)}
        said: set[str] = set()
        for text, place in self._texts(prompts):
            for found in PLACES.finditer(text):
                name = found[1]
                if name is None:
                    continue
                said.add(name.strip())
                if known is not None and name.strip() not in known:
                    self._unknown_word(name, place, known)
        self._check_unsaid(routes, said)

    def _unknown_word(self, name: str, place: Place, known: Collection[str]) -> None:
        at = self._locate("{" + name + "}", place)
        if not name.strip():
            self._notes.error(
                at, "there is no word between these braces", "for braces in the text, write them twice: {{ }}"
            )
            return
        near = nearest(name.strip(), known)
        self._notes.error(
            at,
            f"there is no word called '{shorten(name)}'",
            f"did you mean '{{{near}}}'?" if near else None,
            None if near else f"give it choices: words: {{{name.strip()}: [calm, tense]}}",
            None if near else "for braces in the text, write them twice: {{ }}",
        )

    def _check_unsaid(self, routes: list[tuple[Route, Place]], said: Collection[str]) -> None:
        if any(isinstance(route.target, PromptTarget) for route, _ in routes):
            return  # a prompt from outside may contain any word
        for route, place in routes:
            match route.target:
                case WordTarget(word) if word not in said and word not in self._warned:
                    self._warned.add(word)
                    self._notes.warning(
                        place,
                        f"no prompt contains {{{word}}}, so this changes nothing",
                        f"put {{{word}}} into a prompt, in quotes if it comes first",
                    )

    def _locate(self, piece: str, place: Place) -> Place:
        """Return where `piece` stands at or after the beginning of `place`; the place itself if it is not found."""
        column = place.column
        for line in range(place.line, len(self._notes.lines) + 1):
            index = self._notes.lines[line - 1].find(piece, column - 1)
            if index >= 0:
                return Place(line, index + 1, line, index + 1 + len(piece))
            column = 1
        return place

    # Where the show starts.

    def _start_node(self, target: str) -> source.Node | None:
        start: Any = self._section("start")
        if not isinstance(start, source.Mapping):
            return None
        return next(
            (value for key, value in start.pairs if isinstance(key, source.Scalar) and key.text == target), None
        )

    def _start(self, names: targets.Names, scope: Scope, prompts: Prompts) -> dict[str, tuple[Target, Any]]:
        start: Any = self._section("start")
        found: dict[str, tuple[Target, Any]] = {}
        by_meaning: dict[tuple[str, ...], Place] = {}
        for key, value in start.pairs if isinstance(start, source.Mapping) else ():
            if not isinstance(key, source.Scalar):
                self._notes.error(key.place, "a key of start is the name of a target", "for example: noise_scale: 0.4")
                continue
            if decimal_comma(key, value, self._notes):
                continue
            resolved = targets.find(key.text, key.place, names, self._notes)
            if resolved is None:
                continue
            entry, target = resolved
            if not entry.startable:
                self._notes.error(
                    key.place,
                    f"{key.text} is something that happens, and a show cannot start with it",
                    "take it out of start, or reach it by a route",
                )
                continue
            meaning = targets.meaning(target)
            if meaning in by_meaning:
                self._notes.error(
                    key.place,
                    f"'{key.text}' is set twice, under two names",
                    "delete one",
                    elsewhere=by_meaning[meaning],
                )
                continue
            by_meaning[meaning] = key.place
            self._check_parameter(target, key.place, scope)
            read = entry.shape.read(value, self._notes, Subject(key.text, entry.example))
            if read is None and not (isinstance(target, ParameterTarget) and key.text.startswith("param/")):
                continue
            if read is Absent:
                continue
            if isinstance(read, str) and isinstance(target, PromptTarget):
                self._check_bank_name(read, value.place, prompts)
            found[key.text] = target, read
        return found

    def _check_bank_name(self, text: str, place: Place, prompts: Prompts) -> None:
        """Note a prompt that looks like a misspelt name of the bank."""
        if text in prompts.bank or " " in text:
            return
        if near := did_you_mean(text, self._names("prompts", "bank") or ()):
            if text in (self._names("prompts", "bank") or ()):
                return
            self._notes.warning(
                place,
                f"the bank has no prompt called '{shorten(text)}', so this is taken for the prompt itself",
                near,
                misspelt=True,
            )

    def _check_first_prompt(self, scope: Scope, prompts: Prompts) -> None:
        unreadable = "start" not in self._fields and self._key("start") is not None
        if unreadable or not self._complete("start") or self._start_node("prompt") is not None:
            return
        if not self._needs_prompt(scope.pipeline):
            return
        first = next(iter(prompts.bank), None)
        place = self._key("start") or self._key("scope") or self._beginning()
        self._notes.error(
            place,
            f"{scope.pipeline} makes no picture before its first prompt, and this profile starts with none",
            _first_prompt(first, in_start=self._key("start") is not None),
        )

    def _key(self, name: str) -> Place | None:
        return next(
            (key.place for key, _ in self._root.pairs if isinstance(key, source.Scalar) and key.text == name), None
        )

    def _beginning(self) -> Place:
        return self._root.pairs[0][0].place if self._root.pairs else self._root.place

    # Routes.

    def _routes(
        self, names: targets.Names, scope: Scope, prompts: Prompts, inputs: Mapping[str, Osc]
    ) -> list[tuple[Route, Place]]:
        routes: list[tuple[Route, Place]] = []
        seen: dict[tuple[str, ...], Place] = {}
        given_routes: Any = self._fields["routes"].value if "routes" in self._fields else ()
        for given in given_routes:
            fields: Fields = given.value
            signal: Given[str] | None = fields["from"].value if "from" in fields else None
            wanted: Given[str] | None = fields["to"].value if "to" in fields else None
            heard = signal is not None and self._check_signal(signal)
            resolved = None if wanted is None else targets.find(wanted.value, wanted.place, names, self._notes)
            if signal is None or wanted is None or resolved is None:
                continue
            _, target = resolved
            source_range = self._source(fields, signal, inputs)
            check_numbers(fields, target, wanted.value, source_range, self._notes)
            self._check_parameter(target, wanted.place, scope)
            self._check_cost(target, wanted.place)
            if not heard:
                continue
            same = signal.value, *targets.meaning(target)
            if same in seen:
                self._notes.warning(
                    signal.place,
                    f"{signal.value} goes to {wanted.value} twice, and the later route overrules the earlier",
                    "delete one",
                    elsewhere=seen[same],
                )
            seen.setdefault(same, signal.place)
            route = Route(
                signal.value,
                target,
                wanted.value,
                tuple(one.value for one in fields["filters"].value) if "filters" in fields else (),
                source_range,
                fields["out"].value if "out" in fields else None,
                fields["per_chunk"].value if "per_chunk" in fields else "newest",
            )
            routes.append((route, wanted.place))
        return routes

    def _check_signal(self, signal: Given[str]) -> bool:
        """Note what is wrong with a signal's name; return whether it can arrive."""
        text, place = signal.value, signal.place
        inputs = self._names("inputs")
        example = next(iter(inputs or ()), "td")
        name, slash, path = text.partition("/")
        if text.startswith("/"):
            rest = text.lstrip("/")
            known = rest.split("/")[0] in (inputs or ())
            self._notes.error(
                place,
                "a signal begins with the name of its input, without a slash before it",
                f"write {rest if known else f'{example}/{rest}'}",
            )
        elif pattern := re.search(r"\{[^}]*\}|\*\*?|\[[^\]]*\]", text):
            self._notes.error(
                self._locate(pattern[0], place),
                f"'{pattern[0]}' in a signal comes with a later version",
                "until then, write one route for each signal"
                if "[" not in pattern[0]
                else "until then, send each number to an address of its own",
            )
        elif name in later.SIGNALS and name not in (inputs or ()):
            self._notes.error(
                place, f"'{name}/…' ({later.SIGNALS[name]}) comes with a later version", "until then, take it out"
            )
        elif inputs is not None and name not in inputs:
            near = nearest(name, inputs)
            self._notes.error(
                Place(place.line, place.column, place.line, place.column + len(name))
                if place.line == place.end_line
                else place,
                f"there is no input called '{shorten(name)}'",
                f"did you mean '{near}/{path}'?" if near else None,
                None
                if near
                else (
                    f"the {'inputs are' if len(inputs) > 1 else 'only input is'} {', '.join(inputs)}; "
                    "a signal is the input's name and the OSC address: "
                    f"{example}/{shorten(text)}"
                    if inputs
                    else "this profile has no inputs: inputs: {td: {osc: 9000}}"
                ),
            )
        elif not slash or not path:
            self._notes.error(
                place,
                f"'{name}' is an input, and a route needs one of its signals",
                f"add the OSC address: {name}/noise for messages to /noise",
            )
        elif path.endswith("/") or "//" in path or path.startswith("/"):
            self._notes.error(
                place, "between two slashes, and after the last one, a signal has a name", f"write {_tidy(text)}"
            )
        else:
            return True
        return False

    def _source(self, fields: Fields, signal: Given[str], inputs: Mapping[str, Osc]) -> Range | None:
        if "in" in fields:
            ends: Range = fields["in"].value
            return ends
        options = inputs.get(signal.value.partition("/")[0])
        return options.range if options is not None else None

    # What Scope makes of a parameter.

    def _check_parameter(self, target: Target, place: Place, scope: Scope) -> None:
        """Warn, once, of a parameter that has no effect on what the profile runs."""
        if not isinstance(target, ParameterTarget) or target.parameter.name in self._warned:
            return
        warning = without_effect(target.parameter, scope)
        if warning is not None:
            self._warned.add(target.parameter.name)
            self._notes.warning(place, *warning)

    def _check_cost(self, target: Target, place: Place) -> None:
        if not isinstance(target, ParameterTarget) or target.parameter.cost is not Cost.CUT:
            return
        managed = self._start_node("manage_cache")
        drifting = isinstance(managed, source.Scalar) and managed.text.lower() == "false"
        if target.parameter.sticky and not drifting:
            self._notes.warning(
                place,
                f"every change of {target.parameter.name} cuts the picture: Scope forgets the past frames",
                "to let changes drift in instead: start: {manage_cache: false}",
            )


def _first_prompt(name: str | None, in_start: bool) -> str:
    value = name or '"bioluminescent reef at night"'
    return f"add to start: prompt: {value}" if in_start else f"for example: start: {{prompt: {value}}}"


def _tidy(text: str) -> str:
    return "/".join(part for part in text.split("/") if part)


def _loopback(host: str) -> bool:
    try:
        return ip_network(host, strict=False).is_loopback
    except ValueError:
        return host == "localhost"


def _overlap(one: str, other: str) -> bool:
    """Return whether two sockets on these addresses would want the same packets."""
    return one == other or ip_address(one).is_unspecified or ip_address(other).is_unspecified


def _port_of_local(url: str) -> int | None:
    parts = urlsplit(url)
    return parts.port if parts.hostname and _loopback(parts.hostname) else None
