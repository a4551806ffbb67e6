"""An NDI source on the network: for Resolume, TouchDesigner, OBS and whatever else mixes pictures.

The source appears when `run` begins and stays until it ends, whatever becomes of Scope. It runs on a clock of its own,
and shows the last frame again when no new one came: a mixer never sees it stop.

NDI takes YCbCr for BT.709 whatever it was, so pictures go out as RGB. *NDI® is a registered trademark of Vizrt NDI AB.*
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from fractions import Fraction
from typing import Any, Final

import numpy as np

from bridge.clock import Clock, now
from bridge.errors import Unavailable
from bridge.frames import Frame, Latest, Rgba
from bridge.outputs.picture import Fader, dimmed, slate
from bridge.profile.outputs import Ndi, OutputOptions
from bridge.status import OutputStatus

logger = logging.getLogger(__name__)

_LONGEST_SLEEP: Final = 0.1
"""Seconds after which a sleeping output looks whether it should end."""

Sleep = Callable[[float], object]
"""Something that blocks the thread for a number of seconds."""


class Sender:
    """One NDI source, from its creation to `close`. Any thread may use it.

    It stands between the program and a library that crashes the process on a call after the end: no such call is made.
    """

    def __init__(self, name: str, fps: Fraction) -> None:
        """Announce the source. `fps` is what receivers are told.

        Raise `Unavailable` if NDI is not installed or does not work here, or if the name is taken on this machine.
        """
        self._ndi = _library()
        self._using = threading.Lock()
        settings = self._ndi.SendCreate(p_ndi_name=name, clock_video=False, clock_audio=False)
        self._handle: object | None = self._ndi.send_create(settings)
        if self._handle is None:
            raise Unavailable(
                f"an NDI source called {name!r} is sent already, by this program or another on this machine; give this one another name"
            )
        self.source = str(self._ndi.send_get_source_name(self._handle).ndi_name)
        """The name that receivers see, with the machine's: `MACHINE (Name)`."""
        self._frame = self._ndi.VideoFrameV2()
        self._frame.FourCC = self._ndi.FOURCC_VIDEO_TYPE_RGBX
        self.pace(fps)
        self._frame.timecode = self._ndi.SEND_TIMECODE_SYNTHESIZE
        self._pixels: Rgba | None = None

    def pace(self, fps: Fraction) -> None:
        """Tell receivers another rate, from the next picture on. From the thread that sends."""
        self._frame.frame_rate_N, self._frame.frame_rate_D = fps.numerator, fps.denominator

    def send(self, pixels: Rgba) -> None:
        """Send one picture, of an even size, which may change from one to the next; alpha is ignored.

        Returns when the library has done with it (some milliseconds). Raise `RuntimeError` after `close`.
        """
        with self._using:
            if self._handle is None:
                raise RuntimeError("this NDI sender is closed")
            if pixels is not self._pixels:
                self._frame.data = pixels
                self._pixels = pixels  # the library reads the memory: it must live as long as the frame that names it
            self._ndi.send_send_video_v2(self._handle, self._frame)

    def receivers(self) -> int:
        """Return how many are connected. Raise `RuntimeError` after `close`."""
        with self._using:
            if self._handle is None:
                raise RuntimeError("this NDI sender is closed")
            return int(self._ndi.send_get_no_connections(self._handle, 0))

    def close(self) -> None:
        """Take the source off the network; a second time does nothing."""
        with self._using:
            handle, self._handle = self._handle, None
            if handle is not None:
                self._ndi.send_destroy(handle)
                self._pixels = None


