"""Which target a text names, and how to say that it names none.

`find("lora/arcane", place, names, notes)` says which target that is, or notes why there is none and which is nearest;
`named("lora/arcane", profile)` says it quietly, while the show runs.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from bridge.parameters import PARAMETERS
from bridge.profile.inputs import Video
from bridge.profile.model import OfScope, ParameterTarget, PipelineTarget, Profile, Scope, Target
from bridge.profile.shapes.shape import Json, Subject, shorten
from bridge.profile.shapes.structures import example_node
from bridge.profile.shapes.values import Anything
from bridge.profile.source.problems import Notes, Place, nearest
from bridge.profile.targets.names import (
    TYPOGRAPHIC,
    Names,
    ScopeNames,
    Wrong,
    all_of,
    element_target,
    is_plain,
    own_target,
    snapshot_target,
    without_typographic_quotes,
)
from bridge.profile.targets.settable import LOAD, example_of, shape_of
from bridge.profile.targets.table import CATALOGUE, Entry
from bridge.profile.targets.traits import bare
from bridge.verbs import ALL

MOST_CHARACTERS = 1000
"""No target is longer; what arrives over a network can be."""


def names_of(profile: Profile) -> Names:
    """Return the names in a profile that has been read."""
    prompts = profile.prompts
    on_pages = (route for page in profile.pages.values() for route in page.routes)
    return Names(
        outputs=profile.outputs,
        words=prompts.words,
        bank=prompts.bank,
        slots=prompts.slots,
        scenes=profile.scenes,
        cues=profile.cues,
        pages=profile.pages,
        routes=[route.name for route in (*profile.routes, *on_pages) if route.name],
        loras=profile.loras,
        images=profile.images,
        inputs=[name for name, options in profile.inputs.items() if isinstance(options, Video)],
        films=[name for name, one in profile.inputs.items() if isinstance(one, Video) and one.kind == "file"],
        catalogue=profile.catalogue,
        scopes={name: scope_names(scope) for name, scope in profile.scopes.items()},
        scope=all_of([scope_names(scope) for scope in profile.scopes.values() or (profile.scope,)]),
    )


def scope_names(scope: Scope) -> ScopeNames:
    """Return what targets can name of a Scope."""
    return ScopeNames(
        [node.id for node in scope.nodes], len(scope.nodes) == 1 and scope.graph is None, scope.standby is not None
    )


_BY_HEAD: dict[str, list[tuple[re.Pattern[str], Entry]]] = {}
for _one in CATALOGUE:
    _BY_HEAD.setdefault(re.split(r"[/\[<]", _one.name)[0], []).append((re.compile(_one.regex), _one))


def plain_names() -> list[str]:
    """Return the targets that need no name of the profile in them."""
    return [entry.name for entry in CATALOGUE if "<" not in entry.name]


def heads() -> list[str]:
    """Return what targets begin with, before the first slash."""
    return list(_BY_HEAD)


_ONE_SCOPE = f"(?!(?:{'|'.join(map(re.escape, _BY_HEAD))})/)[^/{{}}\\[\\]*]+/"
"""What stands before the target of one Scope of several."""


def regex_of_all() -> str:
    """Return the regular expression that every target matches as a whole."""
    one = "|".join(_without_groups(entry.regex) for entry in CATALOGUE if entry.of_scope)
    bridge = "|".join(_without_groups(entry.regex) for entry in CATALOGUE if not entry.of_scope)
    return f"(?:{_ONE_SCOPE})?(?:{one})|{bridge}"


def _without_groups(regex: str) -> str:
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", regex)


def values_schema(*, start: bool = False) -> Json:
    """Return the JSON Schema of targets with their values, as a scene has them; with `start`, as a show begins."""
    able = [entry for entry in CATALOGUE if entry.shape is not None and (entry.startable or not start)]

    def described(entry: Entry) -> Json:
        assert entry.shape is not None
        example = Anything().read(example_node(entry.example), Notes([entry.example]), Subject(entry.name, ""))
        return {**entry.shape.schema(), "description": entry.about, "examples": [example]}

    return {
        "type": ["object", "null"],
        "properties": {entry.name: described(entry) for entry in able if "<" not in entry.name},
        "patternProperties": {
            _pattern(entry): described(entry) for entry in able if "<" in entry.name or entry.of_scope
        },
        "additionalProperties": False,
    }


def _pattern(entry: Entry) -> str:
    """Return what the keys of a scene match that are such a target: of one Scope, or with a name in them."""
    regex = f"(?:{_without_groups(entry.regex)})$"
    if not entry.of_scope:
        return f"^{regex}"
    return f"^(?:{_ONE_SCOPE}){'?' if '<' in entry.name else ''}{regex}"


def find(text: str, place: Place, names: Names, notes: Notes) -> tuple[Entry, Target] | None:
    """Return what `text` names, or None after noting that there is no such target."""
    found = _resolve(text, names)
    if isinstance(found, Wrong):
        notes.error(place, found.message, *found.hints)
        return None
    match bare(found[1]):
        case PipelineTarget(name) if name not in names.catalogue.pipelines and (
            near := nearest(name, names.catalogue.pipelines)
        ):
            notes.warning(
                place,
                f"Scope brings no pipeline called '{shorten(name)}'; only a plugin can add it",
                f"did you mean 'pipeline/{near}'?",
                misspelt=True,
            )
    return found


def named(text: str, profile: Profile) -> Target | None:
    """Return the target that `text` names in a profile that has been read, or None."""
    found = _resolve(text, names_of(profile)) if len(text) <= MOST_CHARACTERS else None
    return None if found is None or isinstance(found, Wrong) else found[1]


def every(profile: Profile) -> Iterable[str]:
    """Return the targets that a profile's own names make, and those that need none; of what is counted, the first."""
    return _all_of(names_of(profile))


