"""Writing into a profile: what is new looks as its neighbours do, and nothing else changes by a byte."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.errors import Refused
from bridge.profile.edit import outline, writing
from bridge.profile.edit.saving import add_route, add_to_section, save_scene
from bridge.profile.edit.writing import EditError
from bridge.profile.shapes.shape import resolve
from bridge.profile.source import compose, nodes
from bridge.profile.source.problems import Notes, lines_of

ROOT = Path(__file__).parents[3]

# Scenes that are there: (what, before, name, values, after).

SCENES: list[tuple[str, str, str, dict[str, Any], str]] = [
    (
        "a value between brackets is replaced, and a new one comes last",
        "scenes:\n  intro: {noise_scale: 0.3, prompt: reef}   # first\n  drop:  {noise_scale: 1}\n",
        "intro",
        {"noise_scale": 0.5, "prompt": "reef", "lora/arcane": 0.25},
        "scenes:\n  intro: {noise_scale: 0.5, prompt: reef, lora/arcane: 0.25}   # first\n  drop:  {noise_scale: 1}\n",
    ),
    (
        "a block keeps the comments of its lines, and what is not live",
        "scenes:\n  drop:\n    # loud\n    noise_scale: 0.80 # the hand\n    prompt: neon\n\n    seed: 4\nroutes: []\n",
        "drop",
        {"noise_scale": 0.9, "prompt": "neon", "manage_cache": False},
        "scenes:\n  drop:\n    # loud\n    noise_scale: 0.9 # the hand\n    prompt: neon\n\n    seed: 4\n"
        "    manage_cache: false\nroutes: []\n",
    ),
    (
        "a value that reads the same is not touched, however it is written",
        "scenes:\n  drop: {a: 0.30, b: 1, c: 'x', d: [ 1,2 ], e: 0x10, f: True}\n",
        "drop",
        {"a": 0.3, "b": 1.0, "c": "x", "d": [1, 2], "e": 16, "f": True},
        "scenes:\n  drop: {a: 0.30, b: 1, c: 'x', d: [ 1,2 ], e: 0x10, f: True}\n",
    ),
    (
        "one with set: keeps it, with its fade and curve",
        "scenes:\n  drop: {fade: 2 bars, curve: s, set: {noise_scale: 0.8}}\n",
        "drop",
        {"noise_scale": 0.1, "seed": 7},
        "scenes:\n  drop: {fade: 2 bars, curve: s, set: {noise_scale: 0.1, seed: 7}}\n",
    ),
    (
        "what one value has of its own stays",
        "scenes:\n  drop:\n    fade: 2 s\n    set:\n      a: {to: 0.8, fade: 1 bar, curve: exp}\n      b:\n        to: 1 # up\n"
        "        fade: cut\n      c: 3\n",
        "drop",
        {"a": 0.25, "b": 2, "c": 4},
        "scenes:\n  drop:\n    fade: 2 s\n    set:\n      a: {to: 0.25, fade: 1 bar, curve: exp}\n      b:\n        to: 2 # up\n"
        "        fade: cut\n      c: 4\n",
    ),
    (
        "a fade without values gets them under set",
        "scenes:\n  drop: {fade: 2 s}\n  fall:\n    fade: 1 s # slow\n",
        "drop",
        {"a": 1},
        "scenes:\n  drop: {fade: 2 s, set: {a: 1}}\n  fall:\n    fade: 1 s # slow\n",
    ),
    (
        "a fade in a block, too",
        "scenes:\n  fall:\n    fade: 1 s # slow\n",
        "fall",
        {"a": 1},
        "scenes:\n  fall:\n    fade: 1 s # slow\n    set: {a: 1}\n",
    ),
    (
        "an empty set is filled",
        "scenes:\n  fall:\n    set: # nothing yet\n    fade: 1 s\n",
        "fall",
        {"a": 1},
        "scenes:\n  fall:\n    set: {a: 1} # nothing yet\n    fade: 1 s\n",
    ),
    (
        "an empty scene is filled as its neighbours are",
        "scenes:\n  intro: {a: 0}\n  drop: # soon\n  fall: {}\n",
        "drop",
        {"a": 1},
        "scenes:\n  intro: {a: 0}\n  drop: {a: 1} # soon\n  fall: {}\n",
    ),
    (
        "an empty scene among blocks becomes a block",
        "scenes:\n   intro:\n      a: 0\n   drop: {} # soon\n",
        "drop",
        {"a": 1, "b": "x"},
        "scenes:\n   intro:\n      a: 0\n   drop: # soon\n      a: 1\n      b: x\n",
    ),
    (
        "a value of nothing is filled",
        "scenes:\n  drop:\n    a:\n    b: # later\n    c: ~\n  fall: {a: , b}\n",
        "drop",
        {"a": 1, "b": 2, "c": 3},
        "scenes:\n  drop:\n    a: 1\n    b: 2 # later\n    c: 3\n  fall: {a: , b}\n",
    ),
    (
        "a value of nothing between brackets is filled",
        "scenes:\n  fall: {a: , b, c: }\n",
        "fall",
        {"a": 1, "b": 2, "d": 4},
        "scenes:\n  fall: {a: 1, b: 2, c: , d: 4 }\n",
    ),
    (
        "brackets over several lines get a line more",
        "scenes:\n  drop: {\n    a: 1,  # one\n    b: 2   # two\n  }\n  fall: {\n    a: 1,\n  }\n",
        "drop",
        {"b": 3, "c": 4},
        "scenes:\n  drop: {\n    a: 1,  # one\n    b: 3,   # two\n    c: 4\n  }\n  fall: {\n    a: 1,\n  }\n",
    ),
    (
        "a comma at the end stays one",
        "scenes:\n  fall: {\n    a: 1, # one\n  }\n  drop: {a: 1, }\n",
        "fall",
        {"b": 2, "c": 3},
        "scenes:\n  fall: {\n    a: 1, # one\n    b: 2,\n    c: 3,\n  }\n  drop: {a: 1, }\n",
    ),
    (
        "a bracket that closes beside the last value stays there",
        "scenes:\n  drop: {a: 1,\n         b: 2}\n",
        "drop",
        {"c": 3},
        "scenes:\n  drop: {a: 1,\n         b: 2,\n         c: 3}\n",
    ),
    (
        "quotes stay those that there were",
        "scenes:\n  drop: {prompt: 'reef', a: \"x\", \"b\": 'it'}\n",
        "drop",
        {"prompt": "neon", "a": "y", "b": "it's"},
        "scenes:\n  drop: {prompt: 'neon', a: \"y\", \"b\": 'it''s'}\n",
    ),
    (
        "single items of a list are replaced",
        "scenes:\n  drop:\n    steps:\n      - 1000 # first\n      - 750\n    other: [1000,  750] # both\n",
        "drop",
        {"steps": [1000, 500], "other": [900, 750]},
        "scenes:\n  drop:\n    steps:\n      - 1000 # first\n      - 500\n    other: [900,  750] # both\n",
    ),
    (
        "of a list that gets another length the comments are kept",
        "scenes:\n  drop:\n    steps: # in order\n      - 1000 # first\n      # gap\n      - 750\n    b: 1\n",
        "drop",
        {"steps": [1000]},
        "scenes:\n  drop:\n    # first\n    # gap\n    steps: [1000] # in order\n    b: 1\n",
    ),
    (
        "text of several lines is a block where it can be",
        "scenes:\n  drop:\n    prompt: reef # deep\n    b: 1\n",
        "drop",
        {"prompt": "one: two\n# three"},
        "scenes:\n  drop:\n    prompt: |- # deep\n      one: two\n      # three\n    b: 1\n",
    ),
    (
        "a block of text gives way to text on one line, and to another block",
        "scenes:\n  drop:\n    prompt: > # deep\n      one\n      two\n\n    text: |\n        three\n    b: 1\n",
        "drop",
        {"prompt": "reef", "text": "four\n\n five\n"},
        "scenes:\n  drop:\n    prompt: reef # deep\n\n    text: |\n      four\n\n       five\n    b: 1\n",
    ),
    (
        "an alias gives way to its value, what it stands for stays",
        "scenes:\n  intro: {a: &low 0.2, b: *low}\n  drop: {<<: {a: 1, b: 2}, c: 3}\n",
        "intro",
        {"a": 0.2, "b": 0.4},
        "scenes:\n  intro: {a: &low 0.2, b: 0.4}\n  drop: {<<: {a: 1, b: 2}, c: 3}\n",
    ),
    (
        "what << brings is overruled where it differs",
        "scenes:\n  intro: &base {a: 1, b: 2}\n  drop:\n    <<: *base\n    c: 3\n",
        "drop",
        {"a": 1, "b": 5, "c": 4},
        "scenes:\n  intro: &base {a: 1, b: 2}\n  drop:\n    <<: *base\n    c: 4\n    b: 5\n",
    ),
    (
        "an anchor that nobody else uses stays",
        "scenes:\n  drop: &d\n    a: &x 1\n    b: &y\n",
        "drop",
        {"a": 2, "b": 3},
        "scenes:\n  drop: &d\n    a: &x 2\n    b: &y 3\n",
    ),
    (
        "Windows line ends and the byte order mark stay",
        "\ufeffscenes:\r\n  drop:\r\n    a: 1 # one\r\n\r\nroutes: []\r\n",
        "drop",
        {"a": 2, "b": "x\ny"},
        "\ufeffscenes:\r\n  drop:\r\n    a: 2 # one\r\n    b: |-\r\n      x\r\n      y\r\n\r\nroutes: []\r\n",
    ),
    (
        "a last line without an end gets one where a line follows",
        "scenes:\n  drop:\n    text: |\n      one",
        "drop",
        {"a": 2},
        "scenes:\n  drop:\n    text: |\n      one\n    a: 2\n",
    ),
    (
        "and none where none follows",
        "scenes: {drop: {a: 1}}",
        "drop",
        {"a": 2, "b": 3},
        "scenes: {drop: {a: 2, b: 3}}",
    ),
    (
        "characters beyond the first plane count as one",
        "# 🌊🌊\nscenes:\n  夜: {a: '🌊', b: 1} # 🌊\n",
        "夜",
        {"a": "é🌊", "b": 2},
        "# 🌊🌊\nscenes:\n  夜: {a: 'é🌊', b: 2} # 🌊\n",
    ),
]

NEW_SCENES: list[tuple[str, str, str, dict[str, Any], str]] = [
    (
        "it comes last, between brackets as its neighbours",
        "scenes:\n  intro: {a: 1}\n\nroutes: []\n",
        "drop",
        {"noise_scale": 0.5, "prompt": "4: it's {mood} #1", "denoising_step_list[2]": 750},
        "scenes:\n  intro: {a: 1}\n"
        '  drop: {noise_scale: 0.5, prompt: "4: it\'s {mood} #1", "denoising_step_list[2]": 750}\n\nroutes: []\n',
    ),
    (
        "or as a block, as deep as they are",
        "scenes:\n    intro:\n        a: 1\nroutes: []\n",
        "drop",
        {"a": 2, "b": [1, 2]},
        "scenes:\n    intro:\n        a: 1\n    drop:\n        a: 2\n        b: [1, 2]\nroutes: []\n",
    ),
    (
        "text of several lines makes it a block",
        "scenes:\n  intro: {a: 1}\n",
        "drop",
        {"prompt": "one\ntwo"},
        "scenes:\n  intro: {a: 1}\n  drop:\n    prompt: |-\n      one\n      two\n",
    ),
    (
        "comments as deep as the scenes belong to them",
        "scenes:\n  intro: {a: 1}\n  # fall: {a: 3}\n\n  # rise: {}\n\n# The routes.\nroutes: []\n",
        "drop",
        {"a": 2},
        "scenes:\n  intro: {a: 1}\n  # fall: {a: 3}\n\n  # rise: {}\n  drop: {a: 2}\n\n# The routes.\nroutes: []\n",
    ),
    (
        "scenes between brackets stay there",
        "scenes: {intro: {a: 1}, fall: {a: 3}} # all\nroutes: []\n",
        "drop",
        {"a": 2, "prompt": "x\ny"},
        'scenes: {intro: {a: 1}, fall: {a: 3}, drop: {a: 2, prompt: "x\\ny"}} # all\nroutes: []\n',
    ),
    (
        "scenes: without any are filled",
        "scenes: # none\n  # yet\n\nroutes: []\n",
        "drop",
        {"a": 2},
        "scenes: # none\n  # yet\n  drop: {a: 2}\n\nroutes: []\n",
    ),
    (
        "empty brackets become a block",
        "scenes: {} # none\nroutes: []\n",
        "drop",
        {"a": 2},
        "scenes: # none\n  drop: {a: 2}\nroutes: []\n",
    ),
    (
        "brackets with a comment only stay",
        "scenes: { # none\n}\nroutes: []\n",
        "drop",
        {"a": 2},
        "scenes: { # none\ndrop: {a: 2}\n}\nroutes: []\n",
    ),
    (
        "a new section stands before the cues and their comment, with a blank line as the others have",
        "# A show.\n\nscope: x\n\n# One\n# two.\ncues: {}\n\nroutes:\n  - a/b -> prompt\n",
        "drop",
        {"a": 2},
        "# A show.\n\nscope: x\n\nscenes:\n  drop: {a: 2}\n\n# One\n# two.\ncues: {}\n\nroutes:\n  - a/b -> prompt\n",
    ),
    (
        "and without, as the others",
        "# A show.\nscope: x\nroutes:\n- a/b -> prompt\n",
        "drop",
        {"a": 2},
        "# A show.\nscope: x\nscenes:\n  drop: {a: 2}\nroutes:\n- a/b -> prompt\n",
    ),
    (
        "a comment above the first section is the file's",
        "# A show.\nroutes:\n- a/b -> prompt\n",
        "drop",
        {"a": 2},
        "# A show.\nscenes:\n  drop: {a: 2}\nroutes:\n- a/b -> prompt\n",
    ),
    (
        "with nothing to stand before it comes last",
        "scope: x\n\nstart: {}\n# end",
        "drop",
        {},
        "scope: x\n\nstart: {}\n# end\n\nscenes:\n  drop: {}\n",
    ),
    ("a profile may be empty", "", "drop", {"a": 2}, "scenes:\n  drop: {a: 2}\n"),
    ("or nothing but comments", "# soon\r\n", "drop", {"a": 2}, "# soon\r\nscenes:\r\n  drop: {a: 2}\r\n"),
    ("or one line", "{scope: x}\n", "drop", {"a": 2}, "{scope: x, scenes: {drop: {a: 2}}}\n"),
    ("or have ends of a document", "---\nscope: x\n...\n", "a", {}, "---\nscope: x\nscenes:\n  a: {}\n...\n"),
    (
        "no blank line is added to a text that would keep it",
        "scope: x\n\nnote: |+\n  one\n",
        "drop",
        {"a": 1},
        "scope: x\n\nnote: |+\n  one\nscenes:\n  drop: {a: 1}\n",
    ),
    (
        "blank lines that are part of a text stay so",
        "scope: x\n\nnote: |+\n  one\n\n",
        "drop",
        {"a": 1},
        "scope: x\n\nnote: |+\n  one\n\nscenes:\n  drop: {a: 1}\n",
    ),
]

ROUTES: list[tuple[str, str, str | dict[str, Any], str | None, str]] = [
    (
        "a short one comes last",
        "routes:\n  - a/b -> prompt   # one\n\npages: {}\n",
        "a/xy[1] -> lora/{n}",
        None,
        "routes:\n  - a/b -> prompt   # one\n  - a/xy[1] -> lora/{n}\n\npages: {}\n",
    ),
    (
        "dashes stand as the others do",
        "scope: x\nroutes:\n-   a/b -> prompt\n# The pages.\npages: {}\n",
        {"from": "a/xy[1]", "to": "seed"},
        None,
        'scope: x\nroutes:\n-   a/b -> prompt\n-   {from: "a/xy[1]", to: seed}\n# The pages.\npages: {}\n',
    ),
    (
        "a mapping is a block after a block, with brackets only inside",
        "routes:\n  - from: a/b\n    to: prompt\n  - a/c -> prompt\n",
        {"from": "a/d", "to": "seed", "filters": [{"smooth": "150 ms"}, "invert"], "out": [0, 0.5]},
        None,
        "routes:\n  - from: a/b\n    to: prompt\n  - a/c -> prompt\n"
        "  - from: a/d\n    to: seed\n    filters: [{smooth: 150 ms}, invert]\n    out: [0, 0.5]\n",
    ),
    (
        "quotes are those of the one before",
        'routes:\n  - "a/b -> prompt"\n',
        "a/c -> seed",
        None,
        'routes:\n  - "a/b -> prompt"\n  - "a/c -> seed"\n',
    ),
    (
        "between brackets it stays there",
        "routes: [a/b -> prompt, ]\n",
        "a/xy[1] -> seed",
        None,
        'routes: [a/b -> prompt, "a/xy[1] -> seed", ]\n',
    ),
    (
        "an empty list becomes a block",
        "routes: []   # none\na: 1\n",
        "b/c -> seed",
        None,
        "routes:   # none\n  - b/c -> seed\na: 1\n",
    ),
    ("a key without routes, too", "routes:\na:\n- 1\n", "b/c -> seed", None, "routes:\n- b/c -> seed\na:\n- 1\n"),
    ("a null, too", "routes: null\na: 1\n", "b/c -> seed", None, "routes:\n  - b/c -> seed\na: 1\n"),
    (
        "a new list stands before the pages",
        "scope: x\npages: {}\n",
        "b/c -> seed",
        None,
        "scope: x\nroutes:\n  - b/c -> seed\npages: {}\n",
    ),
    (
        "one that is there is not added again",
        "routes: ['b/c  -> x', b/c -> seed]\n",
        "b/c -> seed",
        None,
        "routes: ['b/c  -> x', b/c -> seed]\n",
    ),
    (
        "a page has routes of its own",
        "pages:\n  one: {while: a/b}\n  two:\n    routes:\n      - a/c -> seed # x\n    from: a/d\n",
        "a/e -> seed",
        "two",
        "pages:\n  one: {while: a/b}\n  two:\n    routes:\n      - a/c -> seed # x\n      - a/e -> seed\n    from: a/d\n",
    ),
    (
        "a page without routes gets them",
        "pages:\n  one: {while: a/b} # held\n  two:\n",
        "a/e -> seed",
        "one",
        "pages:\n  one: {while: a/b, routes: [a/e -> seed]} # held\n  two:\n",
    ),
    (
        "a page of nothing gets them",
        "pages:\n  one: {while: a/b}\n  two:\n",
        "a/e -> seed",
        "two",
        "pages:\n  one: {while: a/b}\n  two:\n    routes:\n      - a/e -> seed\n",
    ),
]

ENTRIES: list[tuple[str, str, str | tuple[str, ...], str, Any, str]] = [
    (
        "a prompt of several lines",
        "prompts:\n  bank:\n    reef: >-\n      deep\n      blue\n  # words\n  words: {mood: [calm]}\n",
        ("prompts", "bank"),
        "neon",
        "{mood} rain,\n35 mm\n",
        "prompts:\n  bank:\n    reef: >-\n      deep\n      blue\n    neon: |\n      {mood} rain,\n      35 mm\n  # words\n"
        "  words: {mood: [calm]}\n",
    ),
    (
        "a bank that is missing",
        "prompts:\n  fade: cut\nroutes: []\n",
        ("prompts", "bank"),
        "neon",
        "{mood} rain",
        'prompts:\n  fade: cut\n  bank:\n    neon: "{mood} rain"\nroutes: []\n',
    ),
    (
        "a section that is missing, with what it stands in",
        "scope: x\n\nroutes: []\n",
        ("prompts", "bank"),
        "4",
        "4",
        'scope: x\n\nprompts:\n  bank:\n    "4": "4"\n\nroutes: []\n',
    ),
    (
        "a cue",
        "cues:\n  doors: {scene: intro}\nroutes: []\n",
        "cues",
        "first",
        {"scene": "drop", "wait": "4 bars", "note": "yes"},
        'cues:\n  doors: {scene: intro}\n  first: {scene: drop, wait: 4 bars, note: "yes"}\nroutes: []\n',
    ),
    (
        "one that says the same is left alone",
        "cues: {a: {scene: x}}\n",
        "cues",
        "a",
        {"scene": "x"},
        "cues: {a: {scene: x}}\n",
    ),
]

Edit = Callable[[str], str]


def scene(name: str, values: Mapping[str, Any]) -> Edit:
    return lambda text: save_scene(text, name, values)


def route(new: str | Mapping[str, Any], page: str | None) -> Edit:
    return lambda text: add_route(text, new, page)


def entry(section: str | tuple[str, ...], key: str, value: Any) -> Edit:
    return lambda text: add_to_section(text, section, key, value)


CASES = [
    *(pytest.param(before, scene(name, values), after, id=what) for what, before, name, values, after in SCENES),
    *(pytest.param(before, scene(name, values), after, id=what) for what, before, name, values, after in NEW_SCENES),
    *(pytest.param(before, route(new, page), after, id=what) for what, before, new, page, after in ROUTES),
    *(
        pytest.param(before, entry(section, key, it), after, id=what)
        for what, before, section, key, it, after in ENTRIES
    ),
]


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers of PyYAML: they differ in what they take, and it depends on the machine which is there."""
    loader = getattr(yaml, request.param, None)
    if loader is None:
        pytest.skip("this PyYAML has no libyaml")
    monkeypatch.setattr(outline, "Loader", loader)
    monkeypatch.setattr(compose, "_Loader", loader)


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(("before", "edit", "after"), CASES)
def test_an_edit_gives_exactly_this_text_and_once_more_the_same(before: str, edit: Edit, after: str) -> None:
    assert edit(before) == after
    assert edit(after) == after