class NdiOutput:
    """Shows what arrives in a mailbox as an NDI source."""

    def __init__(self, name: str, options: Ndi, mailbox: Latest, clock: Clock = now, sleep: Sleep = time.sleep) -> None:
        self.name = name
        self.frozen = False
        self._fader = Fader(clock)
        self._options = options
        self._mailbox = mailbox
        self._clock = clock
        self._sleep = sleep
        self._source = ""
        self._frame: Frame | None = None
        self._waited = 0.0
        self._painted: tuple[Frame, float, Rgba] | None = None
        self._sent = 0
        self._repeated = 0
        self._receivers: int | None = None

    def change(self, options: OutputOptions) -> bool:
        """Take other options, if the source can stay what it is: under the same name, at another rate."""
        if not isinstance(options, Ndi) or options.name != self._options.name:
            return False
        self._options = options
        return True

    @property
    def level(self) -> float:
        """The master fader, 0 (black) to 1."""
        return self._fader.target

    @level.setter
    def level(self, level: float) -> None:
        if self._sent:
            self._fader.target = level
        else:
            self._fader.jump(level)  # an output that comes up dark does not come up with a flash

    def status(self) -> OutputStatus:
        """Return what it does.

        `sent` counts pictures put on the source, one for each tick of the output's clock. While nobody is connected
        there is nobody to convert and transmit a picture for; the tick counts all the same, as it is what a receiver
        would have got.
        """
        return OutputStatus(
            self.name,
            f"NDI source {self._source or self._options.name}",
            sent=self._sent,
            repeated=self._repeated,
            overwritten=self._mailbox.overwritten,
            receivers=self._receivers,
            frozen=self.frozen,
            level=self.level,
        )

    async def run(self) -> None:
        """Send until cancelled. Raise `Unavailable` if NDI is missing or the name is taken."""
        loop = asyncio.get_running_loop()
        stop, ended = threading.Event(), asyncio.Event()
        failures: list[Exception] = []

        def work() -> None:
            try:
                self._send_until(stop)
            except Exception as error:
                failures.append(error)
            try:
                loop.call_soon_threadsafe(ended.set)
            except RuntimeError:  # the loop was closed without waiting: nobody is left to be told
                logger.debug("%s ended after its event loop", self.name)

        thread = threading.Thread(target=work, name=f"ndi {self.name}", daemon=True)
        thread.start()
        try:
            await ended.wait()
        finally:
            stop.set()
            await ended.wait()
            thread.join()  # it has nothing left to do
            if failures:
                raise failures[0]

    def _send_until(self, stop: threading.Event) -> None:
        try:
            with closing(Sender(self._options.name, self._options.fps)) as sender:
                self._source = sender.source
                logger.info("%s sends the NDI source %s", self.name, sender.source)
                while not stop.is_set():
                    self._keep_pace(sender, self._options.fps, stop)
        finally:
            self._receivers = None

    def _keep_pace(self, sender: Sender, fps: Fraction, stop: threading.Event) -> None:
        """Send `fps` pictures a second until told to end, or to send another number."""
        sender.pace(fps)
        for passed in ticks(fps, lambda: stop.is_set() or self._options.fps != fps, self._clock, self._sleep):
            self._tick(sender, passed)

    def _tick(self, sender: Sender, passed: float) -> None:
        """Put one picture on the source, `passed` seconds after the last one."""
        self._waited += passed
        frame = None if self.frozen and self._frame is not None else self._mailbox.take()
        if frame is not None:
            self._frame = frame
        elif self._frame is not None:
            self._repeated += 1
        self._receivers = sender.receivers()
        if self._receivers:
            sender.send(self._picture())
        self._sent += 1

    def _picture(self) -> Rgba:
        level = self._fader.level
        if self._frame is None:
            return dimmed(slate(self._waited), level)
        if self._painted is None or self._painted[0] is not self._frame or self._painted[1] != level:
            self._painted = self._frame, level, dimmed(_even(self._frame.rgba()), level)
        return self._painted[2]


def ticks(fps: Fraction, stopped: Callable[[], bool], clock: Clock, sleep: Sleep) -> Iterator[float]:
    """Yield on each tick of an output's clock, with the seconds since the last one, until `stopped`.

    The deadlines are absolute: the rate does not drift. A tick that would come more than half a period late is left
    out: two pictures at once help nobody.
    """
    rate = float(fps)
    began = clock()
    tick = last = 0
    while not stopped():
        left = began + tick / rate - clock()
        if left > 0:
            # Not `Event.wait`: on Windows its waits are as coarse as 16 ms, those of `time.sleep` are not.
            sleep(min(left, _LONGEST_SLEEP))
            continue
        yield (tick - last) / rate
        last, tick = tick, max(tick + 1, round((clock() - began) * rate))


def _even(pixels: Rgba) -> Rgba:
    """Return `pixels` without a last odd row or column: NDI takes even sizes only."""
    height, width = pixels.shape[:2]
    return np.ascontiguousarray(pixels[: height & ~1, : width & ~1])


def _library() -> Any:
    """Return NDI's module. Raise `Unavailable`, with what to do, if it is missing or does not work here."""
    try:
        import NDIlib
    except ModuleNotFoundError as error:
        raise Unavailable('NDI is not installed; run: pip install "scope-bridge[ndi]"') from error
    except ImportError as error:
        if "libavahi" in str(error):
            raise Unavailable(
                "NDI needs a library of the system; run: sudo apt-get install libavahi-client3"
            ) from error
        raise Unavailable(f"NDI's library cannot be loaded: {error}") from error
    if not NDIlib.initialize():
        raise Unavailable("NDI does not run on this machine's processor")
    return NDIlib