def plausible(text: str, wildcard: re.Pattern[str], names: Names) -> tuple[Entry, Target] | Wrong:
    """Return a target that `text` may become when its `wildcard` is filled in, or why none can come of it."""
    tables = (names.bank, names.slots, names.scenes, names.cues, names.pages, names.routes, names.loras, names.words)
    others = (names.outputs, names.inputs, names.scopes, names.scope.nodes, plain_names(), ("1", "KeyW", "next"))
    wrong: Wrong | None = None
    for table in (*others, *tables):
        for name in table or ():
            found = _resolve(wildcard.sub(lambda _, name=name: name, text), names)  # type: ignore[misc]
            if not isinstance(found, Wrong):
                return found
            wrong = wrong or found
    assert wrong is not None
    return Wrong(f"there is no target that '{shorten(text)}' can become", wrong.hints)


def _resolve(text: str, names: Names) -> tuple[Entry, Target] | Wrong:
    head = re.split(r"[/\[]", text, maxsplit=1)[0]
    scope, slash, rest = text.partition("/")
    if slash and names.scopes is not None and scope in names.scopes:
        return _of_one(scope, rest, names)
    if slash and names.scopes is None and scope not in _BY_HEAD:
        one = _of_one(scope, rest, names)
        if not isinstance(one, Wrong):
            return one
    for regex, entry in _BY_HEAD.get(head, ()):
        if found := regex.fullmatch(text):
            groups = tuple(group.replace("%2F", "/").replace("%2f", "/") for group in found.groups())
            made = entry.make(groups, names)
            return made if isinstance(made, Wrong) else (_typed(entry, made), made)
    return _unknown(text, names)


_MEANT = re.compile(f"did you mean '(?!{'|'.join({e.name.partition('/')[0] for e in CATALOGUE if not e.of_scope})})(.)")
"""The beginning of a hint at a target that a Scope has."""


def _of_one(scope: str, rest: str, names: Names) -> tuple[Entry, Target] | Wrong:
    """Return the target of one Scope of several."""
    found = _resolve(rest, names.of(scope))
    if isinstance(found, Wrong):
        hints = [_MEANT.sub(lambda meant: f"did you mean '{scope}/{meant[1]}", hint) for hint in found.hints]
        return Wrong(found.message.replace("no target '", f"no target '{shorten(scope, 20)}/"), tuple(hints))
    entry, target = found
    if not entry.of_scope:
        return Wrong(f"'{shorten(rest)}' is the bridge's own, and belongs to no Scope", (f"write {shorten(rest, 80)}",))
    return entry, OfScope(scope, target)


