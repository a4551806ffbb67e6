"""The session for real: HTTP, WebRTC and frames, against the rehearsal server in a process of its own."""

import asyncio
from collections.abc import Iterator
from math import isnan
from pathlib import Path

import httpx
import pytest

from bridge.clock import now
from bridge.frames import Frame
from bridge.parameters import Change
from bridge.profile.model import Scope
from bridge.session.http import rest
from bridge.status import Phase
from bridge.strip import prompt_sum
from tests.end_to_end.rig import Rehearsal
from tests.session.watched import Watched


@pytest.fixture(scope="module")
def server() -> Iterator[Rehearsal]:
    with Rehearsal("--chunk", "0.4", "--load-seconds", "0.2") as server:
        yield server


def test_a_pipeline_is_loaded_and_its_first_frame_already_shows_the_beginning(
    server: Rehearsal, tmp_path: Path
) -> None:
    async def scene(show: Watched) -> None:
        await show.frame()

    show = Watched(server.url, tmp_path, load={"width": 512, "height": 512}).play(scene)

    first = show.strips[0]
    assert first.noise_scale == pytest.approx(0.3, abs=1e-6)
    assert first.noise_controller is False
    assert first.prompt == prompt_sum(["reef"])
    assert first.taken == 0
    assert show.frames[0].size == (512, 512)


def test_the_session_is_removed_from_the_server_when_it_ends(server: Rehearsal, tmp_path: Path) -> None:
    async def scene(show: Watched) -> None:
        await show.frame()
        assert len(show.store.left_on(server.url)) == 1

    show = Watched(server.url, tmp_path).play(scene)

    assert show.store.left_on(server.url) == ()
    assert httpx.get(f"{server.url}/api/v1/session/metrics").json()["sessions"] == {}


def test_a_session_that_a_killed_bridge_left_is_removed_by_the_next(server: Rehearsal, tmp_path: Path) -> None:
    async def killed(show: Watched) -> None:
        """End without a word to the server: the connection's own end is all that it sees."""
        await show.frame()
        (left,) = show.store.left_on(server.url)
        show.store.remove(server.url, left)
        await asyncio.sleep(0)
        show.kept = left  # type: ignore[attr-defined]

    first = Watched(server.url, tmp_path).play(killed)
    first.store.add(server.url, first.kept)  # type: ignore[attr-defined]

    async def scene(show: Watched) -> None:
        await show.frame()
        assert first.kept not in show.store.left_on(server.url)  # type: ignore[attr-defined]

    Watched(server.url, tmp_path).play(scene)


def test_when_idle_a_change_leaves_in_the_same_turn_of_the_loop_and_reaches_the_picture(
    server: Rehearsal, tmp_path: Path
) -> None:
    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 12)
        before = show.session.status().messages
        show.session.put([Change("probe", 7, now())])
        assert show.session.status().messages == before + 1
        await show.until(lambda: show.strips[-1].probe == 7)

    Watched(server.url, tmp_path).play(scene)


def test_a_moving_hand_becomes_one_message_per_chunk_and_its_last_value_lands(
    server: Rehearsal, tmp_path: Path
) -> None:
    async def scene(show: Watched) -> None:
        await show.frame()
        begun = show.strips[-1].chunk
        for step in range(300):
            show.session.put([Change("noise_scale", step / 300, now()), Change("probe", step, now())])
            await asyncio.sleep(1 / 60)
        await show.until(lambda: show.strips[-1].probe == 299)
        assert show.strips[-1].noise_scale == pytest.approx(299 / 300, abs=1e-6)
        assert show.session.in_picture("probe") == 299
        assert show.strips[-1].taken <= show.strips[-1].chunk - begun + 2
        assert show.strips[-1].dropped == 0

    Watched(server.url, tmp_path).play(scene)


def probes(server: Rehearsal, state: Path) -> list[tuple[float, float, int]]:
    """Return of every frame, while a hand moves: the value that the session says it shows, the one that it shows, and its
    chunk. A value that was never sent is 0."""
    told: list[tuple[float, float, int]] = []

    async def scene(show: Watched) -> None:
        def look(frame: Frame) -> None:
            strip = show.strips[-1]
            told.append(
                (show.session.in_picture("probe") or 0.0, 0.0 if isnan(strip.probe) else strip.probe, strip.chunk)
            )

        show.session.put([Change("probe", 0, now())])
        await show.frame()
        show.fan.tap(look)
        for step in range(1, 240):
            show.session.put([Change("probe", step, now())])
            await asyncio.sleep(1 / 60)

    Watched(server.url, state).play(scene)
    return told


def test_in_rehearsal_it_is_known_of_every_frame_what_it_shows(server: Rehearsal, tmp_path: Path) -> None:
    told = probes(server, tmp_path)

    assert len({shown for _, shown, _ in told}) > 4
    assert all(said <= shown for said, shown, _ in told)
    assert sum(said == shown for said, shown, _ in told) >= 0.95 * len(told)  # where frames were lost, some are late


