"""What a reload does to the services of a running bridge, without the services."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from bridge import profile
from bridge.app import App
from bridge.errors import Refused
from bridge.frames import Fan, Frame
from bridge.profile.model import Profile
from bridge.scopes import Scopes
from bridge.session.latency.calibration import Calibration, CalibrationStore, pipeline_of
from bridge.session.store import SessionStore
from bridge.status import Phase, ScopeStatus
from bridge.supervisor import Supervisor
from bridge.verbs import ALL, Freeze, Level

TWO = """\
scopes: {{left: {left}, right: {right}}}
inputs: {{td: {{osc: 9100}}}}
outputs: {{program: {{ndi: Test, from: {shown}}}}}
start: {{prompt: a reef}}
"""
A, B, C = "http://gpu-a:8000", "http://gpu-b:8000", "http://gpu-c:8000"


class Kept:
    """Notes which services begin and end; an end takes a while."""

    def __init__(self) -> None:
        self.log: list[tuple[str, str]] = []
        self.names: set[str] = set()

    def add(self, service: Any) -> None:
        if service.name in self.names:
            raise ValueError(f"there is a service called {service.name!r} already")
        self.names.add(service.name)
        self.log.append(("begins", service.name))

    def complaints(self) -> dict[str, str]:
        return {}

    async def remove(self, name: str) -> None:
        if name not in self.names:
            raise KeyError(name)
        for _ in range(3):
            await asyncio.sleep(0)
        self.names.discard(name)
        self.log.append(("ends", name))


class Bridge:
    """An app that plays a profile of the test, as far as a reload is concerned."""

    def __init__(self, folder: Path, text: str) -> None:
        self.path = folder / "show.yaml"
        self.path.write_text(text, encoding="utf-8")
        self.app = App(self.path)
        self.app.pictures.open()
        self.kept = Kept()
        self.app._supervisor = self.app.pictures._supervisor = cast(Supervisor, self.kept)
        self.kept.names = {name for station in self.app.scopes.stations.values() for name in station.services()}
        self.kept.names.add("output program")

    def read(self, text: str) -> Profile:
        self.path.write_text(text, encoding="utf-8")
        return profile.load(self.path)[0]

    async def reload(self, text: str) -> None:
        async with self.app._changing:
            await self.app._reload(self.read(text))


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))


def test_two_scopes_that_swap_their_servers_have_both_left_them_before_either_begins(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path, TWO.format(left=A, right=B, shown="left"))

    asyncio.run(bridge.reload(TWO.format(left=B, right=A, shown="left")))

    assert [what for what, name in bridge.kept.log if name.startswith("scope ")] == ["ends", "ends", "begins", "begins"]
    assert {name: one.playing.url for name, one in bridge.app.scopes.stations.items()} == {"left": B, "right": A}


def test_an_output_whose_scope_is_no_more_or_that_is_to_show_another_shows_that_one(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path, TWO.format(left=A, right=B, shown="left"))
    app = bridge.app

    def shows(name: str) -> Fan:
        asyncio.run(bridge.reload(TWO.format(left=A, right=B, shown=name)))
        shown = app.pictures._ways["program"].live_from
        assert shown is not None
        return shown

    assert shows("right") is app.scopes.stations["right"].fans.main
    live = app.pictures._ways["program"].live
    assert live in app.scopes.stations["right"].fans.main._mailboxes
    assert live not in app.scopes.stations["left"].fans.main._mailboxes

    asyncio.run(bridge.reload(f"scope: {C}\noutputs: {{program: {{ndi: Test}}}}\nstart: {{prompt: a reef}}\n"))
    only = app.scopes.first.fans.main
    assert app.pictures._ways["program"].live_from is only
    assert {id(app.pictures._ways["page"].live), id(live)} <= {id(one) for one in only._mailboxes}


def test_what_goes_into_a_scope_is_seen_no_more_where_another_one_is_shown(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path, TWO.format(left=A, right=B, shown="left"))
    way = bridge.app.pictures._ways["program"]
    video = Fan()
    way.join(way.live_from, video)
    picture = Frame.of(np.zeros((2, 2, 4), np.uint8), 0.0)
    video.put(picture)
    assert way.source.look() == (picture, 1)

    asyncio.run(bridge.reload(TWO.format(left=A, right=B, shown="right")))

    assert way.source.look()[0] is None
    assert video._mailboxes == []


def test_a_gesture_in_the_middle_of_a_reload_that_renames_a_scope_is_no_accident(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path, TWO.format(left=A, right=B, shown="right"))

    async def both() -> None:
        text = TWO.replace("left:", "middle:").format(left=A, right=B, shown="right")
        async with asyncio.TaskGroup() as tasks:
            reload = tasks.create_task(bridge.reload(text))
            while not reload.done():
                await asyncio.sleep(0)
                bridge.app._do(bridge.app._mapping.tick(0.0))
                bridge.app.status()

    asyncio.run(both())
    assert list(bridge.app.scopes.stations) == ["middle", "right"]


def test_a_pipeline_that_is_called_during_a_reload_waits_for_its_end(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path, TWO.format(left=A, right=B, shown="right"))
    app = bridge.app

    async def both() -> None:
        async def calls() -> None:
            async with app._changing:
                scope = app.scopes.with_pipeline("left", "memflow")
                assert scope is not None
                await app._run_on({"left": scope})

        await asyncio.gather(bridge.reload(TWO.format(left=C, right=A, shown="right")), calls())

    asyncio.run(both())
    assert app.scopes.running["left"].url == C
    assert app.scopes.running["left"].pipeline == "memflow"


class Learnt:
    """A station of which only the server's answer counts."""

    def __init__(self, name: str, answer: object) -> None:
        self.name = name
        self.answer = answer
        self.sessions = 1
        self.asked = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def status(self) -> ScopeStatus:
        return ScopeStatus(f"http://{self.name}", Phase.STREAMING, "", sessions=self.sessions)

    async def schemas(self) -> object:
        self.asked += 1
        self.meanwhile()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def learning(folder: Path, **stations: Learnt) -> Scopes:
    bridge = Bridge(folder, TWO.format(left=A, right=B, shown="left"))
    found = Scopes(bridge.app._profile, SessionStore(folder), CalibrationStore(folder))
    found.stations = dict(stations)  # type: ignore[arg-type]
    return found