REFUSED = [
    pytest.param("scenes: {a: [}\n", scene("a", {}), "line 1 cannot be read", id="no YAML"),
    pytest.param("scenes: {}\nscenes: {}\n", scene("a", {}), "'scenes' is given twice", id="a key twice"),
    pytest.param("scenes:\n\ta: 1\n", scene("a", {}), "cannot be read", id="a tab"),
    pytest.param("- a\n", scene("a", {}), "a mapping of sections", id="a list"),
    pytest.param("just text\n", scene("a", {}), "a mapping of sections", id="text"),
    pytest.param("scenes: [a]\n", scene("a", {}), "'scenes' is no mapping", id="a section of another kind"),
    pytest.param("scenes: {a: 1}\n", scene("a", {}), "the scene 'a' is no mapping", id="a scene of another kind"),
    pytest.param("scenes: {a: {set: 1}}\n", scene("a", {"b": 1}), "no mapping", id="a set of another kind"),
    pytest.param("routes: {a: 1}\n", route("a/b -> seed", None), "'routes' is no list", id="routes of another kind"),
    pytest.param("x: &s {a: {b: 1}}\nscenes: *s\n", scene("c", {"b": 2}), "'scenes' is *s, a copy", id="an alias for the section"),
    pytest.param("x: &s {b: 1}\nscenes: {a: *s}\n", scene("a", {"b": 2}), "'scenes.a' is *s, a copy", id="an alias for the scene"),
    pytest.param("x: &s {}\nscenes: {a: *s}\n", scene("a", {"b": 2}), "*s, a copy", id="an alias for nothing"),
    pytest.param("x: &s {}\nscenes: {a: {<<: *s}}\n", scene("a", {"b": 2}), "made of what stands", id="a scene of << alone"),
    pytest.param("x: &s {a: {b: 1}}\nscenes: {<<: *s}\n", scene("a", {"b": 2}), "comes from elsewhere", id="a scene through <<"),
    pytest.param("x: &s {a: {}}\nscenes: {<<: *s}\n", scene("a", {"b": 2}), "comes from elsewhere", id="an empty scene through <<"),
    pytest.param("scenes:\n  a: &s {b: 1}\n  c: *s\n", scene("a", {"b": 2}), "something else", id="a scene that others copy"),
    pytest.param("scenes:\n  a: {b: &v 1}\nstart: {b: *v}\n", scene("a", {"b": 2}), "something else", id="a value that others copy"),
    pytest.param("routes: &r\n  - a/b -> seed\nx: *r\n", route("c/d -> seed", None), "something else", id="routes that others copy"),
    pytest.param("pages: {looks: {}}\n", route("c/d -> seed", "loks"), "no page 'loks', did you mean 'looks'", id="no page"),
    pytest.param("scope: x\n", route("c/d -> seed", "one"), "there is no page 'one'", id="no pages"),
    pytest.param("cues:\n  a: {scene: x}\n", entry("cues", "a", {"scene": "y"}), "has another 'a' already, on line 2", id="another entry"),
    pytest.param("scope: x\n", scene("a", {"b": math.nan}), "nan is no number", id="no number"),
    pytest.param("scope: x\n", scene("a", {"b": object()}), "cannot hold a object", id="no value"),
    pytest.param("scope: x\n", scene("a", {"b": "\ud800"}), "surrogate", id="half a character"),
    pytest.param("scope: x\n", scene("a\nb", {}), "on one line", id="a name of two lines"),
    pytest.param("scope: x\n", scene("a" * 2000, {}), "cannot be written", id="a name that is too long for YAML"),
]  # fmt: skip


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(("text", "edit", "said"), REFUSED)
def test_what_cannot_be_edited_safely_is_refused_with_the_reason(text: str, edit: Edit, said: str) -> None:
    with pytest.raises(EditError) as refused:
        edit(text)
    assert said in str(refused.value)
    assert isinstance(refused.value, ValueError)
    assert isinstance(refused.value, Refused)


