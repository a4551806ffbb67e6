"""Freshness, measured for real but not for long: a rehearsal server, the client as others are, and the bridge's session."""

import itertools
import json

import pytest

from bridge import cli
from bridge.bench import freshness
from bridge.bench.stage import reaches

CHUNK = 0.25


@pytest.mark.timeout(90)
def test_both_clients_play_the_same_hand_and_only_the_bridge_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(freshness, "CHUNKS", (CHUNK,))
    monkeypatch.setattr(freshness, "GESTURES", {CHUNK: (20, 0)})  # a quick one plays one of twenty
    monkeypatch.setattr(freshness, "LEAST", 4.0)

    assert cli.main(["bench", "freshness", "--quick", "--json"]) == 0

    figures = {figure["name"]: figure for figure in json.loads(capsys.readouterr().out)["figures"]["freshness"]}
    median, most, beyond, thrown, late, lost = figures.values()
    assert 0 < median["value"] < median["peer_value"]
    assert median["value"] <= most["value"]
    assert median["target"] == 1 / 8
    assert most["target"] is None
    assert beyond["value"] < most["value"], "what is beyond one chunk is less than the whole"
    assert beyond["target"] == 50
    assert thrown["value"] == 0
    assert thrown["peer_value"] > 10
    assert 0 <= late["value"] <= 100
    assert late["target"] is None
    assert lost["name"] == "last values lost, of 2"
    assert lost["value"] == 0
    assert lost["met"] is True


def test_the_hand_is_the_same_for_everybody_and_rests_in_between() -> None:
    one, other = (list(itertools.islice(reaches(seed=4), 3600)) for _ in range(2))

    assert one == other
    assert one[0] is True
    assert 0.4 < sum(one) / len(one) < 0.9
