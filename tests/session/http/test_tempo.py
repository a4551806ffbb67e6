"""Scope's own tempo: enabled where a profile wants it, kept at the show's, left as it was found."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bridge.errors import Refused
from bridge.profile.model import Modulation, Scope
from bridge.session.contract.dialect import CURRENT, Dialect, dialect_of
from bridge.session.http.rest import Rest
from bridge.session.http.tempo import ServerTempo

LINKED = Scope(tempo="link", modulations={"noise_scale": Modulation("saw", 0.2, "beat")})
BEAT = {"bpm": 128.0, "beat_phase": 0.25}


@dataclass
class Server:
    status: Mapping[str, Any] = field(default_factory=lambda: {"enabled": False, "source": None})
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def tempo_status(self) -> Mapping[str, Any]:
        return self.status

    async def enable_tempo(self, source: str, bpm: float) -> None:
        self.asked.append(f"enable {source} {bpm:g}")
        if self.error is not None:
            raise self.error

    async def set_tempo(self, bpm: float) -> None:
        self.asked.append(f"set {bpm:g}")
        if self.error is not None:
            raise self.error

    async def disable_tempo(self) -> None:
        self.asked.append("disable")


class Desk:
    def __init__(self) -> None:
        self.server = Server()
        self.tempo = ServerTempo()

    def begin(self, scope: Scope = LINKED, dialect: Dialect = CURRENT, beat: Mapping[str, Any] | None = BEAT) -> None:
        _do(self.tempo.begin(cast(Rest, self.server), scope, dialect, beat))

    def follow(self, bpm: float | None, scope: Scope = LINKED) -> None:
        _do(self.tempo.follow(cast(Rest, self.server), scope, None if bpm is None else {"bpm": bpm}))

    def end(self) -> None:
        _do(self.tempo.end(cast(Rest, self.server)))


def _do(work: Awaitable[None]) -> None:
    async def done() -> None:
        await work

    asyncio.run(done())


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_it_is_enabled_at_the_tempo_of_the_show_and_disabled_at_the_end(desk: Desk) -> None:
    desk.begin()
    assert desk.tempo.enabled
    desk.end()

    assert desk.server.asked == ["enable link 128", "disable"]


def test_while_nobody_has_said_a_tempo_it_begins_at_the_usual_one(desk: Desk) -> None:
    desk.begin(beat=None)

    assert desk.server.asked == ["enable link 120"]


def test_one_that_follows_the_same_already_is_left_alone_to_the_end(desk: Desk) -> None:
    desk.server.status = {"enabled": True, "source": {"type": "link"}}
    desk.begin()
    assert desk.tempo.enabled
    desk.end()

    assert desk.server.asked == []


def test_one_that_follows_another_source_is_turned_to_ours(desk: Desk) -> None:
    desk.server.status = {"enabled": True, "source": {"type": "midi_clock"}}
    desk.begin()

    assert desk.server.asked == ["enable link 128"]


def test_a_profile_that_does_not_want_it_and_a_server_that_has_none_are_not_asked(desk: Desk) -> None:
    desk.begin(Scope())
    desk.begin(LINKED, dialect_of("0.1.0-beta.3"))

    assert desk.server.asked == []
    assert not desk.tempo.enabled


def test_a_server_that_cannot_is_said_and_the_modulations_are_the_bridges(desk: Desk) -> None:
    desk.server.error = Refused("POST /api/v1/tempo/enable: 400 aalink is not installed")
    desk.begin()

    assert not desk.tempo.enabled
    assert "aalink is not installed" in desk.tempo.warning
    assert desk.tempo.first_words(LINKED, {}) == {}
    desk.end()
    assert desk.server.asked == ["enable link 128"]


def test_a_tempo_that_changes_is_told_once(desk: Desk) -> None:
    desk.begin()
    for bpm in (128.0, 128.01, 128.0, 140.0, 140.0, None):
        desk.follow(bpm)

    assert desk.server.asked == ["enable link 128", "set 128", "set 140"]


def test_a_midi_clock_cannot_be_told_a_tempo(desk: Desk) -> None:
    clocked = Scope(tempo="midi_clock")
    desk.begin(clocked)
    desk.follow(140.0, clocked)

    assert desk.server.asked == ["enable midi_clock 128"]


def test_a_tempo_that_is_refused_ends_nothing(desk: Desk) -> None:
    desk.begin()
    desk.server.error = Refused("POST set_tempo: 400")
    desk.follow(140.0)

    assert desk.tempo.enabled


def test_what_needs_the_tempo_is_in_the_first_message_where_it_runs_within_the_ends_of_the_parameter(
    desk: Desk,
) -> None:
    wanted = {"noise_scale": 0.4, "beat_cache_reset_rate": "bar"}
    assert desk.tempo.first_words(LINKED, wanted) == {}
    desk.begin()

    assert desk.tempo.first_words(LINKED, wanted) == {
        "beat_cache_reset_rate": "bar",
        "modulations": {
            "noise_scale": {"shape": "saw", "depth": 0.2, "rate": "beat", "min_value": 0.0, "max_value": 1.0}
        },
    }