@pytest.mark.parametrize("name", ["demo.yaml", "touchdesigner.yaml"])
def test_the_profiles_that_come_along_can_be_written_into(name: str) -> None:
    text = (ROOT / "mappings" / name).read_bytes().decode()
    edited = add_route(save_scene(text, "now", {"prompt": "reef", "noise_scale": 0.5}), "td/x -> noise_scale")

    assert yaml.safe_load(edited)["scenes"]["now"] == {"prompt": "reef", "noise_scale": 0.5}
    assert yaml.safe_load(edited)["routes"] == [*yaml.safe_load(text)["routes"], "td/x -> noise_scale"]
    rows = iter(edited.splitlines())
    assert all(row in rows for row in text.splitlines()), "every line is there, in its order"


# Any value, in any place.

TRAPS = [
        "", "on", "off", "yes", "No", "y", "N", "true", "null", "~", "0042", "1:30", "2026-01-01", "1e5", "0x1F", "0o17",
        ".inf", ".nan", "-", "- a", "---", "...", "<<", "=", "%a", "@a", "`a", "a: b", "a #b", "#a", "{mood} x", "*APC*",
        "&a", "!a", "|", ">", "? a", "?", ":", "a:", ": a", " a", "a ", "\ta", "a\n", "\na", "a\n\n", "a\n b\n  c", " a\nb",
        "a\r\nb", "\x85", "\u2028", "\ufeff", "\ue001", "\x00", "\x7f", "\xa0a", "a\n\xa0b", "夜\n🌊", "\\", '"', "'", "it's \"x\"",
        "${HOME}", "1_000", "+1", "1.", ".5", "12e03", "a\n---\nb", "a\n# b", "-1 -> x", "td/xy[1] -> lora/{n}",
        ]  # fmt: skip

