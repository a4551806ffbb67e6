"""The server's tempo: a beat from a clock that the test holds, and over HTTP and the data channel."""

from typing import Any

import pytest

from bridge.errors import Refused
from bridge.rehearsal.tempo import FRESH, Tempo
from tests.rehearsal.rig import Rig, play, start, until


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


class TestBeat:
    def test_there_is_none_before_it_is_enabled_nor_at_that_very_moment(self, hand: Hand) -> None:
        tempo = Tempo(hand)
        assert tempo.beat() is None
        tempo.enable(120.0, 4)
        assert tempo.beat() is None
        assert tempo.status()["beat_state"] is None
        hand.now += 0.02
        assert tempo.beat() is not None

    def test_it_counts_by_the_clock(self, hand: Hand) -> None:
        tempo = Tempo(hand)
        tempo.enable(120.0, 3)
        hand.now += 2.25
        beat = tempo.beat()

        assert beat is not None
        assert (beat.bpm, beat.beat_phase, beat.bar_position, beat.beat_count) == (120.0, 0.5, 1.5, 4)
        assert tempo.status() == {
            "enabled": True,
            "source": {"type": "link", "num_peers": 0},
            "beats_per_bar": 3,
            "beat_state": {
                "bpm": 120.0,
                "beat_phase": 0.5,
                "bar_position": 1.5,
                "beat_count": 4,
                "is_playing": True,
                "source": "link",
            },
        }

    def test_another_tempo_goes_on_from_the_same_place(self, hand: Hand) -> None:
        tempo = Tempo(hand)
        tempo.enable(120.0, 4)
        hand.now += 1.25
        tempo.set(60.0)
        hand.now += 1.0
        beat = tempo.beat()

        assert beat is not None
        assert (beat.bpm, beat.beat_count, beat.beat_phase) == (60.0, 3, 0.5)

    def test_another_tempo_without_any_is_refused(self, hand: Hand) -> None:
        with pytest.raises(Refused, match="not enabled"):
            Tempo(hand).set(100.0)

    def test_disabled_it_beats_no_more(self, hand: Hand) -> None:
        tempo = Tempo(hand)
        tempo.enable(120.0, 4)
        hand.now += 1
        tempo.disable()

        assert tempo.beat() is None
        assert tempo.update() is None
        assert tempo.status()["source"] is None


class TestClients:
    def test_a_clients_beat_counts_for_two_seconds_as_it_is(self, hand: Hand) -> None:
        tempo = Tempo(hand)
        tempo.enable(120.0, 4)
        hand.now += 1
        tempo.told({"bpm": 90, "beat_phase": 0.25, "beat_count": 7, "bar_position": 3.25, "is_playing": False})
        hand.now += FRESH - 0.01
        beat = tempo.beat()
        assert beat is not None
        assert (beat.bpm, beat.beat_phase, beat.bar_position, beat.beat_count) == (90.0, 0.25, 3.25, 7)
        assert not beat.is_playing
        assert tempo.status()["beat_state"]["source"] == "client"
        hand.now += 0.02
        assert tempo.status()["beat_state"]["source"] == "link"

    def test_without_a_tempo_of_the_servers_it_counts_for_nothing(self, hand: Hand) -> None:
        tempo = Tempo(hand)
        tempo.told({"bpm": 90, "beat_phase": 0.25})

        assert tempo.beat() is None

    @pytest.mark.parametrize("said", [{"bpm": 90}, {"beat_phase": 0.5}, {"beat_count": 3}, {}])
    def test_half_a_beat_is_none(self, said: dict[str, Any], hand: Hand) -> None:
        tempo = Tempo(hand)
        tempo.enable(120.0, 4)
        hand.now += 1
        tempo.told(said)

        assert tempo.status()["beat_state"]["source"] == "link"

    @pytest.mark.parametrize("said", [{"bpm": "fast", "beat_phase": 0}, {"bpm": [], "beat_phase": 0}])
    def test_nonsense_is_refused(self, said: dict[str, Any], hand: Hand) -> None:
        with pytest.raises((TypeError, ValueError), match=r"."):
            Tempo(hand).told(said)


class TestHttp:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("enable", {}),
            ("enable", {"source": "wind"}),
            ("enable", {"source": "link", "bpm": 19}),
            ("enable", {"source": "link", "bpm": 301}),
            ("enable", {"source": "link", "beats_per_bar": 17}),
            ("set_tempo", {}),
            ("set_tempo", {"bpm": 10}),
        ],
    )
    def test_what_is_out_of_range_is_a_422(self, path: str, body: dict[str, Any]) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.post(f"/api/v1/tempo/{path}", json=body)).status_code == 422

        play(script)

    def test_another_tempo_while_it_is_off_is_a_400(self) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.post("/api/v1/tempo/set_tempo", json={"bpm": 100})
            assert (response.status_code, response.json()) == (400, {"detail": "Tempo sync is not enabled"})

        play(script)

    def test_midi_on_a_machine_without_any_is_a_500_in_plain_text_and_ends_the_tempo(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.http.post("/api/v1/tempo/enable", json={"source": "link"})
            response = await rig.http.post("/api/v1/tempo/enable", json={"source": "midi_clock"})
            assert (response.status_code, response.text) == (500, "Internal Server Error")
            assert not (await rig.get("/api/v1/tempo/status"))["enabled"]

        play(script)

    def test_while_it_is_enabled_every_session_hears_the_beat(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            clients = [await rig.connect(start()) for _ in range(2)]
            reply = (await rig.http.post("/api/v1/tempo/enable", json={"source": "link", "bpm": 240})).json()
            assert (reply["enabled"], reply["beats_per_bar"]) == (True, 4)
            for client in clients:
                await until(lambda client=client: len(client.messages) >= 10)  # type: ignore[misc]
                told = client.messages[:10]
                assert all(set(one) == {"type", *BEAT} and one["type"] == "tempo_update" for one in told)
                beats = [one["beat_count"] + one["beat_phase"] for one in told]
                assert beats == sorted(beats)
                assert beats[-1] - beats[0] >= 9 / 15 * 4 * 0.9  # 240 a minute, 15 messages a second at most
            reply = (await rig.http.post("/api/v1/tempo/set_tempo", json={"bpm": 60})).json()
            assert reply["beat_state"]["bpm"] == 60
            assert not (await rig.http.post("/api/v1/tempo/disable")).json()["enabled"]

        play(script)


BEAT = ("bpm", "beat_phase", "bar_position", "beat_count", "is_playing")
