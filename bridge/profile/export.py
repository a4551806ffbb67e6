"""The language written down: the JSON Schema that editors complete and check by, and the reference for people."""

import json
from collections.abc import Iterable
from typing import Any

from bridge.profile import later, targets
from bridge.profile.filters import CURVE, FILTERS, SMOOTH
from bridge.profile.inputs import INPUT
from bridge.profile.language import PROFILE
from bridge.profile.outputs import OUTPUT
from bridge.profile.prompts import PROMPTS
from bridge.profile.routes import LONG_ROUTE
from bridge.profile.scope import LOAD, SCOPE
from bridge.profile.shapes import Json
from bridge.profile.structures import Field, Record

SCHEMA_FILE = "profile.schema.json"
REFERENCE_FILE = "README.md"


def schema() -> Json:
    """Return the JSON Schema (2020-12) of a profile."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scope Bridge profile",
        "description": "What drives what: inputs make signals, routes lead them to Scope's parameters, outputs show it.",
        **PROFILE.schema(),
    }


def schema_text() -> str:
    """Return the JSON Schema as it is written to a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def reference_text() -> str:
    """Return the reference as it is written to a file: Markdown."""
    return "\n".join(_reference()) + "\n"


RECIPES: dict[str, str] = {
    "The smallest profile": """\
scope: http://127.0.0.1:8000
inputs:  {td: {osc: 9000}}
outputs: {program: {ndi: Scope Bridge}}
start:   {prompt: "bioluminescent reef at night, volumetric light"}
routes:
  - td/prompt -> prompt
  - td/speed  -> word/speed
""",
    "A fader that sends 0..1, and how far it may go": """\
inputs: {desk: {osc: 9000, range: [0, 1]}}
start:  {prompt: slow rivers of molten glass}
routes:
  - {from: desk/fader/1, to: vace_context_scale, out: [0.8, 1.4], filters: [{smooth: 150 ms}]}
""",
    "A kick that chunks must not miss": """\
inputs: {td: {osc: 9000}}
start:  {prompt: slow rivers of molten glass}
routes:
  - {from: td/kick, to: param/flash, in: [0, 1], out: [0, 4], per_chunk: max,
     filters: [{smooth: {attack: 5 ms, release: 400 ms}}]}
""",
    "Words in prompts": """\
inputs: {td: {osc: 9000}}
start:  {prompt: neon}
prompts:
  fade: 4 chunks
  bank:
    neon: rain on neon glass, {mood}, {speed}, 35 mm
    ember: "{mood} embers over black water, {speed}"
  words:
    mood:  [calm, tense, ecstatic]
    speed: [still, slow, fast]
routes:
  - td/mood  -> word/mood          # 'tense', or 0.5 for the middle one
  - td/speed -> word/speed
  - td/next  -> prompt             # 'ember', or any text
""",
    "TouchDesigner on another machine": """\
inputs:
  td: {osc: 9000, allow: [192.168.1.20]}     # opens the port to this one address
start: {prompt: slow rivers of molten glass}
routes:
  - td/prompt -> prompt
""",
    "Scope on a rented GPU": """\
scope:
  url: ${SCOPE_URL:-http://127.0.0.1:8000}
  pipeline: longlive
  load: {width: 576, height: 320, vae_type: lightvae}
start: {prompt: slow rivers of molten glass}
""",
    "Blackout and freeze by hand": """\
inputs:  {desk: {osc: 9000}}
outputs: {program: {ndi: Scope Bridge, fps: 60}, wall: {ndi: Scope Wall, fps: 29.97}}
start:   {prompt: slow rivers of molten glass}
routes:
  - desk/master -> output/all/level          # 0 is black
  - desk/freeze -> output/wall/freeze        # 1 holds the picture
""",
    "One setting for several routes": """\
inputs: {td: {osc: 9000, range: [0, 1]}}
start:  {prompt: slow rivers of molten glass}
routes:
  - {from: td/a, to: param/glow, filters: &soft [{curve: s}, {smooth: 300 ms}]}
  - {from: td/b, to: param/grain, filters: *soft}
""",
}
"""Small profiles, each of which is good as it stands."""


