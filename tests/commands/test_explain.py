"""`explain`: what one message would do."""

import json
from pathlib import Path

import pytest

from bridge import cli
from bridge.commands.explain import line_of, value_of
from bridge.mapping import Step

PROFILE = """\
inputs: {td: {osc: 9000}, unit: {osc: 9001, range: [0, 1]}}
prompts: {bank: {reef: a reef at night, neon: rain on neon}}
start: {prompt: reef}
routes:
  - td/plain -> vace_context_scale
  - {from: unit/fader, filters: [{invert: true}, {curve: {power: 2}}], to: vace_context_scale, out: [0, 2]}
  - td/prompt -> prompt
  - td/cut -> reset_cache
  - td/go -> prompt/next
  - td/keep -> manage_cache
  - {from: td/late, filters: [{delay: 1 s}], to: kv_cache_attention_bias}
  - td/both -> seed
  - td/both -> output/program/level
outputs: {program: {ndi: Bridge}}
"""


@pytest.fixture
def club(tmp_path: Path) -> str:
    file = tmp_path / "club.yaml"
    file.write_text(PROFILE, encoding="utf-8")
    return str(file)


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert cli.main(["explain", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_plain_route_is_the_signal_and_its_target(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, club, "td/plain", "0.5") == ["td/plain 0.5 → vace_context_scale 0.5"]


def test_each_filter_is_named_with_what_leaves_it(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = explained(capsys, club, "unit/fader", "0.6")

    assert line.startswith("unit/fader 0.6 → ")
    assert "invert → 0.4 → curve → 0.16 → " in line
    assert line.endswith(" → vace_context_scale 0.32")


def test_a_value_that_is_clamped_says_so(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, club, "td/plain", "5") == ["td/plain 5 → vace_context_scale 2 (clamped)"]
    assert explained(capsys, club, "td/plain", "2") == ["td/plain 2 → vace_context_scale 2"]
    assert explained(capsys, club, "unit/fader", "1.5")[0].endswith("vace_context_scale 0 (clamped)")


def test_text_goes_as_text(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, club, "/td/prompt", "neon") == ["td/prompt neon → prompt neon"]
    assert explained(capsys, club, "td/prompt", "a sea of glass") == [
        'td/prompt "a sea of glass" → prompt "a sea of glass"'
    ]


def test_a_message_without_values_fires_what_happens(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, club, "td/cut") == ["td/cut → reset_cache fires"]
    assert explained(capsys, club, "td/go") == ["td/go → prompt/next fires"]


def test_what_happens_fires_on_a_rise_and_not_on_a_release(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, club, "td/go", "1") == ["td/go 1 → prompt/next fires"]
    assert explained(capsys, club, "td/go", "0.2") == ["td/go 0.2 → prompt/next does not fire"]


def test_a_switch_is_a_value_and_does_not_fire(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, club, "td/keep", "1") == ["td/keep 1 → manage_cache true"]


def test_a_value_that_a_filter_keeps_leaves_the_target_as_it_is(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = explained(capsys, club, "td/late", "1")

    assert line.endswith("delay → nothing passes → kv_cache_attention_bias stays")


def test_a_signal_of_two_routes_is_two_lines(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = explained(capsys, club, "td/both", "1")

    assert [line.partition(" → ")[2].split()[0] for line in lines] == ["seed", "output/program/level"]


def test_a_value_that_is_refused_says_why(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = explained(capsys, club, "td/plain", "loud")

    assert line.startswith("td/plain loud → vace_context_scale, which refuses it: ")


def test_a_signal_that_nobody_hears_names_the_nearest(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", club, "td/plian", "0.5"]) == 1
    assert capsys.readouterr().err == (
        "scope-bridge explain: nothing hears 'td/plian'\n    = did you mean 'td/plain'?\n"
    )


def test_a_signal_like_no_other_names_those_there_are(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", club, "xyz"]) == 1
    assert capsys.readouterr().err.splitlines()[1] == (
        "    = the routes hear td/plain, unit/fader, td/prompt, td/cut, td/go, td/keep, td/late, td/both"
    )


CONTROLLER = """\
inputs: {apc: {midi: "APC40*", controller: akai-apc40-mk2, takeover: pickup}}
start: {prompt: reef, transition_steps: 4}
prompts: {bank: {reef: a reef}}
routes: [apc/fader/1 -> transition_steps]
"""


def test_a_control_whose_takeover_waits_is_said_to_wait(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "apc.yaml"
    file.write_text(CONTROLLER, encoding="utf-8")
    assert cli.main(["explain", str(file), "apc/fader/1", "1"]) == 0
    assert "'apc/fader/1' waits: the value stays until the control has come to where it is" in capsys.readouterr().err
    assert cli.main(["explain", str(file), "apc/fader/1", "0"]) == 0
    assert "waits" in capsys.readouterr().err


def test_a_message_that_a_control_sends_is_told_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "apc.yaml"
    file.write_text(CONTROLLER, encoding="utf-8")
    assert cli.main(["explain", str(file), "apc/cc/1/7", "1"]) == 1
    assert capsys.readouterr().err.splitlines()[1] == (
        "    = cc/1/7 is fader/1 on the Akai APC40 mkII, and is heard by that name alone: write apc/fader/1"
    )


PAGES = """\
inputs: {td: {osc: 9000}}
start: {prompt: reef}
loras: {arcane: a.safetensors, ghibli: g.safetensors}
routes:
  - td/fader/1 -> seed
  - "td/l/{n} -> lora/{n}"
  - {from: td/wet, filters: [{when: {signal: td/armed}}], to: manage_cache}
pages:
  perform: {}
  looks: {while: td/shift, routes: [td/fader/1 -> vace_context_scale, "td/k/{n} -> lora/{n}"]}
  "late night": {from: td/night, routes: [td/k/arcane -> seed]}
"""


@pytest.fixture
def paged(tmp_path: Path) -> str:
    file = tmp_path / "pages.yaml"
    file.write_text(PAGES, encoding="utf-8")
    return str(file)


def test_a_page_is_turned_to_by_its_name(paged: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, paged, "td/fader/1", "1.5", "--page", "looks") == [
        "td/fader/1 1.5 → vace_context_scale 1.5"
    ]
    assert explained(capsys, paged, "td/k/arcane", "7", "--page", "late night") == ["td/k/arcane 7 → seed 7"]


def test_a_signal_that_does_something_else_on_another_page_says_where(
    paged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["explain", paged, "td/fader/1", "3"]) == 0
    said = capsys.readouterr()

    assert said.out == "td/fader/1 3 → seed 3\n"
    assert said.err == "on the page looks 'td/fader/1' leads elsewhere: --page looks\n"


def test_a_signal_with_routes_on_other_pages_only_names_these(paged: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", paged, "td/k/arcane", "0.3"]) == 0
    assert capsys.readouterr().err == (
        "'td/k/arcane' leads to no target on the page 'perform', only on the pages looks, late night: "
        "--page looks, --page 'late night'\n"
    )


OWN = """\
inputs: {td: {osc: 9000}, desk: {osc: 9001}}
start: {prompt: a reef}
pages:
%s  mixer: {for: desk, while: desk/shift, routes: [desk/a -> noise_scale]}
  colours: {for: desk, routes: [desk/b -> seed]}
"""


@pytest.mark.parametrize(
    ("rig", "page", "sentence"),
    [
        ("", [], "'desk/a' leads to no target without a page, only on the page mixer: --page mixer\n"),
        (
            "  perform: {}\n",
            ["--page", "colours"],
            "'desk/a' leads to no target on the pages colours, perform, only on the page mixer: --page mixer\n",
        ),
        ("  perform: {}\n", ["--page", "mixer"], ""),
    ],
)
def test_a_page_of_a_controller_is_turned_to_beside_that_of_the_rig(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rig: str, page: list[str], sentence: str
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN % rig, encoding="utf-8")
    assert cli.main(["explain", str(file), "desk/a", "0.5", *page]) == 0
    said = capsys.readouterr()

    assert said.err == sentence
    assert said.out == ("" if sentence else "desk/a 0.5 → noise_scale 0.5\n")


def test_a_page_that_there_is_not_names_the_nearest(paged: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", paged, "td/fader/1", "1", "--page", "look"]) == 1
    assert capsys.readouterr().err == ("scope-bridge explain: there is no page called 'look': did you mean 'looks'?\n")
    assert cli.main(["explain", paged, "td/fader/1", "1", "--page", "xyz"]) == 1
    assert capsys.readouterr().err.endswith(": the pages are perform, looks, late night\n")


def test_a_profile_without_pages_says_so(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", club, "td/plain", "1", "--page", "looks"]) == 1
    assert "this profile has no pages" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("signal", "sentence"),
    [
        ("td/shift", "'td/shift' turns to the page looks; it leads to no target"),
        ("td/night", "'td/night' turns to the page late night; it leads to no target"),
        ("td/armed", "'td/armed' is a condition of a filter 'when'; it leads to no target"),
        ("scope/chunk", "'scope/chunk' tells the bridge how Scope is doing; it leads to no target"),
    ],
)
def test_a_signal_that_does_something_but_leads_to_no_target_is_no_unknown_one(
    paged: str, capsys: pytest.CaptureFixture[str], signal: str, sentence: str
) -> None:
    assert cli.main(["explain", paged, signal, "1"]) == 0
    assert capsys.readouterr().err == f"{sentence}\n"


def test_a_pattern_whose_target_does_not_know_the_name_says_which_it_knows(
    paged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["explain", paged, "td/l/9", "1"]) == 1
    assert capsys.readouterr().err == (
        "scope-bridge explain: nothing hears 'td/l/9'\n"
        "    = 'td/l/{n}' fits it, but there is no target 'lora/9': {n} in 'lora/{n}' can be arcane, ghibli\n"
    )


def test_other_programs_get_it_as_json(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--json", club, "unit/fader", "0.6"]) == 0

    (step,) = json.loads(capsys.readouterr().out)
    assert (step["target"], step["value"], step["refused"]) == ("vace_context_scale", pytest.approx(0.32), None)
    assert step["clamped"] is False
    assert step["steps"] == [{"filter": "invert", "value": 0.4}, {"filter": "curve", "value": pytest.approx(0.16)}]


def test_json_of_a_signal_nobody_hears_is_an_empty_list(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--json", club, "xyz"]) == 1
    assert json.loads(capsys.readouterr().out) == []


def test_a_profile_with_problems_is_told_as_check_tells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("routes: [td/x -> nois]\n", encoding="utf-8")

    assert cli.main(["explain", str(file), "td/x", "1"]) == 2
    assert "bad.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("-0.5", -0.5), ("1e3", 1000.0), ("reef", "reef"), ('"5"', "5"), ("", ""), ("true", "true")],
)
def test_words_of_the_command_line_are_numbers_or_text(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


def test_a_line_says_the_whole_way() -> None:
    step = Step("kick", (("smooth", 0.43),), "noise_scale", 0.43)

    assert line_of("stage/fader1", [0.7], step) == "stage/fader1 0.7 → smooth → 0.43 → noise_scale 0.43"
