"""`replay`: a capture gives the same bytes, always; what they are is beside each capture in `tests/captures/`."""

import json
import os
import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bridge import capture, cli, verbs
from bridge.capture import Header, Writer
from bridge.commands import replay
from bridge.parameters import PIPELINES
from bridge.session.pacing.pacer import PAUSED_INTERVAL, SLACK
from bridge.signals import Batch, Sample

CAPTURES = Path(__file__).parents[1] / "captures"
EVERY = sorted(CAPTURES.glob("*.jsonl"))
PROFILE = """\
inputs: {td: {osc: 9000}}
outputs: {program: {ndi: Bridge}}
prompts: {bank: {reef: a reef at night, neon: rain on neon}}
start: {prompt: reef, vace_context_scale: 1}
routes:
  - td/scale -> vace_context_scale
  - {from: td/slow, filters: [{smooth: 300 ms}], to: param/slow}
  - td/prompt -> prompt
  - td/paused -> paused
  - td/freeze -> output/program/freeze
"""


def recorded(
    file: Path, *batches: tuple[float, list[Sample]], end: float = 20.0, origin: float = 500.0, text: str = PROFILE
) -> Path:
    """Write a capture of batches by their seconds from its beginning."""
    moment = [origin]
    with Writer(file, Header("club.yaml", text), lambda: moment[0]) as writer:
        for seconds, samples in batches:
            writer.put(Batch(origin + seconds, samples))
        moment[0] = origin + end
    return writer.path


def replayed(capsysbinary: pytest.CaptureFixture[bytes], *words: object) -> list[Any]:
    assert cli.main(["replay", *map(str, words), "--to", "json"]) == 0
    return [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]


def messages(lines: list[Any]) -> list[tuple[float, dict[str, Any]]]:
    return [(line["t"], line["message"]) for line in lines if "message" in line]


# The same bytes


@pytest.mark.parametrize("file", EVERY, ids=lambda file: file.stem)
def test_a_capture_gives_what_it_gave_when_it_was_looked_at(
    file: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert cli.main(["replay", str(file), "--to", "json"]) == 0
    assert capsysbinary.readouterr().out == file.with_suffix(".txt").read_bytes()


def test_every_process_gives_the_same_bytes_whatever_its_hash_seed() -> None:
    outputs = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "bridge", "replay", *map(str, EVERY), "--to", "json"],
            capture_output=True,
            check=True,
            cwd=CAPTURES.parents[1],
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        outputs.append(done.stdout)

    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") > 50