texts = st.one_of(
    st.text(max_size=30),
    st.text("ab:#,{}[]&*!|>'\"%@`- \n\\0123.eExo+?~=<\t", max_size=12),
    st.sampled_from(TRAPS),
)
numbers = st.one_of(st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False))
scalars = st.one_of(st.booleans(), numbers, texts)
values = st.one_of(scalars, st.lists(scalars, max_size=3))
names = st.one_of(
    st.sampled_from(
        ["noise_scale", "prompt", "lora/arcane", "denoising_step_list[2]", "param/x", "on", "12", "a b", "é"]
    ),
    texts.filter(lambda text: text != "<<" and not text.startswith("\ue000") and not set(text) & {"\n", "\r"}),
)


def writable(value: Any) -> bool:
    """Whether the reader of profiles has a place for it: it keeps two private characters for itself."""
    every = value if isinstance(value, list) else [value]
    return not any(isinstance(it, str) and it.startswith("\ue000") for it in every)


def reads(node: nodes.Node | None) -> Any:
    match node:
        case nodes.Scalar():
            return resolve(node)
        case nodes.Sequence():
            return [reads(it) for it in node.items]
        case nodes.Mapping():
            return {key.text: reads(it) for key, it in node.pairs if isinstance(key, nodes.Scalar)}
        case _:
            return node


