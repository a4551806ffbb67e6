"""`learn` with a controller at a real MIDI port: an encoder that says its steps as two's complement."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import cli
from bridge.commands import learn
from bridge.learning.recognise import Recogniser
from tests import jack
from tests.midi_device import Device

PROFILE = """\
inputs: {apc: {midi: "APC40*"}}   # the desk
start: {prompt: reef}
routes:
  - apc/cc/1/7 -> transition_steps   # slowly
"""


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    with jack.server() as server:
        server.use(monkeypatch)
        with Device("APC40 mkII", server) as device:
            yield device


def test_an_encoder_at_a_real_port_is_learned(
    device: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))
    path = tmp_path / "club.yaml"
    path.write_text(PROFILE, encoding="utf-8")
    asked = threading.Event()
    begin = Recogniser.begin

    def begin_and_turn(recogniser: Recogniser) -> None:
        begin(recogniser)
        asked.set()

    def turn() -> None:
        assert asked.wait(20)
        for value in [1] * 12 + [127] * 12:
            device.send(bytes((0xB0, 47, value)))
            time.sleep(0.01)

    monkeypatch.setattr(Recogniser, "begin", begin_and_turn)
    monkeypatch.setattr(learn, "BEFORE", 0.5)
    hand = threading.Thread(target=turn)
    hand.start()
    assert cli.main(["learn", str(path), "--to", "transition_steps", "--wait", "15"]) == 0
    hand.join()
    line = "  - {from: apc/cc/1/47, filters: [{encoder: twos complement}], to: transition_steps}\n"
    assert path.read_text(encoding="utf-8") == PROFILE + line
    assert "apc/cc/1/47: an encoder, twos complement\n" in capsys.readouterr().out