def test_a_scope_that_goes_while_servers_are_asked_what_they_take_is_no_accident(tmp_path: Path) -> None:
    left, right = Learnt("left", {"pipelines": {"one": {}}}), Learnt("right", {"pipelines": {"two": {}}})
    scopes = learning(tmp_path, left=left, right=right)
    left.meanwhile = lambda: scopes.stations.pop("left", None)

    assert list(asyncio.run(scopes.learn()) or ()) == [right.answer]


def test_what_a_server_said_once_is_known_though_it_does_not_say_it_again(tmp_path: Path) -> None:
    left, right = Learnt("left", {"pipelines": {"one": {}}}), Learnt("right", {"pipelines": {"two": {}}})
    scopes = learning(tmp_path, left=left, right=right)
    first = left.answer
    asyncio.run(scopes.learn())

    left.sessions, left.answer = 2, Refused("GET schemas: 500")
    right.sessions = 2

    assert list(asyncio.run(scopes.learn()) or ()) == [first, right.answer]
    assert (left.asked, right.asked) == (2, 2)


def test_what_was_calibrated_is_known_where_it_is_said_what_the_picture_shows(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path, TWO.format(left=A, right=B, shown="left"))
    store = CalibrationStore(tmp_path)
    scopes = Scopes(bridge.app._profile, SessionStore(tmp_path), store)
    left, right = scopes.stations["left"], scopes.stations["right"]
    measured = pipeline_of(scopes.running["left"])
    store.keep(Calibration(left.playing.url, measured, 1.5, 1.9, 0.4, 0.75, 0.35, False, 0.75, 20, 20))

    samples = dict(scopes.news())

    assert samples["left/scope/latency"] == (1.5,)
    assert (left.playing.delivery_seconds, right.playing.delivery_seconds) == (0.35, None)


def test_a_blackout_in_the_middle_of_a_reload_is_kept_by_the_outputs_that_it_opens_anew(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path, TWO.format(left=A, right=B, shown="right"))
    app = bridge.app

    async def both() -> None:
        text = TWO.replace("ndi: Test", "ndi: Other").format(left=A, right=B, shown="right")
        async with asyncio.TaskGroup() as tasks:
            reload = tasks.create_task(bridge.reload(text))
            while "program" in app.pictures.outputs:
                await asyncio.sleep(0)
            app._dispatch([Level(ALL, 0.0), Freeze("program", True)])
            await reload

    asyncio.run(both())
    opened = app.pictures.outputs["program"]
    assert opened.status().where == "NDI source Other"
    assert (opened.level, opened.frozen) == (0.0, True)