def composed(text: str) -> Any:
    notes = Notes(lines_of(text))
    root = compose.compose(text, notes)
    assert notes.problems() == ()
    return reads(root)


relaxed = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("text", TRAPS)
def test_text_that_yaml_would_take_for_something_else_stays_text(text: str) -> None:
    for written in (f"a: {writing.scalar(text)}\n", f"{{a: {writing.scalar(text, in_flow=True)}}}\n"):
        assert composed(written) == {"a": text}
        assert yaml.safe_load(written) == {"a": text}


@relaxed
@given(names, values.filter(writable), st.sampled_from(["'", '"', None]))
def test_every_value_is_read_back_the_same_by_every_reader(name: str, value: Any, quote: str | None) -> None:
    pair = {name: value, "last": 1} if name != "last" else {name: value}
    layout = writing.Layout()
    for text, there in (
        (f"{writing.flow(value, quote=quote)}", value),
        (f"[{writing.flow(value, in_flow=True, quote=quote)}, 1]", [value, 1]),
        (writing.flow(pair), pair),
        ("\n".join(row for key, it in pair.items() for row in layout.entry(2, key, it, quote=quote)), pair),
        ("\n".join(layout.item(2, "-   ", pair, in_flow=False)), [pair]),
        ("\n".join(layout.value(0, 0, [pair, value], 1)), [pair, value]),
    ):
        before = " " if text[:1] != " " and not text.startswith("\n") else "\n"
        for read in (composed, yaml.safe_load):
            read_back = read(f"all:{before}{text}\n")["all"]
            assert read_back == there
            assert repr(read_back) == repr(there)


