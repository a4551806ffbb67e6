"""Frames on their marker bit: packet by packet, beside aiortc's own buffer, and over a line that loses packets."""

import asyncio
import hashlib
import importlib.util
import inspect
import itertools
import logging
import random
import subprocess
import sys
import unittest
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import aiortc
import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, jitterbuffer, rtcrtpreceiver
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket
from aiortc.rtp import is_rtcp as is_report
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.ice import Addresses, offering
from bridge.session import sooner
from bridge.session.sooner import CAPACITY, MAX_MISORDER, Assembly, Encoded, release_sooner
from bridge.session.webrtc import Connection, _consume

BUILT: dict[Any, str] = {
    JitterBuffer: "17030fbb0982",
    JitterFrame: "387bd33b13a7",
    rtcrtpreceiver.RTCRtpReceiver._handle_rtp_packet: "4e54983d021a",
    rtcrtpreceiver.RTCRtpReceiver.__init__: "3e3b7b5cefba",
    rtcrtpreceiver.TimestampMapper: "3b51df64452e",
    rtcrtpreceiver.decoder_worker: "d500d4e567d6",
}
"""What of aiortc `sooner` builds on, and the sum of its source in the release that it was written for."""


@dataclass(slots=True)
class Part:
    """One packet."""

    sequence_number: int
    timestamp: int
    marker: int
    _data: bytes


def packets(*sizes: int, first: int = 0, marked: bool = True) -> list[Part]:
    """Return the packets of frames that are so many packets each. A packet's data says its number; a frame's time stamp
    is 3000 more than that of the one before, from one that soon wraps."""
    made: list[Part] = []
    for number, size in enumerate(sizes):
        for place in range(size):
            at = (first + len(made)) & 0xFFFF
            stamp = (0xFFFF_FFFF - 5000 + 3000 * number) & 0xFFFF_FFFF
            made.append(Part(at, stamp, int(marked and place == size - 1), f"{len(made)} ".encode()))
    return made


def frames(*sizes: int) -> list[str]:
    """Return what the frames of `packets` hold."""
    counting = itertools.count()
    return ["".join(f"{next(counting)} " for _ in range(size)) for size in sizes]


def fed(assembly: Assembly, parts: Iterable[Part]) -> tuple[list[list[str]], int]:
    """Return what came out with each packet, and how often a whole picture was asked for."""
    out, asked = [], 0
    for part in parts:
        lost, whole = assembly.add(part)
        asked += lost
        out.append([one.data.decode() for one in whole])
    return out, asked


def flat(out: Iterable[Iterable[str]]) -> list[str]:
    return list(itertools.chain.from_iterable(out))


def test_a_frame_comes_with_its_last_packet() -> None:
    out, asked = fed(Assembly(), packets(3, 1, 2))

    assert out == [[], [], ["0 1 2 "], ["3 "], [], ["4 5 "]]
    assert asked == 0


def test_aiortc_itself_waits_for_the_next_frame() -> None:
    """When it no longer does, `sooner` has had its time."""
    stock = JitterBuffer(capacity=CAPACITY, is_video=True)

    assert [stock.add(cast(RtpPacket, part))[1] is not None for part in packets(3, 1, 2)] == [
        *(False, False, False, True, True, False)
    ]


def test_two_frames_in_one_burst_come_both_the_older_first() -> None:
    first, second, third = packets(1, 1, 1)
    assembly = Assembly()

    assert fed(assembly, [first, third])[0] == [["0 "], []]
    assert fed(assembly, [second])[0] == [["1 ", "2 "]]


def test_without_markers_a_frame_comes_with_the_first_packet_of_the_next() -> None:
    out, _ = fed(Assembly(), packets(2, 3, 1, marked=False))

    assert out == [[], [], ["0 1 "], [], [], ["2 3 4 "]]


def test_a_marker_that_comes_only_now_and_then_does_no_harm() -> None:
    parts = packets(2, 2, 2, 2)
    parts[3].marker = 0

    assert flat(fed(Assembly(), parts)[0]) == frames(2, 2, 2, 2)