def _typed(entry: Entry, target: Target) -> Entry:
    """Return the entry with the shape of the very parameter, where the catalogue of a server knows more."""
    if not isinstance(target, ParameterTarget) or target.element is not None:
        return entry
    known = target.parameter
    if "<" not in entry.name and PARAMETERS.get(known.name) is known:
        return entry
    shape = shape_of(known)
    startable = entry.startable and shape is not None
    return replace(entry, shape=shape, example=example_of(known) if shape else entry.example, startable=startable)


_ALSO_CALLED = {
    "prompts": "prompt",
    "text": "prompt",
    "noise": "noise_scale",
    "vace": "vace_context_scale",
    "vace_scale": "vace_context_scale",
    "kv_bias": "kv_cache_attention_bias",
    "denoising_steps": "denoising_step_list",
    "steps": "denoising_step_list",
    "reset": "reset_cache",
    "pause": "paused",
    "slerp": "spatial_interpolation_method",
    "blackout": "output/all/level",
    "freeze": "output/all/freeze",
    "level": "output/all/level",
    "master": "output/all/level",
    "words": "word/<name>",
    "word": "word/<name>",
    "lora": "lora/<name>",
    "loras": "lora/<name>",
    "scene": "scene/<name>",
    "page": "page/<name>",
    "cue": "cue/go",
    "go": "cue/go",
    "random": "prompt/random",
    "next": "prompt/next",
    "image": "image/reference",
    "reference": "image/reference",
    "mouse": "ctrl/mouse",
    "fade": "transition_steps",
    "position": "source/<name>/position",
    "seek": "source/<name>/position",
    "source": "source/<name>",
    "key": "output/all/key",
    "threshold": "output/all/key",
    "recording": "record",
    "passthrough": "bypass",
    "wet": "bypass",
    "dry": "bypass",
}

_LOADED = {one.name: one.example for one in LOAD.fields if one.name != "base_seed"}
"""Load parameters, with examples."""
_COUNTED = re.compile(r"denoising_step_list\[([0-9]+)\]|snapshot/(save|recall)/([0-9]+)")
"""What counts too far to match a target."""
_FORMS = {
    "output": ("freeze", "level", "key"),
    "route": ("amount", "on"),
}


