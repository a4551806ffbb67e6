"""What OSC can reach: the known paths, what is held against them, and real datagrams on the port of HTTP."""

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.rehearsal.osc import Inventory, Receiver, wrong
from bridge.rehearsal.pipelines import PIPELINES
from tests.rehearsal.rig import Rig, play, start, until


def message(path: str, *arguments: Any) -> OscMessageBuilder:
    """Return an OSC message."""
    builder = OscMessageBuilder(path)
    for argument in arguments:
        builder.add_arg(argument)
    return builder


class Ears:
    """A receiver, and what it passes on."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.heard: list[dict[str, Any]] = []
        self.inventory = Inventory(PIPELINES, lambda: self.loaded)
        self.receiver = Receiver(self.inventory, self.heard.append)

    def say(self, path: str, *arguments: Any) -> None:
        """Let a datagram arrive."""
        self.receiver.datagram_received(message(path, *arguments).build().dgram, ("127.0.0.1", 9))


@pytest.fixture
def ears() -> Ears:
    return Ears()


class TestValues:
    @pytest.mark.parametrize(
        ("key", "arguments", "value"),
        [
            ("noise_scale", [0.5], 0.5),
            ("noise_scale", [1], 1),
            ("vace_context_scale", [2.0], 2.0),
            ("input_mode", ["video"], "video"),
            ("paused", [True], True),
            ("reset_cache", [1], 1),
            ("denoising_step_list", [700, 500], [700, 500]),
            ("transition_steps", [4], 4),
            ("prompt", ["a reef"], "a reef"),  # under a name that no pipeline reads: there a browser translates
        ],
    )
    def test_a_good_one_goes_on_as_it_is(self, key: str, arguments: list[Any], value: Any, ears: Ears) -> None:
        ears.say(f"/scope/{key}", *arguments)

        assert ears.heard == [{key: value}]

    @pytest.mark.parametrize(
        ("path", "arguments"),
        [
            ("/scope/noise_scale", [1.5]),
            ("/scope/noise_scale", [-0.1]),
            ("/scope/noise_scale", ["loud"]),
            ("/scope/noise_scale", [0.1, 0.2]),
            ("/scope/noise_scale", []),
            ("/scope/input_mode", ["dream"]),
            ("/scope/transition_steps", [2.0]),
            ("/scope/denoising_step_list", [700]),
            ("/scope/denoising_step_list", [700, 500.5]),
            ("/scope/Noise_scale", [0.5]),
            ("/scope/base_seed", [1]),
            ("/scope/lora_scales", ["x"]),
            ("/scope/", [1]),
            ("/other/noise_scale", [0.5]),
        ],
    )
    def test_a_bad_one_is_dropped(self, path: str, arguments: list[Any], ears: Ears) -> None:
        ears.say(path, *arguments)

        assert ears.heard == []

    @pytest.mark.parametrize("datagram", [b"", b"nonsense", b"/scope/noise_scale\0", b"#bundle\0"])
    def test_what_is_no_osc_is_dropped(self, datagram: bytes, ears: Ears) -> None:
        ears.receiver.datagram_received(datagram, ("127.0.0.1", 9))

        assert ears.heard == []

    @given(st.one_of(st.binary(), st.binary().map(lambda rest: b"/scope/noise_scale\0\0" + rest)))
    def test_no_datagram_does_any_harm(self, datagram: bytes) -> None:
        ears = Ears()
        ears.receiver.datagram_received(datagram, ("127.0.0.1", 9))

        assert all(0 <= one["noise_scale"] <= 1 for one in ears.heard)

    def test_a_bundle_is_taken_as_its_messages(self, ears: Ears) -> None:
        bundle = OscBundleBuilder(IMMEDIATELY)
        for value in (0.25, 0.5):
            bundle.add_content(message("/scope/noise_scale", value).build())
        ears.receiver.datagram_received(bundle.build().dgram, ("127.0.0.1", 9))

        assert ears.heard == [{"noise_scale": 0.25}, {"noise_scale": 0.5}]

    def test_an_unknown_type_takes_anything(self) -> None:
        assert wrong({"type": "any", "key": "x"}, ["what", 1]) is None


class TestInventory:
    def test_what_may_change_while_it_runs_is_told_by_pipeline(self, ears: Ears) -> None:
        told = ears.inventory.told()
        assert set(told["active"]) == {"Runtime"}
        assert [entry["key"] for entry in told["available"]["longlive"]] == ["noise_scale", "noise_controller"]
        assert "gray" not in told["available"]

    def test_what_is_loaded_is_active_by_its_key_only(self, ears: Ears) -> None:
        ears.loaded = ["longlive", "node-7"]
        told = ears.inventory.told()

        assert set(told["active"]) == {"Runtime", "longlive"}
        assert told["active_pipeline_ids"] == ["longlive", "node-7"]

    def test_a_graph_adds_paths_to_nodes_and_replaces_them_all(self, ears: Ears) -> None:
        entry = {"osc_address": "/scope/left/noise", "type": "float", "max": 1.0, "node_id": "left"}
        ears.inventory.add([{**entry, "pipeline_id": "longlive", "param": "noise_scale", "group": "Left"}])
        ears.say("/scope/left/noise", 0.5)
        ears.say("/scope/left/noise", 1.5)
        assert ears.heard == [{"node_id": "left", "noise_scale": 0.5}]
        assert [one["key"] for one in ears.inventory.told()["active"]["Left"]] == ["left/noise"]

        ears.inventory.add([])
        ears.say("/scope/left/noise", 0.25)
        assert len(ears.heard) == 1

    def test_what_belongs_to_no_pipeline_is_for_browsers_only(self, ears: Ears) -> None:
        ears.inventory.add([{"osc_address": "slider", "type": "float", "node_id": "slider"}])
        ears.say("/scope/slider", 0.5)

        assert ears.heard == []
        assert ears.inventory.find("slider") is not None


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        yield udp


class TestHttp:
    def test_a_datagram_on_the_port_of_http_reaches_every_session(self, sender: socket.socket) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            clients = [await rig.connect(start()) for _ in range(2)]
            status = await rig.get("/api/v1/osc/status")
            assert status == {
                "enabled": True,
                "listening": True,
                "port": urlsplit(str(rig.http.base_url)).port,
                "host": "127.0.0.1",
                "log_all_messages": False,
            }
            sender.sendto(message("/scope/noise_scale", 0.25).build().dgram, (status["host"], status["port"]))
            for client in clients:
                await until(lambda client=client: bool(client.strips) and client.last.taken == 1)  # type: ignore[misc]
                assert client.last.noise_scale == 0.25
                assert client.messages == []  # nothing is echoed

        play(script)

    def test_the_log_tells_what_is_dropped_and_all_that_passes_when_asked_to(self, sender: socket.socket) -> None:
        async def script(rig: Rig) -> None:
            address = ("127.0.0.1", (await rig.get("/api/v1/osc/status"))["port"])
            sender.sendto(message("/scope/nothing", 1).build().dgram, address)
            sender.sendto(message("/scope/noise_scale", 7.0).build().dgram, address)
            sender.sendto(message("/scope/noise_scale", 0.5).build().dgram, address)
            settings = await rig.http.put("/api/v1/osc/settings", json={"log_all_messages": True})
            assert settings.json()["log_all_messages"] is True
            sender.sendto(message("/scope/noise_scale", 0.75).build().dgram, address)
            while "OSC VALID  /scope/noise_scale = 0.75" not in (log := await rig.log()):
                pass
            assert "OSC UNKNOWN  /scope/nothing = 1" in log
            assert "reason=value 7.0 above maximum 1.0" in log
            assert "= 0.5\n" not in log

        play(script)

    def test_an_inventory_is_taken_and_counted(self) -> None:
        async def script(rig: Rig) -> None:
            entry = {"osc_address": "/scope/x", "type": "float"}
            answer = await rig.http.post("/api/v1/osc/inventory", json={"paths": [entry, entry]})
            assert answer.json() == {"count": 2}
            assert (await rig.http.post("/api/v1/osc/inventory", json={"paths": [{}]})).status_code == 422
            assert (await rig.http.put("/api/v1/osc/settings", json={})).status_code == 422

        play(script)

    def test_a_taken_udp_port_costs_osc_and_nothing_else(self, sender: socket.socket) -> None:
        sender.bind(("127.0.0.1", 0))
        port = sender.getsockname()[1]
        with socket.socket() as tcp:
            try:
                tcp.bind(("127.0.0.1", port))
            except OSError:
                pytest.skip("the TCP port of that number is taken")

        async def script(rig: Rig) -> None:
            assert (await rig.get("/api/v1/osc/status"))["listening"] is False
            assert "Failed to start OSC server" in await rig.log()

        play(script, port=port)