def test_markers_inside_a_frame_are_believed_once(caplog: pytest.LogCaptureFixture) -> None:
    parts = packets(3, 3, 3)
    for part in parts:
        part.marker = 1

    with caplog.at_level(logging.INFO):
        out, asked = fed(Assembly(), parts)

    assert flat(out) == ["0 ", "1 2 ", "3 4 5 "], "only the first frame is in pieces"
    assert asked == 0
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "the marker bit of this video is not on each frame's last packet"
    ]


def test_padding_after_a_frame_is_no_frame_and_no_broken_promise(caplog: pytest.LogCaptureFixture) -> None:
    parts = packets(2, 3, 2)
    for padding in (parts[2], parts[3]):
        padding.timestamp, padding.marker, padding._data = parts[0].timestamp, 0, b""

    with caplog.at_level(logging.INFO):
        out, _ = fed(Assembly(), parts)

    assert out == [[], ["0 1 "], [], [], ["4 "], [], ["5 6 "]]
    assert not caplog.records


def test_frames_that_are_padding_alone_do_not_reach_the_decoder() -> None:
    parts = packets(1, 2, 1, marked=False)
    parts[1]._data = parts[2]._data = b""

    assert flat(fed(Assembly(), [*parts, *packets(1, 2, 1, 1)[4:]])[0]) == ["0 ", "3 ", "4 "]


def test_what_is_missing_holds_back_what_follows_until_it_comes() -> None:
    parts = packets(2, 2, 2)
    missing = parts.pop(2)
    assembly = Assembly()

    assert flat(fed(assembly, parts)[0]) == ["0 1 "]
    assert fed(assembly, [missing])[0] == [["2 3 ", "4 5 "]]


def test_packets_that_come_twice_or_too_late_are_dropped() -> None:
    parts = packets(2, 2, 2)

    out, asked = fed(Assembly(), [parts[0], parts[0], parts[1], parts[0], parts[1], *parts[2:], *parts])

    assert flat(out) == frames(2, 2, 2)
    assert asked == 0


def test_a_late_packet_of_a_long_frame_is_no_new_beginning() -> None:
    """A whole picture is long, and what it lost is often sent again twice. The origin is beyond it at once; aiortc's own
    buffer would still hold it back."""
    long = MAX_MISORDER + 50
    parts = packets(long, 1)
    assembly = Assembly()

    assert fed(assembly, [*parts[:long], parts[1], parts[long]]) == (
        [*([[]] * (long - 1)), frames(long), [], [f"{long} "]],
        0,
    )


def test_a_sender_that_counts_anew_is_followed_and_asked_for_a_whole_picture() -> None:
    assembly = Assembly()
    fed(assembly, packets(2, 2, first=1000))

    out, asked = fed(assembly, packets(2, 1, first=1000 - 2 * MAX_MISORDER))

    assert flat(out) == frames(2, 1)
    assert asked == 1


def test_a_hole_that_never_fills_is_given_up_with_its_frame() -> None:
    parts = packets(2, 2, *[2] * 8)
    del parts[3]  # the second of the second frame
    assembly = Assembly(16)

    out, asked = fed(assembly, parts)

    assert flat(out) == [frames(*[2] * 10)[0], *frames(*[2] * 10)[2:]]
    assert asked == 1


@pytest.mark.parametrize("far", [600, 5_000, 32_000])
def test_after_a_gap_wider_than_the_buffer_it_goes_on_behind_it(far: int) -> None:
    assembly = Assembly()
    fed(assembly, packets(2, 2))

    out, asked = fed(assembly, packets(2, 2, first=far))

    assert flat(out) == frames(2, 2)
    assert asked == 1


def test_sequence_numbers_and_time_stamps_wrap() -> None:
    sizes = [3] * 20

    out, asked = fed(Assembly(), packets(*sizes, first=0xFFFF - 20))

    assert flat(out) == frames(*sizes)
    assert asked == 0


def test_a_packet_is_looked_at_once_however_many_its_frame_has() -> None:
    """aiortc's own buffer looks at all the packets of a frame again with each further one."""
    looked = 0

    class Watched(Part):
        @property
        def timestamp(self) -> int:
            nonlocal looked
            looked += 1
            return 1

        @timestamp.setter
        def timestamp(self, value: int) -> None:
            pass

    assembly, long = Assembly(), 400
    for number in range(long):
        assembly.add(Watched(number, 1, int(number == long - 1), b"x"))

    assert looked <= 4 * long