def test_what_pacing_says_is_in_the_picture_is_in_the_picture_and_a_chunk_late_at_most(
    server: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "REHEARSAL", "of another kind")
    told = probes(server, tmp_path)
    shown_by = {chunk: shown for _, shown, chunk in told}
    known = [(said, shown, shown_by[chunk - 1]) for said, shown, chunk in told if chunk - 1 in shown_by]

    assert len({said for said, _, _ in known}) > 4
    assert sum(said <= shown for said, shown, _ in known) >= 0.97 * len(known)
    assert sum(said >= before for said, _, before in known) >= 0.8 * len(known)  # a machine that stalls makes it later


def test_a_resting_hand_is_repeated_once_and_then_there_is_silence(server: Rehearsal, tmp_path: Path) -> None:
    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 12)
        show.session.put([Change("noise_scale", 0.9, now()), Change("reset_cache", True, now())])
        await show.until(lambda: show.session.status().messages == 2)
        chunk = show.strips[-1].chunk
        await show.until(lambda: show.strips[-1].chunk >= chunk + 8)
        assert show.session.status().messages == 2
        assert show.strips[-1].noise_scale == pytest.approx(0.9, abs=1e-6)

    Watched(server.url, tmp_path).play(scene)


def test_when_the_server_dies_everything_comes_back_but_no_transition_and_no_pause(tmp_path: Path) -> None:
    options = ("--chunk", "0.4", "--load-seconds", "0.2")
    server = Rehearsal(*options)
    others: list[Rehearsal] = []

    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 12)
        keys = {"prompts": [{"text": "neon", "weight": 1.0}]}
        transition = {"target_prompts": keys["prompts"], "num_steps": 4}
        show.session.put(
            [
                Change("noise_scale", 0.8, now()),
                Change("prompts", {**keys, "transition": transition}, now()),
                Change("paused", False, now()),
            ]
        )
        await show.until(lambda: show.strips[-1].prompt == prompt_sum(["neon"]) and not show.strips[-1].transition)
        server.kill()
        others.append(Rehearsal(*options, port=server.port))
        count = show.session.status().sessions
        await show.until(lambda: show.session.status().sessions > count, limit=30.0)
        back = show.strips[-1]
        assert back.prompt == prompt_sum(["neon"])
        assert back.noise_scale == pytest.approx(0.8, abs=1e-6)
        assert not back.transition
        assert show.session.status().phase is Phase.STREAMING
        parameters = httpx.get(f"{server.url}/api/v1/session/parameters").json()["parameters"]
        assert not parameters.keys() & {"transition", "paused", "reset_cache"}

    try:
        Watched(server.url, tmp_path).play(scene)
    finally:
        for one in (server, *others):
            one.end()


def test_changes_made_while_scope_is_away_are_in_its_first_frame(tmp_path: Path) -> None:
    options = ("--chunk", "0.4", "--load-seconds", "0.2")
    server = Rehearsal(*options)
    port = server.port
    server.kill()
    others: list[Rehearsal] = []

    async def scene(show: Watched) -> None:
        await show.until(lambda: "nobody listens" in show.session.status().detail)
        show.session.put([Change("noise_scale", 0.1, now()), Change("noise_scale", 0.6, now())])
        others.append(Rehearsal(*options, port=port))
        assert (await show.frame()).noise_scale == pytest.approx(0.6, abs=1e-6)
        assert show.session.status().messages == 0

    try:
        Watched(server.url, tmp_path).play(scene)
    finally:
        for one in (server, *others):
            one.end()


def test_a_deaf_channel_is_a_fault_that_the_picture_gives_away(server: Rehearsal, tmp_path: Path) -> None:
    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 6)
        server.fault("deaf")
        show.session.put([Change("probe", 5, now())])
        chunk = show.strips[-1].chunk
        await show.until(lambda: show.strips[-1].chunk >= chunk + 4)
        assert show.strips[-1].probe != 5

    try:
        Watched(server.url, tmp_path).play(scene)
    finally:
        server.fault("none")


def test_a_pipeline_that_does_not_exist_is_said_and_tried_again(server: Rehearsal, tmp_path: Path) -> None:
    async def scene(show: Watched) -> None:
        await show.until(lambda: "no pipeline called no-such" in show.session.status().detail)
        assert show.session.status().phase is Phase.LOADING

    show = Watched(server.url, tmp_path)
    show.session.turn_to(Scope(server.url, "no-such", ice="loopback"), keep=())
    show.play(scene)


def test_a_bug_on_the_way_of_a_frame_ends_the_connection_and_not_the_night(
    server: Rehearsal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 12)
        show.fan.tap(breaking)
        await show.until(lambda: show.session.status().sessions == 2)

    broken: list[Frame] = []

    def breaking(frame: Frame) -> None:
        if not broken:
            broken.append(frame)
            raise KeyError("a bug")

    Watched(server.url, tmp_path).play(scene)

    assert any("a bug in the bridge" in record.getMessage() for record in caplog.records)
