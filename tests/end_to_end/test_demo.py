"""The demo, as the README says it: it proves itself by its last line."""

import json
import subprocess
import sys
from typing import Any

from tests.end_to_end.rig import ROOT


def demo(*options: str, seconds: float = 4.0) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bridge",
            "demo",
            "--seconds",
            str(seconds),
            "--headless",
            "--json",
            "--panel",
            "0",
            *options,
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=55,
        check=False,
    )
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_the_demo_shows_that_values_land_fresh_and_none_is_lost() -> None:
    status, summary, story = demo()

    assert status == 0, f"{summary}\n{story}"
    assert summary["ok"] is True
    assert summary["final_value_landed"] is True
    assert summary["dropped"] == 0
    assert summary["signals"] > 60 * summary["seconds"]
    assert 0 < summary["messages"] <= summary["chunks"] + 5
    assert summary["frames_received"] >= 12 * (summary["chunks"] - 3)
    assert summary["frames_unreadable"] == summary["frames_out_of_order"] == 0
    assert summary["frames_sent"]["program"] > 0
    assert 0 < summary["age_ms"]["p50"] <= summary["age_ms"]["p95"] < 2 * summary["chunk_ms"]
    assert summary["age_ms"]["p50"] < summary["hand_to_picture_ms"]["p50"]


def test_a_show_whose_values_do_not_land_is_not_called_good() -> None:
    status, summary, _ = demo("--chunk", "0.3", "--fault", "deaf:1", seconds=2.0)

    assert status == 1
    assert summary["ok"] is False
    assert summary["final_value_landed"] is False