# Beside aiortc's own


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[int], list[Part], list[Part]]:
    """Return frames' sizes, their packets, and these as a bad line delivers them: some of them without a marker, late by
    up to 60, twice, or not at all. The first comes first: what is before it was never waited for."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=1, max_size=25))
    sent = packets(*sizes, first=draw(st.sampled_from([0, 7, 65_400, 65_535])))
    if draw(st.booleans()):
        for part in sent:
            part.marker &= draw(st.integers(0, 1))
    chance = random.Random(draw(st.integers(0, 2**32)))
    late = draw(st.integers(0, 60))
    doubt, loss = draw(st.sampled_from([0.0, 0.1])), draw(st.sampled_from([0.0, 0.0, 0.02]))
    way = [(place + chance.uniform(0, late), part) for place, part in enumerate(sent) if chance.random() >= loss]
    way += [(place + chance.uniform(0, 60), part) for place, part in enumerate(sent) if chance.random() < doubt]
    came = [part for _, part in sorted(way, key=lambda one: one[0])]
    return sizes, sent, [sent[0], *came]


@settings(max_examples=150, deadline=None)
@given(deliveries())
def test_the_same_frames_in_the_same_order_as_aiortcs_own_and_never_later(
    delivery: tuple[list[int], list[Part], list[Part]],
) -> None:
    sizes, sent, came = delivery
    assembly, stock = Assembly(), JitterBuffer(capacity=CAPACITY, is_video=True)
    ours: list[Encoded] = []
    theirs: list[JitterFrame] = []
    for part in came:
        lost, whole = assembly.add(part)
        asks, frame = stock.add(cast(RtpPacket, part))
        ours += whole
        theirs += [frame] if frame is not None else []
        assert len(ours) >= len(theirs)
        assert (lost, asks) == (False, False)
    assert [(one.data, one.timestamp) for one in theirs] == [(one.data, one.timestamp) for one in ours[: len(theirs)]]

    there = {id(part) for part in came}
    whole_until = next((place for place, part in enumerate(sent) if id(part) not in there), len(sent))
    expected, end = [], 0
    for size, content in zip(sizes, frames(*sizes), strict=True):
        end += size
        if end < whole_until or (end == whole_until and sent[end - 1].marker):
            expected.append(content)
    assert [one.data.decode() for one in ours] == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=5, max_size=60), st.integers(0, 2**32))
def test_when_packets_are_lost_for_good_no_frame_comes_twice_or_out_of_order(sizes: list[int], seed: int) -> None:
    chance = random.Random(seed)
    came = [part for part in packets(*sizes, first=65_500) if chance.random() > 0.05]
    stamps: list[int] = []
    assembly = Assembly(16)
    for part in came:
        stamps += [one.timestamp for one in assembly.add(part)[1]]

    order = [(stamp - came[0].timestamp) & 0xFFFF_FFFF for stamp in stamps]
    assert order == sorted(set(order))


def test_when_packets_are_lost_for_good_no_more_is_lost_with_them_than_with_aiortcs_own() -> None:
    chance = random.Random(1)
    sizes = [chance.randint(1, 6) for _ in range(8000)]
    came = [part for part in packets(*sizes) if chance.random() > 0.005]
    assembly, stock = Assembly(64), JitterBuffer(capacity=64, is_video=True)
    ours, asked = fed(assembly, came)
    answers = [stock.add(cast(RtpPacket, part)) for part in came]

    intact = set(frames(*sizes))
    theirs = {frame.data.decode() for _, frame in answers if frame is not None}
    assert len(intact & set(flat(ours))) >= len(intact & theirs) > 100
    assert 0 < asked <= sum(asks for asks, _ in answers)


# In aiortc's receiver


def receiver() -> Any:
    async def made() -> Any:
        return rtcrtpreceiver.RTCRtpReceiver("video", cast(Any, SimpleNamespace(state="new")))

    return asyncio.run(made())


def test_a_receiver_of_this_aiortc_takes_it() -> None:
    one = receiver()

    assert release_sooner(one) is True
    assert one._RTCRtpReceiver__jitter_buffer.capacity == CAPACITY


def test_the_frames_before_the_newest_go_to_the_decoder_first_and_with_their_times() -> None:
    one = receiver()
    one._RTCRtpReceiver__codecs[97] = "VP8"
    release_sooner(one)
    buffer, waiting = one._RTCRtpReceiver__jitter_buffer, one._RTCRtpReceiver__decoder_queue
    parts = [RtpPacket(97, 1, number, 9000 + 3000 * number) for number in range(3)]
    for part in parts:
        part._data = b"%d" % part.sequence_number  # type: ignore[attr-defined]

    assert buffer.add(parts[0])[1].timestamp == one._RTCRtpReceiver__timestamp_mapper.map(9000) + 9000
    assert buffer.add(parts[2]) == (False, None)
    _, newest = buffer.add(parts[1])

    codec, before = waiting.get_nowait()
    assert (codec, before.data, before.timestamp) == ("VP8", b"1", 3000)
    assert (newest.data, newest.timestamp) == (b"2", 15000)
    assert waiting.empty()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_RTCRtpReceiver__jitter_buffer", None),
        ("_RTCRtpReceiver__jitter_buffer", object()),
        ("_RTCRtpReceiver__decoder_queue", asyncio.Event()),
        ("_RTCRtpReceiver__timestamp_mapper", object()),
        ("_RTCRtpReceiver__codecs", []),
    ],
)
def test_a_receiver_that_is_built_otherwise_stays_as_it_is_and_the_log_says_so_once(
    name: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    sooner._complain.cache_clear()
    one = receiver()
    if value is None:
        delattr(one, name)
    else:
        setattr(one, name, value)
    before = dict(vars(one))

    with caplog.at_level(logging.INFO):
        assert release_sooner(one) is False
        assert release_sooner(one) is False

    assert vars(one) == before
    (said,) = (record.getMessage() for record in caplog.records)
    assert said.startswith(f"aiortc {aiortc.__version__} is not built as 1.16 is (")


def test_aiortc_is_built_as_it_was_when_this_was_written() -> None:
    changed = [
        of.__qualname__
        for of, known in BUILT.items()
        if hashlib.sha256(inspect.getsource(of).encode()).hexdigest()[:12] != known
    ]

    assert not changed, (
        f"aiortc {aiortc.__version__} has changed {', '.join(changed)}: see whether it now goes by the marker bit itself "
        "(then bridge/session/sooner.py can go), and else whether its receiver still calls nothing but add(packet) of its "
        "jitter buffer, and puts (codec, frame) into its decoder's queue with a mapped time stamp; then note the new sum here"
    )


def test_a_connection_receives_all_its_sinks_that_way() -> None:
    async def buffers() -> list[str]:
        connection = Connection(cast(Any, None), Addresses.LOOPBACK, [], sinks=2)
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        lines = connection._add_video(peer)
        await peer.close()
        return [type(vars(one.receiver)["_RTCRtpReceiver__jitter_buffer"]).__name__ for one in lines]

    assert asyncio.run(buffers()) == ["_Sooner", "_Sooner"]


def test_frames_that_piled_up_are_all_handed_over_in_one_turn_of_the_loop() -> None:
    """None is left out, because each counts as an acknowledgement; and no other task makes them older still."""

    async def handed() -> list[int]:
        track, heard = rtcrtpreceiver.RemoteStreamTrack("video"), Handed()
        for number in range(20):
            frame = av.VideoFrame(16, 16, "yuv420p")
            frame.pts = number
            track._queue.put_nowait(frame)
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, lambda: heard.numbers.append(-1))
        track._queue.put_nowait(None)
        ended: asyncio.Future[str] = loop.create_future()
        await _consume(track, 0, heard, ended)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert ended.result() == "Scope ended the video"
        return heard.numbers

    assert asyncio.run(handed()) == [*range(20), -1]


class Handed:
    """A listener that notes the frames."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def framed(self, video: av.VideoFrame, place: int) -> None:
        assert video.pts is not None
        self.numbers.append(video.pts)

    def answered(self, session: str) -> None: ...

    def opened(self) -> None: ...

    def said(self, text: str | bytes) -> None: ...