def _reference() -> Iterable[str]:
    yield from (
        "# Profiles",
        "",
        "A profile is one YAML file that says what drives what. Those in this folder are ready to play:",
        "",
        "- [`demo.yaml`](demo.yaml): what `scope-bridge demo` plays.",
        "- [`touchdesigner.yaml`](touchdesigner.yaml): a start for TouchDesigner; copy it and make it yours.",
        "",
        "`scope-bridge check my.yaml` prints what each route will do, and every mistake with its place and a way out; "
        "`scope-bridge run my.yaml` plays it, and reads it again whenever you save it.",
        "",
        "For completion and checks in your editor, begin a profile with "
        f"`# yaml-language-server: $schema={SCHEMA_FILE}` and put that file beside it: "
        "`scope-bridge schema --write FOLDER` writes it, and this page.",
        "",
        "## Keys",
        "",
    )
    for title, record in (
        ("The profile", PROFILE),
        ("`scope`", SCOPE),
        ("`scope.load`", LOAD),
        ("One of the `inputs`", INPUT),
        ("One of the `outputs`", OUTPUT),
        ("`prompts`", PROMPTS),
        ("One of the `routes`, written long", LONG_ROUTE),
    ):
        yield from ("### " + title, "")
        yield from _keys(record.fields)
    yield from (
        "A route is one line, `- signal -> target` with a space on each side of the arrow, or the keys above. A signal "
        "is an input's name and an OSC address: `/noise` at the input `td` is `td/noise`.",
        "",
        "Numbers are in the target's own unit, as sent: 1.0 to a target from 0 to 2 is 1.0. An input's `range`, or a "
        "route's `in`, says that its numbers mean a way from one end to the other instead; `out` says where that way "
        "begins and ends, in the target's unit. What does not fit is clamped and counted.",
        "",
        "Text needs quotes if it begins with one of ``{ [ * & ! @ % ` ' \" | > #``, or contains a colon or a `#` with a "
        "space beside it. Only `true` and `false` are switches; `on`, `off`, `yes`, `no` and `1:30` are text.",
        "",
        "## Filters",
        "",
    )
    yield from _keys(FILTERS)
    for record in (CURVE, SMOOTH):
        yield from (f"The keys of `{record.called}`:", "")
        yield from _keys(record.fields)
    yield from ("## Targets", "", "| target | takes | what it is |", "|---|---|---|")
    for entry in targets.CATALOGUE:
        yield f"| `{entry.name}` | {_cell(entry.shape.what)} | {_cell(entry.about)} |"
    yield from ("", "## Recipes", "")
    for title, text in RECIPES.items():
        yield from (f"### {title}", "", "```yaml", text.rstrip("\n"), "```", "")
    yield from (
        "## Not yet",
        "",
        "These belong to the language and come with a later version; `check` says so where a profile uses them.",
        "",
        *(
            f"- {title}: {', '.join(f'`{name}`' for name in names)}"
            for title, names in (
                ("the profile", later.PROFILE),
                ("`scope`", later.SCOPE),
                ("an input", later.INPUT),
                ("an output", later.OUTPUT),
                ("`prompts`", later.PROMPTS),
                ("a route", later.ROUTE),
                ("filters", later.FILTERS),
                ("signals", [f"{name}/…" for name in later.SIGNALS]),
                ("targets", [name + "…" if name[-1] in "/[" else name for name in later.TARGETS]),
            )
        ),
    )


def _keys(fields: Iterable[Field[Any]]) -> Iterable[str]:
    yield from ("| key | takes | what it is | for example |", "|---|---|---|---|")
    for one in fields:
        about = f"{one.about} Without it: {one.default}." if one.default else one.about
        needed = " (needed)" if one.required else ""
        what = one.shape.called if isinstance(one.shape, Record) else one.shape.what
        yield f"| `{one.name}`{needed} | {_cell(what)} | {_cell(about)} | `{_cell(one.example)}` |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
