"""A profile edited during the show."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Show
from tests.end_to_end.rig import ROOT, wait_for
from tests.end_to_end.test_show import shows
from tests.outputs.receiver import GAP, watching

MISTAKES = """\
scope: http://127.0.0.1:8000
inputs: {td: {osc: 9000}}
outputs: {program: {ndi: Scope Bridge, fsp: 30}}
start: {prompt: "a reef at night"}
routes:
  - td/noise -> noize_scale
  - {from: tt/x, to: vace_context_scale}
  - {from: td/y, to: vace_context_scale, out: [0.2, 3.0]}
  - {from: td/z, to: vace_context_scale, filters: [{smoth: 150 ms}]}
"""


def test_five_mistakes_are_five_problems_with_their_places(tmp_path: Path) -> None:
    profile = tmp_path / "show.yaml"
    profile.write_text(MISTAKES, encoding="utf-8")

    checked = subprocess.run(
        [sys.executable, "-m", "bridge", "check", str(profile)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
        check=False,
    )

    assert checked.returncode == 2
    lines = checked.stdout.splitlines()
    assert lines[-1] == f"5 problems in {profile}; nothing was started."
    places = [line for line in lines if line.startswith(f"{profile}:")]
    assert [place.removeprefix(f"{profile}:").split(":")[0] for place in places] == ["3", "6", "7", "8", "9"]


def test_a_show_goes_on_with_the_last_good_profile_and_says_so(show: Show) -> None:
    with watching(show.ndi) as watch:
        show.osc.send_message("/noise", 0.2)
        watch.until(shows(noise_scale=0.2))

        show.profile.write_text(MISTAKES, encoding="utf-8")
        wait_for(
            "a complaint about the profile",
            lambda: any(
                f"{show.profile}:3:" in complaint and "4 more" in complaint
                for complaint in (show.bridge.status() or {})["complaints"]
            ),
            10.0,
        )
        show.osc.send_message("/noise", 0.6)
        watch.until(shows(noise_scale=0.6))

        show.profile.write_text(show.text.replace("td/noise", "td/other"), encoding="utf-8")
        wait_for("no complaint", lambda: not (show.bridge.status() or {})["complaints"], 10.0)
        show.osc.send_message("/other", 0.8)
        watch.until(shows(noise_scale=0.8))
    assert watch.longest_gap() <= 0.5
    status = show.bridge.status()
    assert status is not None
    assert status["scope"]["sessions"] == 1


def test_a_reload_keeps_what_was_live_and_moves_an_input_to_another_port(show: Show) -> None:
    with watching(show.ndi) as watch:
        show.osc.send_message("/noise", 0.2)
        watch.until(shows(noise_scale=0.2))
        moved = show.text.replace(f"osc: {show.port}", "osc: 0").replace("noise_scale: 0.4", "noise_scale: 0.9")
        show.profile.write_text(moved, encoding="utf-8")
        status = wait_for("the new port", lambda: moved_to(show), 10.0)
        assert status["scope"]["sessions"] == 1
        seen = watch.seen[-1]
    assert seen.strip is not None
    assert seen.strip["noise_scale"] == pytest.approx(0.2, abs=1e-6)


def test_an_output_that_is_renamed_added_or_edited_comes_up_with_the_picture_and_stays_black_if_it_was(
    show: Show,
) -> None:
    def outputs() -> dict[str, dict[str, object]]:
        status = show.bridge.status()
        assert status is not None
        return {output["name"]: output for output in status["outputs"]}

    show.bridge.show("panel/output/all/level", 0)
    edited = show.text.replace(f"{{ndi: {show.ndi}}}", f"{{ndi: {show.ndi}}}, wall: {{ndi: {show.ndi} wall}}")
    show.profile.write_text(edited, encoding="utf-8")
    wait_for("the wall", lambda: "wall" in outputs(), 10.0)
    assert {name: output["level"] for name, output in outputs().items()} == {"program": 0, "wall": 0, "page": 0}

    with watching(f"{show.ndi} wall") as watch:
        assert max(watch.seen[0].mean) < 2
        show.bridge.show("panel/output/all/level", 1)
        watch.until(shows(noise_scale=0.4))

    show.profile.write_text(edited.replace("program:", "main:"), encoding="utf-8")
    wait_for("the new name", lambda: "main" in outputs() and "program" not in outputs(), 10.0)
    with watching(show.ndi) as watch:
        watch.until(shows(noise_scale=0.4))


def test_another_rate_is_taken_without_the_source_going_away(show: Show) -> None:
    with watching(show.ndi) as watch:
        before = watch.until(shows(noise_scale=0.4))
        show.profile.write_text(show.text.replace(f"ndi: {show.ndi}", f"ndi: {show.ndi}, fps: 50"), encoding="utf-8")
        watch.until(lambda frame: frame.fps == 50)
    assert watch.longest_gap(before) <= GAP


def test_a_start_value_that_nobody_has_touched_is_obeyed_when_it_is_edited(show: Show) -> None:
    with watching(show.ndi) as watch:
        watch.until(shows(noise_scale=0.4))
        show.profile.write_text(show.text.replace("noise_scale: 0.4", "noise_scale: 0.9"), encoding="utf-8")
        watch.until(shows(noise_scale=0.9))


def test_a_profile_that_vanishes_is_said_and_the_show_goes_on(show: Show) -> None:
    show.profile.unlink()
    wait_for(
        "a complaint",
        lambda: any("is gone" in complaint for complaint in (show.bridge.status() or {})["complaints"]),
        10.0,
    )
    show.profile.write_text(show.text + "# back\n", encoding="utf-8")
    wait_for("no complaint", lambda: not (show.bridge.status() or {})["complaints"], 10.0)
    assert show.bridge.streaming()


def moved_to(show: Show) -> dict[str, dict[str, int]] | None:
    status = show.bridge.status()
    assert status is not None
    return status if not status["inputs"][0]["where"].endswith(f":{show.port}") else None