# Any profile.

comments = st.integers(0, 9).map(lambda number: f"# note {number}: it's {{a}} [b] 'c")


@st.composite
def profiles(draw: st.DrawFn) -> tuple[str, str, str, list[str]]:
    """What comes before a scene called `drop`, the scene, what comes after it, and the targets that it sets."""
    step = " " * draw(st.sampled_from([1, 2, 4]))
    blank = st.sampled_from(["", "\n", "\n\n"])

    def note(indent: str = "") -> str:
        return draw(st.one_of(st.just(""), comments.map(lambda text: f"{indent}{text}\n"), blank))

    def aside() -> str:
        return draw(st.one_of(st.just(""), comments.map(lambda text: f"   {text}")))

    def block(entries: Mapping[str, str], indent: str) -> str:
        return "".join(f"{indent}{key}: {it}{aside()}\n" + note(indent) for key, it in entries.items())

    def body(indent: str) -> tuple[str, list[str]]:
        """A scene from its colon on."""
        targets = draw(
            st.lists(st.sampled_from(["a", "b", "c", "lora/x", "'q'", '"d"']), min_size=1, max_size=4, unique=True)
        )
        odd = ["1", "0.30", "on", "'x'", '"y: z"', "[1, 2]", "[]", "~", "{to: 1, fade: 2 s}", "&anchor 5", "x y"]
        entries = {target: draw(st.sampled_from(odd)) for target in targets}
        if list(entries.values()).count("&anchor 5") > 1:
            entries = dict.fromkeys(targets, "&anchor 5") if len(targets) == 1 else dict.fromkeys(targets, "1")
        named = [target.strip("'\"") for target in targets]
        form = draw(st.sampled_from(["flow", "lines", "block", "set", "set in flow"]))
        flow = ", ".join(f"{key}: {it}" for key, it in entries.items())
        if form == "flow":
            return f" {{{flow}}}{aside()}\n", named
        if form == "set in flow":
            return f" {{fade: 2 bars, set: {{{flow}}}, curve: s}}{aside()}\n", named
        if form == "lines":
            rows = "".join(f"{indent}{step}{key}: {it},{aside()}\n" + note() for key, it in entries.items())
            return f" {{{aside()}\n{rows}{indent}}}{aside()}\n", named
        if form == "block":
            return f"{aside()}\n" + note(indent + step) + block(entries, indent + step), named
        inner = indent + step
        return f"{aside()}\n{inner}fade: 2 s\n{inner}set:{aside()}\n" + block(entries, inner + step), named

    before = note() + "scope: x\n" + note() + "prompts:\n" + f"{step}bank:\n{step}{step}reef: |\n"
    before += (
        f"{step}{step}{step}# no comment\n{step}{step}{step}deep\n" + note() + "scenes:" + aside() + "\n" + note(step)
    )
    if draw(st.booleans()):
        before += f"{step}intro:" + body(step)[0].replace("&anchor ", "") + note(step)
    scene, targets = body(step)
    after = (f"{step}fall:" + body(step)[0].replace("&anchor ", "")) if draw(st.booleans()) else ""
    after += note() + "routes:\n" + f"- a/b -> prompt{aside()}\n" + note() + "- {from: a/c, to: seed}" + draw(blank)
    parts = [before, f"{step}drop:{scene}", after]
    if draw(st.booleans()):
        parts = [part.replace("\n", "\r\n") for part in parts]
    return draw(st.sampled_from(["", "\ufeff"])) + parts[0], parts[1], parts[2], targets


