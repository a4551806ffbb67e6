"""Streams to other machines: H.264 over RTMP, RTSP or UDP (MPEG-TS), late by as little as the encoder can.

Pictures are encoded here and sent by `relay`, a process of its own: nothing that a server does or leaves undone can hold
up the program. Where the network is too slow, pictures are left out before they are encoded: what arrives is less smooth,
but neither broken nor later and later.
"""

import json
import logging
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import av

from bridge.errors import Unavailable
from bridge.outputs.driver import Format, Picture
from bridge.outputs.encoding import TICK, Stamps, add_encoder, stamped
from bridge.outputs.relay import CONNECTED
from bridge.profile.outputs import Stream

logger = logging.getLogger(__name__)

_RELAY: Final = Path(__file__).with_name("relay.py")
_MUXERS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "rtmp": ("flv", {"flvflags": "no_duration_filesize"}),
    "rtmps": ("flv", {"flvflags": "no_duration_filesize"}),
    "rtsp": ("rtsp", {"rtsp_transport": "tcp"}),
    "udp": ("mpegts", {"flush_packets": "1"}),
}
"""By scheme, FFmpeg's muxer and its options."""

PATIENCE: Final = 8.0
"""Seconds that a server may take for anything."""
_GROUP: Final = 2
"""Seconds between key frames: how long who tunes in waits at most."""
_WAITING: Final = 1.0
"""Seconds of the stream that may wait to be sent before pictures are left out."""
_LAST_WORDS: Final = 1.0
"""Seconds that a relay gets to end by itself."""
_DATAGRAM: Final = 1316
"""Bytes: seven packets of a transport stream, the most that fits into an Ethernet frame."""


class StreamDriver:
    """Sends pictures to a server, or to whoever listens at an address."""

    def __init__(self, options: Stream, patience: float = PATIENCE) -> None:
        """`patience`: see `PATIENCE`."""
        self.wants: Format = "yuv420p"
        self.detail = ""
        self._options = options
        self._patience = patience
        self._fps = Fraction(30)
        self._sending: _Sending | None = None
        self._left_out = 0
        self._under_way = False

    def open(self, fps: Fraction) -> str:
        """Begin with the next picture. Raise `Unavailable` if nothing can be sent to such an address."""
        self.close()
        self._fps = fps
        self.detail, self._left_out = "", 0
        scheme = urlsplit(self._options.url).scheme
        if scheme not in _MUXERS:
            raise Unavailable(
                f"cannot stream to {_shown(self._options.url)}: the address must begin with {', '.join(_MUXERS)}://"
            )
        return f"stream to {_shown(self._options.url)}"

    def send(self, picture: Picture, at: float) -> None:
        """Send `picture`; one of another size begins another stream.

        Raise `Unavailable` when there is no server, it refuses the stream, ends it or does not answer any more.
        """
        assert isinstance(picture, av.VideoFrame)
        if self._sending is not None and self._sending.size != (picture.width, picture.height):
            self.close()
        if self._sending is None:
            size = picture.width, picture.height
            self._sending = _Sending(self._options, size, self._fps, self._patience)
            self.detail = f"connecting to {_shown(self._options.url)}"
        why = self._sending.ended()
        if why is not None:
            self.close()
            raise Unavailable(f"the stream to {_shown(self._options.url)} ended: {why}")
        if not self._under_way and self._sending.connected:
            self._under_way, self.detail, self._left_out = True, "", 0
            logger.info("streaming %d x %d to %s", *self._sending.size, _shown(self._options.url))
        if not self._sending.send(picture, at):
            self._left_out += 1
            why = (
                f"the network is too slow for {self._options.bitrate / 1e6:g} Mbit/s"
                if self._under_way
                else f"connecting to {_shown(self._options.url)}"
            )
            self.detail = f"{why}: {self._left_out} pictures were left out"

    def pace(self, fps: Fraction) -> None:
        """Expect pictures at another rate."""
        self._fps = fps
        if self._sending is not None:
            self._sending.pace(fps)

    def receivers(self) -> int | None:
        """Return None: a server does not say how many watch, and over UDP nobody knows."""
        return None

    def close(self) -> None:
        """End the stream."""
        sending, self._sending, self._under_way = self._sending, None, False
        if sending is not None:
            sending.close()