def test_several_captures_are_played_each_on_its_own(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli.main(["replay", *map(str, EVERY), "--to", "json"]) == 0

    wanted = [json.dumps({"capture": str(file)}, separators=(",", ":")).encode() + b"\n" for file in EVERY]
    whole = b"".join(line + file.with_suffix(".txt").read_bytes() for line, file in zip(wanted, EVERY, strict=True))
    assert capsysbinary.readouterr().out == whole


def test_when_it_was_recorded_makes_no_difference(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    chance = random.Random(4)
    heard: list[tuple[float, list[Sample]]] = [
        (round(number / 7 + 0.01, 6), [("td/slow", (chance.random(),)), ("td/scale", (chance.random(),))])
        for number in range(60)
    ]

    early = replayed(capsysbinary, recorded(tmp_path / "a.jsonl", *heard, origin=0.0))
    late = replayed(capsysbinary, recorded(tmp_path / "b.jsonl", *heard, origin=250_000.0))

    assert early == late


# Pacing


def test_the_first_change_goes_at_once_and_then_one_message_goes_per_chunk(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    moves: list[tuple[float, list[Sample]]] = [(1 + n / 50, [("td/scale", (n / 100,))]) for n in range(100)]

    told = messages(replayed(capsysbinary, recorded(tmp_path / "a.jsonl", *moves)))

    assert told[0] == (1.0, {"vace_context_scale": 0.0})
    apart = [later - earlier for (earlier, _), (later, _) in pairwise(told)]
    assert apart == pytest.approx([0.75 * SLACK] * len(apart), abs=2e-6)
    assert told[-1][1] == {"vace_context_scale": 0.99}, "the hand's last value lands"


@pytest.mark.parametrize(("chunk", "words"), [(0.75, ()), (0.3, ("--chunk", "0.3"))])
def test_a_chunk_is_as_long_as_is_said(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], chunk: float, words: tuple[str, ...]
) -> None:
    file = recorded(tmp_path / "a.jsonl", (1.0, [("td/scale", (0.1,))]), (1.1, [("td/scale", (0.2,))]))

    assert [time for time, _ in messages(replayed(capsysbinary, file, *words))] == pytest.approx(
        [1.0, 1.0 + SLACK * chunk]
    )


def test_the_chunk_that_was_measured_then_counts_from_then_on(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = recorded(
        tmp_path / "a.jsonl",
        (1.0, [("scope/chunk", (0.4,)), ("td/scale", (0.1,))]),
        (1.1, [("td/scale", (0.2,))]),
        (5.0, [("scope/chunk", (1.0,)), ("td/scale", (0.3,))]),
        (5.1, [("td/scale", (0.4,))]),
    )

    assert [time for time, _ in messages(replayed(capsysbinary, file))] == pytest.approx(
        [1.0, 1.0 + SLACK * 0.4, 5.0, 5.0 + SLACK]
    )


def test_while_paused_messages_go_as_the_session_sends_them_then(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = recorded(tmp_path / "a.jsonl", (1.0, [("td/paused", (1,))]), (1.01, [("td/scale", (0.2,))]))

    assert messages(replayed(capsysbinary, file)) == [
        (1.0, {"paused": True}),
        (pytest.approx(1.0 + PAUSED_INTERVAL), {"vace_context_scale": 0.2}),
    ]


def test_a_filter_goes_on_after_the_hand_until_the_capture_ends(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    heard: list[tuple[float, list[Sample]]] = [(1.0, [("td/slow", (0.0,))]), (2.0, [("td/slow", (1.0,))])]

    short = messages(replayed(capsysbinary, recorded(tmp_path / "short.jsonl", *heard, end=2.2)))
    long = messages(replayed(capsysbinary, recorded(tmp_path / "long.jsonl", *heard, end=12.0)))

    assert short[-1][0] == pytest.approx(2 + SLACK * 0.75, abs=0.02)
    assert short[-1][1]["slow"] == pytest.approx(0.93, abs=0.01)
    assert long[-1][1]["slow"] == 1.0


# What is printed


def test_it_begins_with_what_the_session_begins_with(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    first = replayed(capsysbinary, recorded(tmp_path / "a.jsonl"))[0]

    assert first["t"] == 0
    assert first["initial"]["vace_context_scale"] == 1.0
    assert first["initial"]["prompts"] == {"prompts": [{"text": "a reef at night", "weight": 1.0}]}


def test_what_the_bridge_does_itself_is_told_too(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = replayed(capsysbinary, recorded(tmp_path / "a.jsonl", (1.5, [("td/freeze", (True,))])))

    assert {"t": 1.5, "verb": "freeze", "output": "program", "on": True} in lines


def test_what_could_not_be_taken_is_told_too(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = replayed(capsysbinary, recorded(tmp_path / "a.jsonl", (1.5, [("td/scale", ("loud",))])))

    assert [line["t"] for line in lines if "refused" in line] == [1.5]


def test_every_verb_has_a_name_and_its_parts() -> None:
    assert replay.as_json(verbs.SaveScene("drop", {"noise_scale": 0.8})) == {
        "verb": "save scene",
        "name": "drop",
        "values": {"noise_scale": 0.8},
    }
    assert replay.as_json(verbs.Record(True)) == {"verb": "record", "on": True}


def test_an_edit_of_the_profile_acts_from_its_place_on(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    moment = [500.0]
    with Writer(tmp_path / "a.jsonl", Header("club.yaml", PROFILE), lambda: moment[0]) as writer:
        writer.put(Batch(501.0, [("td/other", (0.5,))]))
        moment[0] = 502.0
        writer.edited(PROFILE.replace("td/scale", "td/other"), {})
        writer.put(Batch(503.0, [("td/other", (0.25,))]))

    assert messages(replayed(capsysbinary, writer.path)) == [(3.0, {"vace_context_scale": 0.25})]


def test_another_profile_can_be_played(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(PROFILE.replace("td/scale -> vace_context_scale", "td/scale -> seed"), encoding="utf-8")
    file = recorded(tmp_path / "a.jsonl", (1.0, [("td/scale", (7,))]))

    assert messages(replayed(capsysbinary, file, "--profile", other)) == [(1.0, {"base_seed": 7})]


def test_a_variable_of_the_environment_need_not_be_there(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    text = "scope: {url: '${NO_SUCH_VARIABLE}'}\n" + PROFILE
    file = recorded(tmp_path / "a.jsonl", (1.0, [("td/scale", (0.5,))]), text=text)

    assert messages(replayed(capsysbinary, file)) == [(1.0, {"vace_context_scale": 0.5})]


# In time


def test_with_a_speed_each_line_waits_for_its_time(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = recorded(tmp_path / "a.jsonl", (1.0, [("td/scale", (0.5,))]), (6.0, [("td/scale", (0.6,))]))
    moment = [0.0]

    def sleep(seconds: float) -> None:
        moment[0] += seconds

    monkeypatch.setattr(replay, "now", lambda: moment[0])
    monkeypatch.setattr(replay.time, "sleep", sleep)  # type: ignore[attr-defined]
    told = replayed(capsysbinary, file, "--speed", "2")

    assert [line["t"] for line in told] == [0.0, 1.0, 6.0]
    assert moment[0] == 3.0


# As a timeline


def timeline_of(capsys: pytest.CaptureFixture[str], file: Path) -> tuple[dict[str, Any], str]:
    assert cli.main(["replay", str(file), "--to", "timeline"]) == 0
    said = capsys.readouterr()
    document: dict[str, Any] = json.loads(said.out)
    return document, said.err


def test_a_timeline_has_the_prompts_at_their_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = recorded(
        tmp_path / "a.jsonl", (4.0, [("td/prompt", ("neon",))]), (9.5, [("td/prompt", ("a sea",))]), end=15.0
    )

    document, _ = timeline_of(capsys, file)

    assert document["version"] == "2.1"
    assert document["exportedAt"] == capture.read(file).header.recorded
    assert [(box["startTime"], box["endTime"], box["prompts"]) for box in document["prompts"]] == [
        (0.0, 4.0, [{"text": "a reef at night", "weight": 100.0}]),
        (4.0, 9.5, [{"text": "rain on neon", "weight": 100.0}]),
        (9.5, 15.0, [{"text": "a sea", "weight": 100.0}]),
    ]
    assert document["settings"]["pipelineId"] == "longlive"


def test_what_a_timeline_cannot_hold_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = recorded(tmp_path / "a.jsonl", (1.0, [("td/scale", (0.5,))]))

    assert timeline_of(capsys, file)[1].startswith("left out: vace_context_scale changed once, ")


def test_what_was_live_when_a_capture_began_is_where_its_replay_begins(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    state = {"values": {"vace_context_scale": 1.5}}
    with Writer(tmp_path / "a.jsonl", Header("club.yaml", PROFILE, state=state), lambda: 500.0) as writer:
        writer.put(Batch(500.0, []))

    assert replayed(capsysbinary, tmp_path / "a.jsonl")[0]["initial"]["vace_context_scale"] == 1.5


def test_what_a_timeline_cannot_hold_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moves: list[tuple[float, list[Sample]]] = [(float(n), [("td/scale", (n / 10,))]) for n in range(1, 6)]
    file = recorded(tmp_path / "a.jsonl", *moves)

    assert timeline_of(capsys, file)[1] == (
        "left out: vace_context_scale changed 5 times, and a timeline has no place for that\n"
    )


def test_a_timeline_comes_back_as_cues(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = recorded(tmp_path / "a.jsonl", (4.0, [("td/prompt", ("neon",))]))
    document, _ = timeline_of(capsys, file)
    saved = tmp_path / "timeline.json"
    saved.write_text(json.dumps(document), encoding="utf-8")

    assert cli.main(["timeline", str(saved)]) == 0
    assert "  reef-night: {scene: reef-night, follow: 4 s}\n" in capsys.readouterr().out


# What cannot be done


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--to", "timeline", "--speed", "2"], "--speed and --fast do nothing with --to timeline"),
        (["--to", "timeline", "--fast"], "--speed and --fast do nothing with --to timeline"),
        (["b.jsonl", "--to", "timeline"], "a timeline is one document: give one capture"),
        (["--to", "http://127.0.0.1:9", "--chunk", "1"], "--chunk does nothing with --to URL"),
        (["--to", "yaml"], "'yaml' is no address"),
        (["--to", "json", "--speed", "0"], "'0' will not do"),
        (["--to", "json", "--speed", "2", "--fast"], "not allowed with argument"),
        ([], "--to"),
    ],
)
def test_a_wrong_usage_is_said(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["replay", "a.jsonl", *words])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_what_is_no_capture_fails_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("inputs: {}\n")

    assert cli.main(["replay", str(file), "--to", "json"]) == 1
    assert capsys.readouterr().err == (
        f"scope-bridge replay: {file} is no capture: its first line has no 'scope_bridge_capture'\n"
    )


def test_everything_before_a_broken_line_counts(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    file = recorded(tmp_path / "a.jsonl", (1.0, [("td/scale", (0.5,))]), (2.0, [("td/scale", (0.6,))]))
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:2], "oops\n", *lines[2:]]))

    assert cli.main(["replay", str(file), "--to", "json"]) == 1
    said = capsysbinary.readouterr()
    assert b'{"t":1.0,"message":{"vace_context_scale":0.5}}' in said.out
    assert f"{file}:3: this line of the capture cannot be read".encode() in said.err


def test_a_capture_whose_profile_has_problems_says_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = recorded(tmp_path / "a.jsonl", text="inputs: {td: {osk: 9000}}\n")

    assert cli.main(["replay", str(file), "--to", "json"]) == 2
    assert "club.yaml:1:" in capsys.readouterr().err


# A whole night


def long_capture(file: Path, seconds: float, routes: int = 200, rate: float = 100.0) -> Path:
    """Write a capture of a busy show: `rate` samples per second, on `routes` routes, a fifth of them smooth."""
    lines = ["inputs: {td: {osc: 9000, range: [0, 1]}}", "start: {prompt: reef}", "routes:"]
    for number in range(routes):
        match number % 5:
            case 0:
                lines.append(f"  - {{from: td/{number}, filters: [{{smooth: 200 ms}}], to: {_node(number)}}}")
            case 1:
                lines.append(f"  - {{from: td/{number}, filters: [{{curve: exp}}], to: param/p{number}, out: [0, 9]}}")
            case _:
                lines.append(f"  - td/{number} -> param/p{number}")
    chance = random.Random(3)
    batches: list[tuple[float, list[Sample]]] = []
    for number in range(int(seconds * rate / 2)):
        samples: list[Sample] = [(f"td/{chance.randrange(routes)}", (round(chance.random(), 4),)) for _ in range(2)]
        batches.append((number * 2 / rate, samples))
    return recorded(file, *batches, end=seconds, text="\n".join(lines) + "\n")


def _node(number: int) -> str:
    """Return one of the numbers that a node takes: another target for each route."""
    numbers = ("vace_context_scale", "noise_scale", "kv_cache_attention_bias", "lookahead_ms")
    pipelines = list(PIPELINES)
    return f"node/{pipelines[number // 5 % len(pipelines)]}/{numbers[number // 5 // len(pipelines)]}"


def test_a_capture_needs_no_image_to_be_played_again(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    text = f"{PROFILE}  - td/face -> image/reference\nimages: {{face: refs/face.png}}\nscope: {{vace: images}}\n"
    file = recorded(tmp_path / "a.jsonl", (1.0, [("td/face", ("face",))]), text=text)

    assert ["refs/face.png"] in [
        message.get("vace_ref_images") for _, message in messages(replayed(capsysbinary, file))
    ]


def test_ten_minutes_with_200_routes_replay_in_a_fraction_of_their_time(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = long_capture(tmp_path / "night.jsonl", 600)

    before = time.process_time()
    assert cli.main(["replay", str(file), "--to", "json"]) == 0
    took = time.process_time() - before

    assert capsysbinary.readouterr().out.count(b'"message"') > 700
    assert took < 15.0, f"it took {took:.2f} s of this machine's time, and 3 are usual: see `bench mapping`"
