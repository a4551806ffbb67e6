"""`timeline`: a timeline of Scope's interface, as cues that play."""

import json
from pathlib import Path
from typing import Any

import pytest

from bridge import cli, mapping, profile
from bridge.signals import Batch

TIMELINE = {
    "version": "2.1",
    "exportedAt": "2026-01-15T20:00:00.000Z",
    "prompts": [
        {"startTime": 0, "endTime": 4, "prompts": [{"text": "cosmic dreamscape", "weight": 100}]},
        {
            "startTime": 4,
            "endTime": 9.5,
            "prompts": [{"text": "rain: on neon", "weight": 100}],
            "transitionSteps": 4,
            "temporalInterpolationMethod": "slerp",
        },
        {"startTime": 10, "endTime": 20, "prompts": [{"text": "cosmic dreamscape", "weight": 100}]},
    ],
    "settings": {"pipelineId": "longlive", "inputMode": "text", "resolution": {"width": 576, "height": 320}},
}
PROFILE = """\
# the club
inputs: {td: {osc: 9000}}
outputs: {program: {ndi: Bridge}}
prompts:
  bank:
    reef: a reef at night   # the opener
start: {prompt: reef}
routes:
  - td/go -> cue/go
"""


@pytest.fixture
def saved(tmp_path: Path) -> str:
    file = tmp_path / "timeline.json"
    file.write_text(json.dumps(TIMELINE), encoding="utf-8")
    return str(file)


def prompts_in(path: Path, seconds: float) -> list[tuple[float, str, int]]:
    """Return what Scope is told, when the first cue goes at 100.0: the time, the prompt, the steps of its transition."""
    read, _ = profile.load(path, {})
    played = mapping.compile(read)
    told: list[tuple[float, str, int]] = []
    played.feed(Batch(100.0, [("td/go", ())]))
    for tick in range(round(seconds * 60)):
        now = 100.0 + tick / 60
        played.tick(now)
        for change in played.take(now) if played.waiting else ():
            if change.parameter == "prompts":
                text = change.value["prompts"][0]["text"]
                told.append((round(now - 100.0, 2), text, change.value.get("transition", {}).get("num_steps", 0)))
    return told


def test_it_prints_what_belongs_into_a_profile(saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["timeline", saved]) == 0

    assert capsys.readouterr().out == (
        "# timeline.json, as prompts, scenes and cues; it plays from cue/cosmic-dreamscape on.\n"
        "# the timeline also had scope.pipeline: longlive\n"
        "# the timeline also had scope.load: {width: 576, height: 320}\n"
        "prompts:\n"
        "  bank:\n"
        "    cosmic-dreamscape: cosmic dreamscape\n"
        '    rain-neon: "rain: on neon"\n'
        "scenes:\n"
        "  cosmic-dreamscape: {prompt: cosmic-dreamscape}\n"
        "  rain-neon: {fade: 4 chunks, set: {temporal_interpolation_method: slerp, prompt: rain-neon}}\n"
        "cues:\n"
        "  cosmic-dreamscape: {scene: cosmic-dreamscape, follow: 4 s}\n"
        "  rain-neon: {scene: rain-neon, follow: 5.5 s}\n"
        "  cosmic-dreamscape-2: {scene: cosmic-dreamscape, wait: 500 ms}\n"
    )


def test_what_it_prints_plays_as_the_timeline_did(
    saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["timeline", saved])
    file = tmp_path / "new.yaml"
    file.write_text(
        capsys.readouterr().out + "inputs: {td: {osc: 9000}}\nstart: {prompt: black}\nroutes: [td/go -> cue/go]\n",
        encoding="utf-8",
    )

    assert prompts_in(file, 12.0) == [
        (0.0, "cosmic dreamscape", 0),
        (4.0, "rain: on neon", 4),
        (10.0, "cosmic dreamscape", 0),
    ]


