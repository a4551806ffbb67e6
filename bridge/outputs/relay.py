"""The program that a stream is sent by: a process of its own, which passes on what comes in at its standard input.

FFmpeg connects, and writes a last time, while it holds up all of the Python program that it is in: a server that does not
answer would stop the show. Here it stops nothing. It is run by its path and knows nothing of the bridge. The first line
of its input is an order, as JSON; then come the packets, as a NUT container. On its standard output it says `CONNECTED` when
the stream is under way. When it cannot go on it says why, in one line, and ends with 2; when a server does not answer in
time it ends with 1, without a word.
"""

import faulthandler
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import av
from av.video.stream import VideoStream

_PORTS: Final = {"rtmp": 1935, "rtmps": 443, "rtsp": 554}
"""By scheme, the port of who connects; no entry: nobody does."""
CONNECTED: Final = "connected"
_CONNECTING: Final = 5.0
"""Seconds that connecting may take."""


@contextmanager
def _impatient(seconds: float) -> Iterator[None]:
    """End the program if what is done here takes longer, wherever it hangs."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def _pass_on(url: str, format: str, options: dict[str, str], patience: float) -> None:
    """Send what comes in to `url` until it ends. Raise `OSError` or `av.FFmpegError` when that is not possible."""
    pipe = os.fdopen(
        0, "rb", buffering=0, closefd=False
    )  # without a buffer: it gives what there is, and waits for no more
    # What must be known of the stream is in its header: there is no use in waiting for more to look at.
    probing = {"probesize": "4096", "analyzeduration": "0", "fpsprobesize": "0"}
    with av.open(pipe, "r", format="nut", container_options=probing) as source:
        video = source.streams.video[0]
        sink = av.open(url, "w", format=format, container_options=options)
        sent = sink.add_stream_from_template(video)
        assert isinstance(sent, VideoStream)
        with _impatient(patience):
            sink.start_encoding()
        os.write(1, f"{CONNECTED}\n".encode())
        for packet in source.demux(video):
            if packet.size:
                packet.stream = sent
                with _impatient(patience):
                    sink.mux(packet)
        with _impatient(patience):
            sink.close()


def _cause(url: str, error: OSError | av.FFmpegError) -> OSError | av.FFmpegError:
    """Return `error`, or what is more to the point: FFmpeg says "input/output error" of a name that nobody has."""
    parts = urlsplit(url)
    port = _PORTS.get(parts.scheme)
    if port is not None:
        try:
            socket.create_connection((parts.hostname or "", parts.port or port), timeout=_CONNECTING).close()
        except OSError as nearer:
            return nearer
    return error


def _reason(error: OSError | av.FFmpegError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "no server answers there; start it, or correct the address"
    if isinstance(error, socket.gaierror):
        return "there is no machine of that name; correct the address"
    if isinstance(error, TimeoutError):
        return "the machine does not answer; is it on, and on this network?"
    if isinstance(error, BrokenPipeError | ConnectionError):
        return "the server ended the connection"
    return (
        f"the server refuses the stream ({(error.strerror or str(error)).lower()}); is its address right, with its key?"
    )


def main() -> int:
    """Pass on one stream. Return the status of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the bridge ends it
    order = b""
    while not order.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return 0
        order += byte
    url, format, options, patience = json.loads(order)
    try:
        _pass_on(url, format, options, patience)
    except (OSError, av.FFmpegError) as error:
        with _impatient(patience):
            os.write(1, _reason(_cause(url, error)).encode())
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
