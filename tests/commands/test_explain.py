"""`explain`: what one message would do."""

import json
from pathlib import Path

import pytest

from bridge import cli
from bridge.commands.explain import line_of, value_of
from bridge.mapping.engine import Step

PROFILE = """\
inputs: {td: {osc: 9000}, unit: {osc: 9001, range: [0, 1]}}
prompts: {bank: {reef: a reef at night, neon: rain on neon}}
start: {prompt: reef}
routes:
  - td/plain -> vace_context_scale
  - {from: unit/fader, filters: [{invert: true}, {curve: {power: 2}}], to: vace_context_scale, out: [0, 2]}
  - td/prompt -> prompt
  - td/cut -> reset_cache
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
    assert explained(capsys, club, "td/plain", "0.5") == ["td/plain 0.5 → vace_context_scale"]


def test_each_filter_is_named_with_what_leaves_it(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = explained(capsys, club, "unit/fader", "0.6")

    assert line.startswith("unit/fader 0.6 → ")
    assert "invert → 0.4 → curve → 0.16 → " in line
    assert line.endswith(" → vace_context_scale 0.32")


def test_a_value_that_is_clamped_is_seen_where_it_ends(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, club, "td/plain", "5") == ["td/plain 5 → vace_context_scale 2"]


def test_text_goes_as_text(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, club, "/td/prompt", "neon") == ["td/prompt neon → prompt"]
    assert explained(capsys, club, "td/prompt", "a sea of glass") == ['td/prompt "a sea of glass" → prompt']


def test_a_message_without_values_is_a_trigger(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = explained(capsys, club, "td/cut")

    assert line.startswith("td/cut → ")
    assert "reset_cache" in line


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
        "    = the routes hear td/plain, unit/fader, td/prompt, td/cut, td/both"
    )


def test_a_signal_that_turns_a_page_is_no_unknown_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pages.yaml"
    file.write_text(
        PROFILE + "pages:\n  play: {}\n  more: {while: td/shift, routes: [td/plain -> seed]}\n", encoding="utf-8"
    )

    assert cli.main(["explain", str(file), "td/shift", "1"]) == 0
    assert capsys.readouterr().err == (
        "'td/shift' turns a page, or belongs to one that is not in force: it leads to no target now\n"
    )


def test_other_programs_get_it_as_json(club: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--json", club, "unit/fader", "0.6"]) == 0

    (step,) = json.loads(capsys.readouterr().out)
    assert (step["target"], step["value"], step["refused"]) == ("vace_context_scale", pytest.approx(0.32), None)
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

    assert line_of("stage/fader1", [0.7], step) == "stage/fader1 0.7 → smooth → 0.43 → noise_scale"
