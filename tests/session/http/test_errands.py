"""What a session asks by HTTP, and which event that ends in."""

import asyncio
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from bridge.errors import Refused, Unavailable
from bridge.ice import Addresses
from bridge.profile.model import Relay, Scope
from bridge.session.http.asking import TooSlow
from bridge.session.http.errands import Errands
from bridge.session.http.rest import Rest
from bridge.session.life.events import Confused, Healthy, SessionRemoved, StatusKnown, Unreachable
from bridge.session.store import SessionStore

T = TypeVar("T")
FAR, HERE = "http://192.168.1.20:8000", "http://127.0.0.1:8000"


class Server:
    """Answers, or fails as it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def health(self) -> Healthy:
        return self._or(Healthy(1.0, "0.2.4"))

    async def status(self) -> StatusKnown:
        return self._or(StatusKnown("loaded", "longlive"))

    async def remove(self, session: str) -> None:
        self._or(None)

    async def ice_servers(self) -> list[Mapping[str, Any]]:
        return self._or([{"urls": ["stun:stun.of.the.server:3478"]}])

    def _or(self, answer: T) -> T:
        if self.error is not None:
            raise self.error
        return answer


def errands(tmp_path: Path, scope: Scope, error: Exception | None = None) -> Errands:
    return Errands(cast(Rest, Server(error)), scope, SessionStore(tmp_path), lambda: 7.0)


def do(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def test_a_server_that_is_not_there_is_unreachable_since_it_was_asked(tmp_path: Path) -> None:
    asked = errands(tmp_path, Scope(), Unavailable("nobody listens"))

    assert do(asked.ask_health()) == Unreachable("nobody listens", 7.0)

    asked = errands(tmp_path, Scope(), TooSlow("takes too long to answer"))
    assert do(asked.ask_health()) == Unreachable("takes too long to answer", 7.0, slow=True)


def test_one_that_answers_by_an_error_lives_and_is_confused(tmp_path: Path) -> None:
    asked = errands(tmp_path, Scope(), Refused("500"))

    assert do(asked.ask_health()) == Confused("500")
    assert do(asked.ask_status()) == Confused("500")


def test_a_session_that_could_not_be_removed_is_remembered(tmp_path: Path) -> None:
    store = SessionStore(tmp_path)
    store.add(Scope().url, "s1")

    assert do(errands(tmp_path, Scope(), Unavailable("gone")).remove("s1")) == SessionRemoved()
    assert store.left_on(Scope().url) == ("s1",)
    assert do(errands(tmp_path, Scope()).remove("s1")) == SessionRemoved()
    assert store.left_on(Scope().url) == ()


@pytest.mark.parametrize(
    ("scope", "addresses", "servers"),
    [
        (Scope(FAR), Addresses.NETWORK, ["stun:stun.of.the.server:3478"]),
        (Scope(HERE), Addresses.BOTH, []),
        (Scope(FAR, ice="loopback"), Addresses.LOOPBACK, []),
        (Scope(FAR, relay=Relay(("turn:mine:3478",), "me", "secret")), Addresses.NETWORK, ["turn:mine:3478"]),
        (Scope(HERE, relay=Relay(("turn:mine:3478",))), Addresses.BOTH, ["turn:mine:3478"]),
    ],
)
def test_the_ways_to_a_server_follow_from_where_it_is_and_from_the_profiles_own_relay(
    tmp_path: Path, scope: Scope, addresses: Addresses, servers: list[str]
) -> None:
    offered, named = do(errands(tmp_path, scope).ways())

    assert offered is addresses
    assert [url for one in named for url in one["urls"]] == servers


def test_a_relay_of_the_profiles_own_brings_its_credentials(tmp_path: Path) -> None:
    scope = Scope(FAR, relay=Relay(("turn:mine:3478",), "me", "secret"))

    (relay,) = do(errands(tmp_path, scope).ways())[1]

    assert (relay["username"], relay["credential"]) == ("me", "secret")


def test_a_server_that_does_not_say_its_relays_is_talked_to_without(tmp_path: Path) -> None:
    assert do(errands(tmp_path, Scope(FAR), Refused("GET ice-servers: 500")).ways()) == (Addresses.NETWORK, [])