def _unknown(text: str, names: Names) -> Wrong:
    head, *rest = text.split("/")
    message = f"there is no target '{shorten(text)}'"
    if text.startswith("/"):
        last = nearest(text.split("/")[-1], _all_of(names))
        meant = f"; did you mean '{last}'?" if last else ": td/noise -> noise_scale"
        return Wrong(message, (f"an OSC address stands left of the arrow{meant}",))
    if near := _ALSO_CALLED.get(text.lower()):
        return Wrong(message, (f"did you mean '{near}'?",))
    if text in _LOADED:
        return Wrong(
            f"'{text}' is set when the pipeline is loaded, and not while it runs",
            (f"write scope: {{load: {{{text}: {_LOADED[text]}}}}}",),
        )
    known = names.catalogue.parameters.get(text)
    if known is not None:
        if text in PARAMETERS and own_target(text):
            return Wrong(f"'{text}' is no target by its bare name", own_target(text))
        return Wrong(message, (f"did you mean 'param/{text}'?",))
    if plain := without_typographic_quotes(text):
        return Wrong(
            TYPOGRAPHIC,
            (f"write {shorten(plain, 80)}",),
        )
    if counted := _COUNTED.fullmatch(text):
        make, *found = (element_target, counted[1]) if counted[1] else (snapshot_target, counted[2], counted[3])
        if isinstance(wrong := make(tuple(found), names), Wrong):
            return wrong
    if head in _FORMS and rest:
        return Wrong(message, _forms(head, rest, names))
    if re.search(r"[{}*]", text):
        return Wrong(
            f"the target '{shorten(text)}' holds a pattern that the signal does not",
            ("{n} stands on both sides: td/fader/{n} -> lora/{n}",),
        )
    if rest and names.scopes and (near := nearest(head, names.scopes)):
        return Wrong(message, (f"did you mean '{shorten('/'.join((near, *rest)), 80)}'?",))
    if rest and names.scopes == {} and head not in _BY_HEAD:
        one = _resolve("/".join(rest), names)
        if not isinstance(one, Wrong):
            return Wrong(
                f"{message}: this profile has one Scope, which needs no name", (f"write {shorten('/'.join(rest), 80)}",)
            )
    if head not in _BY_HEAD and rest and (right := _right_head(head)):
        meant = "/".join((right, *rest))
        reached = _resolve(meant, names)
        return Wrong(
            message, (f"did you mean '{shorten(meant, 80)}'?", *(reached.hints if isinstance(reached, Wrong) else ()))
        )
    near = nearest(text, _all_of(names))
    if near is not None and near not in (text, head):
        return Wrong(message, (f"did you mean '{near}'?",))
    if head in _BY_HEAD and head != text:
        ways = [entry.name for _, entry in _BY_HEAD[head]]
        return Wrong(message, (f"that begins like {', '.join(ways)}",))
    return Wrong(
        message,
        (
            f"those of the bridge begin with {', '.join(_of_the_bridge())}",
            f"those of Scope are {', '.join(known.name for known in PARAMETERS.values() if is_plain(known))}",
            f"one that only your pipeline knows is param/{text if re.fullmatch(r'[a-zA-Z_]+', text) else '<name>'}",
        ),
    )


def _forms(head: str, rest: list[str], names: Names) -> tuple[str, ...]:
    """Return what to write for an output or a route that has no such control."""
    known = (names.outputs if head == "output" else names.routes) or ()
    if rest[0] in _FORMS[head] and rest[0] not in known:
        # The name is missing: output/level.
        every = [f"{head}/{name}/{rest[0]}" for name in (*known, *((ALL,) if head == "output" else ()))]
        there = f": {shorten(', '.join(every), 80)}" if every else ""
        return (f"write {head}/<name>/{rest[0]}{there}",)
    name = rest[0] or (ALL if head == "output" else "<name>")
    forms = [f"'{head}/{name}/{control}'" for control in _FORMS[head]]
    return (f"{'an' if head == 'output' else 'a'} {head} has {', '.join(forms)}",)


def _right_head(head: str) -> str | None:
    """Return what the targets begin with that someone means who writes `params/` or `parm/`."""
    heads = sorted({entry.name.split("/")[0] for entry in CATALOGUE if "/" in entry.name})
    return nearest(head, heads)


def _of_the_bridge() -> Iterable[str]:
    return (head for head in _BY_HEAD if head not in PARAMETERS)


def _all_of(names: Names) -> Iterable[str]:
    """Yield every target that there is in a profile with these names."""
    yield from plain_names()
    yield from ("prompt/next", "prompt/previous", "prompt/random", "cue/go", "cue/back", "page/next", "page/previous")
    yield from ("image/reference", "image/first", "image/last", "snapshot/save/1", "snapshot/recall/1")
    for table, forms in (
        (names.words, ("word/%",)),
        (names.bank, ("prompt/%",)),
        (names.slots, ("prompt/%/weight", "prompt/%/text")),
        (names.scenes, ("scene/%",)),
        (names.cues, ("cue/%",)),
        (names.pages, ("page/%",)),
        (names.loras, ("lora/%",)),
        (names.inputs, ("source/%",)),
        (names.films, ("source/%/position",)),
        (names.routes, ("route/%/amount", "route/%/on")),
        (names.scopes, tuple(f"%/{entry.name}" for entry in CATALOGUE if "<" not in entry.name and entry.of_scope)),
        ((*(names.outputs or ()), ALL), ("output/%/freeze", "output/%/level", "output/%/key")),
    ):
        for name in table or ():
            if "/" not in name:  # which has been refused where it was given
                yield from (form.replace("%", name) for form in forms)