# What is offered to aiortc

PATCH = Path(__file__).parents[2] / "docs" / "aiortc-marker.patch"


def test_the_patch_for_aiortc_applies_to_this_one_and_brings_a_test_that_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "src" / "aiortc" / "jitterbuffer.py"
    source.parent.mkdir(parents=True)
    source.write_text(inspect.getsource(jitterbuffer))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    subprocess.run(["git", "apply", "--check", str(PATCH)], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", str(PATCH)], cwd=tmp_path, check=True)
    patched = loaded(source, "aiortc.jitterbuffer")
    tests = tmp_path / "tests" / "test_jitterbuffer_marker.py"

    unpatched = passed(loaded(tests, "theirs"))
    monkeypatch.setitem(sys.modules, "aiortc.jitterbuffer", patched)

    assert passed(loaded(tests, "theirs"))
    assert not unpatched
    for sizes, marked in (([3, 1, 2, 2], True), ([3, 1, 2, 2], False)):
        parts = packets(*sizes, marked=marked)
        buffer = patched.JitterBuffer(capacity=64, is_video=True)
        theirs = [frame.data.decode() for _, frame in map(buffer.add, parts) if frame is not None]
        assert theirs == flat(fed(Assembly(64), parts)[0]), "what is offered does what is done here"


def loaded(path: Path, name: str) -> ModuleType:
    """Return a module made from a file, in the package aiortc."""
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def passed(module: ModuleType) -> bool:
    """Return whether all tests of a module pass, of which there are some."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    assert suite.countTestCases() >= 5
    return suite.run(unittest.TestResult()).wasSuccessful()


# Over a line that loses packets


class Counting(MediaStreamTrack):
    """Video at about 60 fps, in which all moves."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._noise = np.random.default_rng(1).integers(0, 255, (128 * 3 // 2, 128 + 256), np.uint8)
        self.sent = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(1 / 60)
        if self.readyState != "live":
            raise MediaStreamError
        shift = self.sent % 256
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(self._noise[:, shift : shift + 128]), format="yuv420p")
        frame.pts, frame.time_base = 1500 * self.sent, Fraction(1, 90_000)
        self.sent += 1
        return frame


