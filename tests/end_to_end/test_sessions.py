"""The bridge leaves no session behind: it would go on driving the pipeline."""

from collections.abc import Callable
from pathlib import Path

import httpx

from tests.end_to_end.conftest import Show
from tests.end_to_end.rig import Rehearsal


def test_a_bridge_that_was_killed_leaves_no_session_behind_once_it_is_started_again(
    rehearsal: Rehearsal, start: Callable[[str], Show]
) -> None:
    start(rehearsal.url).bridge.kill()
    start(rehearsal.url)

    assert len(sessions_on(rehearsal)) == 1


def test_a_bridge_that_is_told_to_end_ends_with_status_0_and_without_its_session(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    with Show(rehearsal.url, tmp_path) as show:
        show.streaming()
        assert show.bridge.end() == 0

    assert sessions_on(rehearsal) == {}


def sessions_on(server: Rehearsal) -> dict[str, object]:
    answer = httpx.get(f"{server.url}/api/v1/session/metrics").raise_for_status().json()
    assert isinstance(answer, dict)
    return dict(answer["sessions"])