class _Sending:
    """One stream from its first picture to its end."""

    def __init__(self, options: Stream, size: tuple[int, int], fps: Fraction, patience: float) -> None:
        self.size = size
        self._bitrate = round(options.bitrate)
        muxer, settings = _MUXERS[urlsplit(options.url).scheme]
        self._relay = _Relay(_address(options.url), muxer, settings, patience)
        self._patience = patience
        self._stamps = Stamps(fps)
        encoding = {
            "preset": "superfast",
            "tune": "zerolatency",
            "g": str(max(1, round(fps * _GROUP))),
            "maxrate": str(self._bitrate),
            "bufsize": str(self._bitrate),
        }
        try:
            self._container = av.open(self._relay, "w", format="nut", container_options={"flush_packets": "1"})
            self._stream = add_encoder(
                self._container, "libx264", "yuv420p", size, fps, bitrate=self._bitrate, options=encoding
            )
        except BaseException:
            self._relay.close()
            raise

    def send(self, picture: av.VideoFrame, at: float) -> bool:
        """Send a picture; return whether it was: not when too many wait."""
        if self._relay.waiting * 8 > self._bitrate * _WAITING:
            return False
        stamp = self._stamps.at(at)
        if stamp is not None:
            self._container.mux(self._stream.encode(stamped(picture, stamp, TICK)))
        return True

    def pace(self, fps: Fraction) -> None:
        self._stamps.pace(fps)

    @property
    def connected(self) -> bool:
        """Whether the server has taken the stream."""
        return self._relay.connected

    def ended(self) -> str | None:
        """Return why the stream ended; None if it goes on."""
        status = self._relay.status()
        if status is None:
            return None
        return self._relay.last_words() or (
            f"the server did not answer within {self._patience:g} s"
            if status == 1
            else f"the program that sends it ended with {status}"
        )

    def close(self) -> None:
        with suppress(OSError, av.FFmpegError):  # what cannot be sent any more is lost
            self._container.mux(self._stream.encode(None))
            self._container.close()
        self._relay.close()


class _Relay:
    """The process that sends, as a file that is written into: what is written waits until the process takes it."""

    def __init__(self, url: str, muxer: str, options: dict[str, str], patience: float) -> None:
        self.name = "relay"
        self.closed = False
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_RELAY)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise Unavailable(f"the program that sends streams cannot be started: {error.strerror}") from error
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._written = 0
        self._taken = 0
        # The address holds the key of the stream: it goes where no list of processes shows it.
        self._queue.put(json.dumps([url, muxer, options, patience]).encode() + b"\n")
        self._feeding = threading.Thread(target=self._feed, name="stream", daemon=True)
        self._feeding.start()
        self.connected = False
        self._words: list[str] = []
        self._listening = threading.Thread(target=self._listen, name="stream's words", daemon=True)
        self._listening.start()

    @property
    def waiting(self) -> int:
        """How many bytes of the stream the process has not taken yet."""
        return self._written - self._taken

    def write(self, data: bytes) -> int:
        """Leave `data` to be sent."""
        self._written += len(data)
        self._queue.put(data)
        return len(data)

    def status(self) -> int | None:
        """Return the status that the process ended with; None if it runs."""
        return self._process.poll()

    def last_words(self) -> str:
        """Return what the process, which has ended, said of that."""
        self._listening.join()
        return " ".join(self._words)

    def close(self) -> None:
        """End the process: by itself, or by force."""
        self._queue.put(None)
        try:
            self._process.wait(_LAST_WORDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._feeding.join()  # whatever it writes to a process that is gone fails
        self._listening.join()
        self.closed = True

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            for line in pipe:
                word = line.decode(errors="replace").strip()
                if word == CONNECTED:
                    self.connected = True
                else:
                    self._words.append(word)

    def _feed(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with suppress(OSError), pipe:
            while (data := self._queue.get()) is not None:
                rest = memoryview(data)
                while rest:
                    rest = rest[pipe.write(rest) or 0 :]
                if self._written:
                    self._taken = min(self._taken + len(data), self._written)
        # After an error, `status` says why: there is nothing to tell.


def _address(url: str) -> str:
    """Return `url` as FFmpeg needs it."""
    parts = urlsplit(url)
    if parts.scheme != "udp" or "pkt_size=" in parts.query:
        return url
    return f"{url}{'&' if parts.query else '?'}pkt_size={_DATAGRAM}"


def _shown(url: str) -> str:
    """Return `url` for a person, without what follows the machine's name: it holds the key of the stream."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