async def lossy(seconds: float, every: int, *, marked: bool) -> tuple[Sequence[int], int, int]:
    """Send video while every `every`-th packet is lost. Return the time stamps that arrived, and how many frames were sent
    and packets lost."""
    track, far, near = Counting(), *(RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    sender = far.addTrack(track)
    line = near.addTransceiver("video", direction="recvonly")
    if marked:
        assert release_sooner(line.receiver)
    with offering(Addresses.LOOPBACK):
        await near.setLocalDescription(await near.createOffer())
        await far.setRemoteDescription(near.localDescription)
        await far.setLocalDescription(await far.createAnswer())
    transport, number, lost = cast(Any, sender.transport), 0, 0
    send = transport._send_rtp

    async def drop_some(data: bytes) -> None:
        nonlocal number, lost
        if not is_report(data):
            number += 1
            if number % every == 0:
                lost += 1
                return
        await send(data)

    transport._send_rtp = drop_some
    arrived: list[int] = []

    async def receive() -> None:
        while True:
            arrived.append(cast(av.VideoFrame, await line.receiver.track.recv()).pts or 0)

    try:
        await near.setRemoteDescription(far.localDescription)
        async with asyncio.TaskGroup() as tasks:
            receiving = tasks.create_task(receive())
            async with asyncio.timeout(20):
                while not arrived:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(seconds)
            receiving.cancel()
        return arrived, track.sent, lost
    finally:
        await far.close()
        await near.close()


@pytest.mark.timeout(60)
def test_over_a_line_that_loses_packets_as_many_frames_come_as_with_aiortcs_own_all_in_order() -> None:
    async def both() -> list[tuple[Sequence[int], int, int]]:
        return list(await asyncio.gather(*(lossy(3.0, 50, marked=marked) for marked in (True, False))))

    (ours, sent, lost), (theirs, their_sent, _) = asyncio.run(both())

    assert lost >= 3
    assert ours == sorted(set(ours))
    assert len(ours) / sent >= 0.9 * len(theirs) / their_sent
    assert len(ours) > 30
