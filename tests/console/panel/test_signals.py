"""What a listener keeps of what arrives, and how it is written."""

import asyncio
import json
import math
from typing import Any

import aiohttp
from hypothesis import given
from hypothesis import strategies as st

from bridge.console.panel.signals import Listener
from bridge.signals import Batch, Value
from tests.console.panel.rig import Show


def told(listener: Listener) -> list[Any]:
    return [json.loads(line) for line in asyncio.run(listener.lines()).split("\n")]


def test_batches_become_lines_in_their_order() -> None:
    listener = Listener()
    listener.put(Batch(1.5, [("apc/fader/1", (0.5,)), ("apc/go", ())]))
    listener.put(Batch(1.6, ()))
    listener.put(Batch(1.7, [("td/text", ("zwei\nZeilen\u2028", True, 3, None))]))

    assert told(listener) == [
        {"time": 1.5, "samples": [["apc/fader/1", [0.5]], ["apc/go", []]]},
        {"time": 1.7, "samples": [["td/text", ["zwei\nZeilen\u2028", True, 3, None]]]},
    ]


def test_what_json_lacks_is_written_as_in_the_status() -> None:
    listener = Listener()
    listener.put(Batch(1.0, [("apc/sysex", (b"\xf0\x7e\xf7",)), ("td/x", (math.nan, -math.inf))]))
    listener.put(Batch(2.0, [("td/\ud800", ("\udfff", 2**80))]))

    assert told(listener) == [
        {"time": 1.0, "samples": [["apc/sysex", ["3 bytes"]], ["td/x", [None, None]]]},
        {"time": 2.0, "samples": [["td/\\ud800", ["\\udfff", str(2**80)]]]},
    ]


def test_who_is_slow_loses_the_oldest_and_is_told_how_many_batches() -> None:
    listener = Listener(waiting=4)
    for time in range(10):
        listener.put(Batch(float(time), [("td/x", (time,)), ("td/y", (time,))]))

    assert told(listener) == [
        {"lost": 8},
        {"time": 8.0, "samples": [["td/x", [8]], ["td/y", [8]]]},
        {"time": 9.0, "samples": [["td/x", [9]], ["td/y", [9]]]},
    ]
    listener.put(Batch(10.0, [("td/x", (10,))]))
    assert told(listener) == [{"time": 10.0, "samples": [["td/x", [10]]]}]

    listener.put(Batch(11.0, [("td/x", (each,)) for each in range(5)]))
    assert told(listener) == [{"lost": 1}]


def test_a_backlog_goes_out_in_parts_so_that_the_show_has_its_turn() -> None:
    listener = Listener()
    for time in range(5):
        listener.put(Batch(float(time), [("td/text", ("x" * 40_000,))]))

    parts = [told(listener) for _ in range(3)]

    assert [[line["time"] for line in part] for part in parts] == [[0.0, 1.0], [2.0, 3.0], [4.0]]


values = st.one_of(st.floats(), st.integers(), st.text(), st.booleans(), st.binary(max_size=9), st.none())


@given(st.lists(st.tuples(st.text(), st.lists(values, max_size=3).map(tuple)), min_size=1, max_size=4))
def test_whatever_arrives_is_one_line_of_json(samples: list[tuple[str, tuple[Value, ...]]]) -> None:
    listener = Listener()
    listener.put(Batch(1.0, samples))

    ((line),) = told(listener)
    assert [len(values) for _, values in line["samples"]] == [len(values) for _, values in samples]


def test_the_page_tells_what_arrives_and_nobody_is_told_when_nobody_listens() -> None:
    async def play() -> None:
        show = Show()
        async with show.open() as panel, aiohttp.ClientSession() as session:
            assert show.listening == []
            async with session.ws_connect(f"{panel.url}/api/signals") as watched:
                while not show.listening:
                    await asyncio.sleep(0.01)
                show.arrive(Batch(1.0, [("td/x", (0.5,))]))
                assert await watched.receive_str(timeout=10) == '{"time":1.0,"samples":[["td/x",[0.5]]]}'
                for time in range(3):
                    show.arrive(Batch(float(time), [("td/x", (time,))]))
                assert len((await watched.receive_str(timeout=10)).split("\n")) == 3
            while show.listening:
                await asyncio.sleep(0.01)

    asyncio.run(play())


def test_another_page_may_not_listen() -> None:
    async def play() -> None:
        show = Show()
        async with show.open() as panel, aiohttp.ClientSession() as session:
            for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
                async with session.get(f"{panel.url}/api/signals", headers=headers) as answer:
                    assert answer.status == 403
            assert show.listening == []

    asyncio.run(play())
