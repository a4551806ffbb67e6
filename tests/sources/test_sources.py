"""What a profile's video inputs become."""

import asyncio
from typing import get_args

import pytest

from bridge.frames import Fan
from bridge.profile.inputs import Video
from bridge.sources import Missing, open_source
from bridge.sources.pattern import PATTERNS, PatternSource


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_opened_by_its_name(pattern: str) -> None:
    source = open_source("cam", Video("pattern", pattern), Fan())

    assert isinstance(source, PatternSource)
    assert source.name == "cam"
    assert source.status().detail == ""


def test_a_pattern_that_there_is_not_says_which_there_are() -> None:
    source = open_source("cam", Video("pattern", "plaid"), Fan())

    assert source.status().detail == "there is no test pattern called plaid: bars, clock"


@pytest.mark.parametrize("kind", [kind for kind in get_args(Video.__annotations__["kind"]) if kind != "pattern"])
def test_a_kind_that_cannot_be_opened_yet_says_so_and_brings_nothing(kind: str) -> None:
    fan = Fan()
    source = open_source("cam", Video(kind, "X"), fan)  # type: ignore[arg-type]
    assert isinstance(source, Missing)

    async def run() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await source.run()

    asyncio.run(run())

    assert "come with a later version" in source.status().detail
    assert source.status().where == f"video from {kind} X"
    assert fan.open().take() is None