def test_it_writes_into_a_profile_whose_comments_stay(
    saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "club.yaml"
    file.write_text(PROFILE, encoding="utf-8")

    assert cli.main(["timeline", saved, "--into", str(file)]) == 0

    said = capsys.readouterr()
    assert said.out.splitlines()[0] == f"wrote 2 prompts, 2 scenes and 3 cues into {file}"
    assert "the timeline also had scope.pipeline: longlive" in said.err
    text = file.read_text(encoding="utf-8")
    assert "# the club\n" in text
    assert "reef: a reef at night   # the opener" in text
    read, _ = profile.load(file, {})
    assert list(read.prompts.bank) == ["reef", "cosmic-dreamscape", "rain-neon"]
    assert [told[1] for told in prompts_in(file, 12.0)] == ["cosmic dreamscape", "rain: on neon", "cosmic dreamscape"]


def test_writing_it_twice_changes_nothing(saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "club.yaml"
    file.write_text(PROFILE, encoding="utf-8")
    cli.main(["timeline", saved, "--into", str(file)])
    once = file.read_bytes()
    capsys.readouterr()

    assert cli.main(["timeline", saved, "--into", str(file)]) == 0

    assert file.read_bytes() == once
    assert capsys.readouterr().out.splitlines() == [
        f"{file} has all of it already; nothing was written",
        "it plays from the cue cosmic-dreamscape on: go there by a route to cue/cosmic-dreamscape",
    ]


def test_what_was_edited_since_stays_and_the_new_names_are_told(
    saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "club.yaml"
    file.write_text(PROFILE, encoding="utf-8")
    cli.main(["timeline", saved, "--into", str(file)])
    before, _ = profile.load(file, {})
    mine = file.read_text(encoding="utf-8").replace(
        "{prompt: cosmic-dreamscape}", "{prompt: cosmic-dreamscape, seed: 7}  # mine"
    )
    assert "# mine" in mine
    file.write_text(mine, encoding="utf-8")
    capsys.readouterr()

    assert cli.main(["timeline", saved, "--into", str(file)]) == 0

    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"wrote 0 prompts, 1 scene and 3 cues into {file}"
    assert (
        "the scene 'cosmic-dreamscape' is there already and says something else: the new one is 'cosmic-dreamscape-2'"
        in said
    )
    assert "the cue 'rain-neon' is there already and says something else: the new one is 'rain-neon-2'" in said
    after, _ = profile.load(file, {})
    assert "seed: 7}  # mine" in file.read_text(encoding="utf-8")
    assert list(after.scenes) == [*before.scenes, "cosmic-dreamscape-2"]
    assert list(after.cues)[:3] == list(before.cues)
    assert len(after.cues) == 6


def test_prompts_that_mix_become_slots_that_mix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mixed: dict[str, Any] = {
        "startTime": 0,
        "endTime": 5,
        "prompts": [{"text": "a reef", "weight": 25}, {"text": "neon rain", "weight": 75}],
        "transitionSteps": 4,
    }
    source = tmp_path / "mixed.json"
    source.write_text(json.dumps({"version": "2.1", "prompts": [mixed]}), encoding="utf-8")
    cli.main(["timeline", str(source)])
    file = tmp_path / "new.yaml"
    file.write_text(
        capsys.readouterr().out + "inputs: {td: {osc: 9000}}\nstart: {prompt: black}\nroutes: [td/go -> cue/go]\n",
        encoding="utf-8",
    )
    read, _ = profile.load(file, {})
    played = mapping.compile(read)
    played.feed(Batch(100.0, [("td/go", ())]))

    (told,) = [change.value for change in played.take(100.0) if change.parameter == "prompts"]

    assert told["prompts"] == [{"text": "a reef", "weight": 0.25}, {"text": "neon rain", "weight": 0.75}]
    assert told["transition"]["num_steps"] == 4


@pytest.mark.parametrize(
    ("text", "message"), [("{", "is no JSON"), ("{}", "is no timeline of Scope: it has no list of prompts")]
)
def test_what_is_no_timeline_fails_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    file = tmp_path / "timeline.json"
    file.write_text(text)

    assert cli.main(["timeline", str(file)]) == 1
    assert message in capsys.readouterr().err


def test_a_timeline_that_is_not_there_fails_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["timeline", str(tmp_path / "nothing.json")]) == 1
    assert "cannot read" in capsys.readouterr().err


def test_a_profile_with_problems_stays_as_it_is(saved: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("routes: [td/x -> nois]\n", encoding="utf-8")

    assert cli.main(["timeline", saved, "--into", str(file)]) == 2
    assert file.read_text(encoding="utf-8") == "routes: [td/x -> nois]\n"