def written_comments(text: str) -> list[str]:
    return sorted(row[row.index("# note") :] for row in text.splitlines() if "# note" in row)


def settings_of(scene: dict[str, Any]) -> dict[str, Any]:
    entries = scene.get("set", scene)
    return {key: it["to"] if isinstance(it, dict) and "to" in it else it for key, it in entries.items()}


@relaxed
@given(st.data(), profiles())
def test_saving_a_scene_touches_that_scene_and_nothing_else(
    data: st.DataObject, profile: tuple[str, str, str, list[str]]
) -> None:
    before, scene, after, targets = profile
    text = before + scene + after
    live = data.draw(st.dictionaries(st.one_of(st.sampled_from(targets), names), values.filter(writable), max_size=5))
    live = {target: value for target, value in live.items() if target not in {"set", "fade", "curve"}}
    edited = save_scene(text, "drop", live)

    assert edited.startswith(before)
    assert edited.endswith(after)
    assert written_comments(edited) == written_comments(text)
    was, now = composed(text.removeprefix("\ufeff")), composed(edited.removeprefix("\ufeff"))
    old, new = settings_of(was["scenes"].pop("drop")), settings_of(now["scenes"].pop("drop"))
    assert now == was
    assert new == {**old, **live}
    assert list(new) == list({**old, **live})
    assert (
        yaml.safe_load(edited.removeprefix("\ufeff"))["routes"] == yaml.safe_load(text.removeprefix("\ufeff"))["routes"]
    )
    assert ("\r\n" in edited) == ("\r\n" in text)
    assert "\r\n" not in text or edited.count("\n") == edited.count("\r\n")
    assert save_scene(edited, "drop", live) == edited


