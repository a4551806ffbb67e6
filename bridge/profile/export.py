"""The language written down: the JSON Schema that editors complete and check by, and the reference for people."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from bridge.profile.building.routes.signals import OWN
from bridge.profile.controllers import language as controllers
from bridge.profile.controllers.reading import names
from bridge.profile.language.filters.chain import FILTERS, KEYS
from bridge.profile.language.guards import GUARD
from bridge.profile.language.inputs import INPUT, VIDEO
from bridge.profile.language.lights import LIGHT, LIGHT_OF_BEAT, LIGHT_OF_VALUE, LIGHTS
from bridge.profile.language.outputs import ALPHA, CROP, GONE, OUTPUT
from bridge.profile.language.pages import PAGE
from bridge.profile.language.profile import PROFILE
from bridge.profile.language.prompts import PROMPTS
from bridge.profile.language.routes import LONG_ROUTE
from bridge.profile.language.scenes import CUE, SCENE, VALUE
from bridge.profile.language.scope import INPUT_SOURCE, MODULATION, OUTPUT_SINKS, RELAY, SCOPE
from bridge.profile.language.tempo import SOURCE
from bridge.profile.recipes import RECIPES
from bridge.profile.shapes.shape import Json
from bridge.profile.shapes.structures import Field, Record
from bridge.profile.targets import table
from bridge.profile.targets.settable import LOAD

SCHEMA_FILE = "profile.schema.json"
CONTROLLER_SCHEMA_FILE = "controller.schema.json"
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
    """Return the JSON Schema as it is written to a file: what comes in it more than once is in its `$defs`."""
    return json.dumps(shared(schema()), indent=2, ensure_ascii=False) + "\n"


def controller_schema_text() -> str:
    """Return the JSON Schema of the file of a controller as it is written to a file."""
    return json.dumps(shared(controllers.schema()), indent=2, ensure_ascii=False) + "\n"


_SMALL = 400
"""Characters of a schema that may stand in several places."""


def shared(whole: Json) -> Json:
    """Return a schema that means the same, in which larger pieces that come more than once stand once, in `$defs`."""
    seen: Counter[str] = Counter()

    def count(one: Json) -> Json:
        written = json.dumps(one, sort_keys=True)
        seen[written] += 1
        if seen[written] == 1:
            _with(one, lambda below, _: count(below))
        return one

    count(whole)
    names: dict[str, str] = {}
    definitions: Json = {}

    def replaced(one: Json, called: str) -> Json:
        written = json.dumps(one, sort_keys=True)
        if seen[written] < 2 or len(written) < _SMALL:
            return _with(one, replaced)
        if written not in names:
            number = sum(name.rstrip("0123456789") == called for name in definitions)
            names[written] = name = f"{called}{number + 1 if number else ''}"
            definitions[name] = {}  # keeps the name while what is inside takes its own
            definitions[name] = _with(one, replaced)
        return {"$ref": f"#/$defs/{names[written]}"}

    result = _with(whole, replaced)
    return {**result, "$defs": definitions}


_SINGLE = ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else")


def _with(one: Json, replaced: Callable[[Json, str], Json]) -> Json:
    """Return a schema with every schema inside it replaced."""
    result: Json = {}
    for key, value in one.items():
        if key in ("properties", "patternProperties"):
            result[key] = {name: replaced(each, re.sub(r"\W+", "_", name).strip("_")) for name, each in value.items()}
        elif key in ("anyOf", "oneOf", "allOf"):
            result[key] = [replaced(each, "variant") for each in value]
        elif key in _SINGLE and isinstance(value, dict):
            result[key] = replaced(value, key)
        else:
            result[key] = value
    return result


def reference_text() -> str:
    """Return the reference as it is written to a file: Markdown."""
    return "\n".join(_reference()) + "\n"


def _reference() -> Iterable[str]:
    yield from (
        "# Profiles",
        "",
        "A profile is one YAML file that says what drives what. Those in this folder are ready to play:",
        "",
        "- [`demo.yaml`](demo.yaml): what `scope-bridge demo` plays.",
        "- [`touchdesigner.yaml`](touchdesigner.yaml): a start for TouchDesigner; copy it and make it yours.",
        "- [`stage.yaml`](stage.yaml): a whole set, for a tablet and TouchDesigner: scenes, cues, pages, a kick on top of a hand.",
        "- [`apc40.yaml`](apc40.yaml): a whole show on an Akai APC40 mkII, with its lamps; another controller by its name.",
        "- [`video.yaml`](video.yaml): a camera through Scope and on to the mixer, with a picture whatever dies, and a tape.",
        "",
        "`scope-bridge check my.yaml` prints what each route will do, and every mistake with its place and a way out; "
        "`--scope URL` asks a server what its plugins take. `scope-bridge run my.yaml` plays it, and reads it again "
        "whenever you save it.",
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
        ("`scope.relay`", RELAY),
        ("`scope.output_sinks`", OUTPUT_SINKS),
        ("`scope.input_source`", INPUT_SOURCE.record),
        ("One of the `modulations` of a Scope", MODULATION),
        ("One of the `inputs`", INPUT),
        ("`video`, of an input", VIDEO.record),
        ("One of the `outputs`", OUTPUT),
        ("`crop`, of an output", CROP),
        ("`alpha`, of an output", ALPHA.record),
        ("`gone`, of an output", GONE),
        ("`prompts`", PROMPTS),
        ("One source of `tempo`", SOURCE),
        ("One of the `scenes`, if it has a time", SCENE),
        ("A value in a scene, if it has a time of its own", VALUE),
        ("One of the `cues`", CUE),
        ("One of the `routes`, written long", LONG_ROUTE),
        ("One of the `pages`", PAGE),
        ("A `guard`", GUARD),
        ("`lights`", LIGHTS),
        ("`lights`, of what is asked for", LIGHT),
        ("`lights`, of values", LIGHT_OF_VALUE),
        ("`lights`, of the beat", LIGHT_OF_BEAT),
    ):
        yield from ("### " + title, "")
        yield from _keys(record.fields)
    yield from (
        "## Signals",
        "",
        "A route is one line, `- signal -> target` with a space on each side of the arrow, or the keys above. A signal "
        "is an input's name and an OSC address: `/noise` at the input `td` is `td/noise`. `*` stands for any run inside "
        "a segment, `**` for any rest, `{n}` for a run that the target repeats; `td/xy[1]` is the first value of a "
        "message, otherwise the last one counts. A `/` in a name is written `%2F`.",
        "",
        "The controls of a MIDI input with a `controller` have names: `apc/fader/1`, `apc/pad/1/3` (row, column), "
        "`apc/shift`. Below the name of a pad, `/velocity` is how hard it was hit, `/release` how fast it was let go and "
        "`/pressure` how hard it is pressed; `apc/fader/1/touch` is a finger on it. Encoders turn their target from "
        "wherever it is. The bridge knows "
        + ", ".join(f"`{name}`" for name in names())
        + "; others have a file of your own.",
        "",
        "What has no name is heard by its message, with the channel (1 to 16) before the number: `desk/cc/1/48`, "
        "`desk/cc14/1/7` (14 bits: numbers 0 to 31, the lower half 32 further), `desk/nrpn/1/1024`, `desk/rpn/1/0`, "
        "`desk/note/1/60` (1 while it is down; below it `/velocity`, `/release`, `/pressure`), `desk/bend/1`, "
        "`desk/pressure/1`, `desk/program/1` (its number, from 1) and `desk/program/1/5` (that one alone), `desk/start`, "
        "`desk/stop`, `desk/continue`, `desk/clock` (24 in a beat), `desk/position` (sixteenths), `desk/song`, "
        "`desk/timecode`, `desk/sysex`, `desk/reset`; from MPE `desk/note/1/60/bend` and `/timbre`, and of its newest "
        "note `desk/mpe/1/note`, `/bend`, `/pressure` and `/timbre`.",
        "",
        "The bridge has signals of its own: "
        + ", ".join(f"`{kind}/{name}`" for kind, names in OWN.items() for name in names or ("<name>",))
        + ".",
        "",
        "A value may be overtaken by a newer one. A trigger is never lost: it happens when its signal rises through 0.5 "
        "or comes without values, and never on the release.",
        "",
        "Numbers of OSC are in the target's own unit, as sent: 1.0 to a target from 0 to 2 is 1.0. MIDI is spread over the "
        "target's whole way. An OSC input's `range`, or a "
        "route's `in`, says that its numbers mean a way from one end to the other instead; `out` says where that way "
        "begins and ends, in the target's unit. What does not fit is clamped and counted.",
        "",
        "Times are `cut`, `20 ms`, `2 s`, `4 chunks`, `1 beat`, `2 bars`. Without a `tempo`, beats and bars count at 120 "
        "beats per minute.",
        "",
        "Text needs quotes if it begins with one of ``{ [ * & ! @ % ` ' \" | > #``, or contains a colon or a `#` with a "
        "space beside it. Only `true` and `false` are switches; `on`, `off`, `yes`, `no` and `1:30` are text.",
        "",
        "## Filters",
        "",
    )
    yield from _keys(FILTERS)
    for record in KEYS:
        yield from (f"The keys of `{record.called}`:", "")
        yield from _keys(record.fields)
    yield from (
        "## Targets",
        "",
        "With several `scopes`, a target of Scope's means all of them, and with a name before it that one: "
        "`left/noise_scale`, `left/prompt/next`. Those of the bridge itself (`scene`, `cue`, `page`, `snapshot`, `route`, "
        "`output`, `bypass`, `record`, `tap`, `undo`, `panic`) belong to none.",
        "",
        "| target | takes | what it is |",
        "|---|---|---|",
    )
    for entry in table.CATALOGUE:
        yield f"| `{entry.name}` | {_cell(entry.takes)} | {_cell(entry.about)} |"
    yield from ("", "## Recipes", "")
    for title, text in RECIPES.items():
        yield from (f"### {title}", "", "```yaml", text.rstrip("\n"), "```", "")
    yield from (
        "## Not yet",
        "",
        "These belong to the language and come with a later version: they are read and checked already, do nothing yet, "
        "and `check` says so where a profile uses them. Audio and HTTP inputs, replies, Ableton Link, and MIDI clock as a tempo.",
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