@relaxed
@given(
    profiles(),
    names,
    st.dictionaries(names, values.filter(writable), max_size=4),
    st.sampled_from(["a/d -> seed", {"from": "a/d", "to": "é"}]),
)
def test_what_is_added_leaves_every_line_that_was_there(
    profile: tuple[str, str, str, list[str]], name: str, live: dict[str, Any], added: str | dict[str, Any]
) -> None:
    text = "".join(profile[:3])
    name += "!"
    edited = add_route(add_to_section(save_scene(text, name, live), ("prompts", "bank"), name, "one\ntwo"), added)

    was, now = composed(text.removeprefix("\ufeff")), composed(edited.removeprefix("\ufeff"))
    was["scenes"][name], was["prompts"]["bank"][name] = live, "one\ntwo"
    was["routes"].append(added)
    assert now == was
    rows = iter(edited.splitlines())
    assert all(row in rows for row in text.splitlines()), "every line is there, in its order"
    assert save_scene(edited, name, live) == edited
    assert add_route(edited, added) == edited


@relaxed
@given(st.text("abc:-# {}[],&*<'\"|>\n\r \ufeff🌊", max_size=60), st.dictionaries(names, values, max_size=2))
def test_whatever_text_there_is_it_is_edited_or_refused(text: str, live: dict[str, Any]) -> None:
    try:
        edited = save_scene(text, "drop", live)
    except EditError:
        return
    assert save_scene(edited, "drop", live) == edited
