"""What every output does that shows pictures at a rate of its own: a thread, its ticks, and a driver that shows them.

The driver is opened when `run` begins and stays open until it ends, whatever becomes of Scope. At every tick it gets a
picture, and the last one again when no new one came: who watches never sees it stop.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from typing import Final

from bridge.clock import Clock, now
from bridge.frames import Frame
from bridge.log import Complaints
from bridge.outputs.driver import Driver, Picture
from bridge.outputs.incoming import Incoming
from bridge.outputs.painter import Painter
from bridge.outputs.picture import Fader
from bridge.outputs.player import Player
from bridge.profile.outputs import Alpha, Ndi, OutputOptions, Recording, Showing, Spout, Syphon, keyed
from bridge.status import OutputStatus
from bridge.thread import Worker

logger = logging.getLogger(__name__)


_LONGEST_SLEEP: Final = 0.1
"""Seconds after which a sleeping output looks whether it should end."""
_FPS: Final = Fraction(30)
"""The rate of `fps: source` until the source's is known."""
_COMMON: Final = (8, 10, 12, 15, 16, 20, 24, 25, 30, 50, 60)
"""Rates that a measured one is taken for."""
_NEAR: Final = 0.04
"""By which part of itself a rate may differ from the one that it is taken for."""
_FEWEST: Final = 5.0
"""Pictures per second below which receivers take a source for dead."""
_MOST: Final = 120.0
_LOOK_AT_RATE: Final = 1.0
"""Seconds between two looks at the rate of the source; it is followed when it was the same twice."""
_MEAN_OF: Final = 100
"""How many conversions the mean is taken of."""

Sleep = Callable[[float], object]
"""Something that blocks the thread for a number of seconds."""


class PacedOutput:
    """Shows what comes in on a driver, at an even rate."""

    def __init__(
        self,
        name: str,
        options: OutputOptions,
        incoming: Incoming,
        driver: Callable[[], Driver],
        where: str = "",
        clock: Clock = now,
        sleep: Sleep = time.sleep,
    ) -> None:
        """`driver` makes a new driver whenever one is to be opened: each is opened once. It is called in the output's
        thread, and may raise `Unavailable`. `where` is for the status until the driver says where it is."""
        self.name = name
        self.frozen = False
        self.key: float | None = None
        self.on = not _waits(options)
        self._options = self._applied = options
        self._incoming = incoming
        self._driver = driver
        self._where = where or name
        self._at = ""
        self._worker = Worker(f"output {name}")
        self._clock = clock
        self._sleep = sleep
        self._fader = Fader(clock)
        self._bypass = Fader(clock)
        self._bypass.jump(0.0)
        self._player = Player(incoming, options.showing)
        self._pace = _Pace(options.showing.fps)
        self._sent = 0
        self._receivers: int | None = None
        self._conversion: float | None = None
        self._conversions = 0
        self._complaint = ""
        self._complaints = Complaints(logger)

    @property
    def level(self) -> float:
        """The master fader, 0 (black) to 1."""
        return self._fader.target

    @level.setter
    def level(self, level: float) -> None:
        self._move(self._fader, level)

    @property
    def bypass(self) -> float:
        """How much of the source covers the picture, 0 to 1."""
        return self._bypass.target

    @bypass.setter
    def bypass(self, amount: float) -> None:
        self._move(self._bypass, amount)

    def change(self, options: OutputOptions) -> bool:
        """Take other options, if the driver can stay what it is: those that say which pictures it shows, and when."""
        if _of_driver(options) != _of_driver(self._options):
            return False
        if _waits(self._options) and not _waits(options):
            self.on = True  # else it stays as a hand has left it
        self._options = options
        return True

    def take_over(self, before: "PacedOutput") -> None:
        """Be as a hand has left `before`, whose place this takes: what it has of the key, and of recording."""
        self.key = before.key
        if isinstance(before._options, Recording) and _waits(before._options) == _waits(self._options):
            self.on = before.on

    def status(self) -> OutputStatus:
        """Return what it does.

        `sent` counts a picture for each tick. While nobody watches there is nobody to convert and send one for; the tick
        counts all the same, as it is what they would have got. So it does in a recording that has no picture to begin with.
        """
        player, received = self._player, self._player.received
        return OutputStatus(
            self.name,
            self._at or (self._where if self._wanted else f"waiting: {self._where}"),
            sent=self._sent,
            repeated=player.repeated,
            overwritten=self._incoming.live.overwritten,
            shown=player.shown,
            age=None if received is None else max(0.0, self._clock() - received),
            delay=player.delay,
            conversion=self._conversion,
            receivers=self._receivers,
            frozen=self.frozen,
            level=self.level,
            detail=self._complaint or player.detail,
        )

    async def run(self) -> None:
        """Show pictures until cancelled. Raise `Unavailable` when the driver does."""
        await self._worker.run(self._show_until)

    @property
    def _wanted(self) -> bool:
        """Whether it is to show anything: it cannot be switched off, but for a recording."""
        return self.on or not isinstance(self._options, Recording)

    # In the thread

    def _show_until(self, stop: threading.Event) -> None:
        with closing(self._player):
            while not stop.is_set():
                if self._wanted:
                    self._show_with_a_driver(stop)
                else:
                    self._apply()
                    self._player.wait(self._clock())  # what it begins with is what is live then
                    self._sleep(_LONGEST_SLEEP / 2)

    def _show_with_a_driver(self, stop: threading.Event) -> None:
        """Open a driver and show pictures on it until told to end, or switched off."""
        with closing(self._driver()) as driver:
            try:
                self._apply()
                fps = self._pace.fps
                self._at = driver.open(fps)
                logger.info("%s: %s", self.name, self._at)
                while self._wanted and not stop.is_set():
                    self._keep_pace(driver, fps, stop)
                    if fps != self._pace.fps:
                        fps = self._pace.fps
                        driver.pace(fps)
            finally:
                self._at, self._receivers, self._complaint = "", None, ""

    def _keep_pace(self, driver: Driver, fps: Fraction, stop: threading.Event) -> None:
        """Show `fps` pictures a second until the rate is another, or told to end."""
        painter = self._painter(driver)
        painted: Picture | None = None
        period = 1 / float(fps)

        def over() -> bool:
            return stop.is_set() or not self._wanted or self._pace.fps != fps

        for _ in ticks(fps, over, self._clock, self._sleep):
            at = self._clock()
            if self._apply():
                painter = self._painter(driver)
            self._receivers = driver.receivers()
            watched = self._receivers != 0
            frame = self._player.next(at, period, frozen=self.frozen, bypass=self._bypass.level, mixing=watched)
            self._pace.look(at, self._player.rate)
            if watched and not (isinstance(self._options, Recording) and self._player.blank):
                began = self._clock()
                picture = self._painted(painter, frame, painted)
                if picture is not painted:
                    self._converted(self._clock() - began)
                    painted = picture
                driver.send(picture, at)
            self._sent += 1
            self._complaint = driver.detail

    def _painted(self, painter: Painter, frame: Frame, before: Picture | None) -> Picture:
        """Return the picture of a frame; if none can be made of it, the one before: a bad frame must not end the output."""
        try:
            return painter.paint(frame, self._fader.level, self.key)
        except Exception as error:
            if before is None:
                raise
            what = f"{type(error).__name__}: {error}"
            self._complaints.about(what, f"{self.name} cannot show a picture of Scope: {what}")
            return before

    def _apply(self) -> bool:
        """Go by the options as they are now; return whether they are others than before."""
        if self._applied is self._options:
            return False
        self._applied = self._options
        self._player.change(self._applied.showing)
        self._pace.wanted = self._applied.showing.fps
        return True

    def _painter(self, driver: Driver) -> Painter:
        return Painter(self._applied.showing.shape, keyed(self._applied) or Alpha(), driver.wants)

    def _converted(self, seconds: float) -> None:
        self._conversions = min(self._conversions + 1, _MEAN_OF)
        before = self._conversion or 0.0
        self._conversion = before + (seconds - before) / self._conversions

    def _move(self, fader: Fader, level: float) -> None:
        if self._sent:
            fader.target = level
        else:
            fader.jump(level)  # an output that comes up dark does not come up with a flash


class _Pace:
    """How many pictures a second: as many as wanted, or as the source brings."""

    def __init__(self, wanted: Fraction | None) -> None:
        self.wanted = wanted
        self._measured = _FPS
        self._seen = _FPS
        self._looked = 0.0

    @property
    def fps(self) -> Fraction:
        """Pictures per second, now."""
        return self.wanted or self._measured

    def look(self, at: float, rate: float | None) -> None:
        """Take the source's rate, as it is at the time `at`, if it was that at the last look, too."""
        if self.wanted is not None or rate is None or at < self._looked + _LOOK_AT_RATE:
            return
        self._looked = at
        seen = common(rate)
        if abs(seen - self._seen) <= _NEAR * self._seen and abs(seen - self._measured) > _NEAR * self._measured:
            self._measured = seen
        self._seen = seen


def common(rate: float) -> Fraction:
    """Return the rate that `rate`, as it was measured, is taken for: from 5 to 120 a second, a multiple of its own below."""
    rate = min(max(rate, 0.1), _MOST)
    while rate < _FEWEST:
        rate *= 2
    nearest = min(_COMMON, key=lambda each: abs(each - rate))
    if abs(nearest - rate) <= _NEAR * nearest:
        return Fraction(nearest)
    return Fraction(round(rate * 10), 10)


def ticks(fps: Fraction, stopped: Callable[[], bool], clock: Clock, sleep: Sleep) -> Iterator[float]:
    """Yield, `fps` times a second until `stopped`, the seconds that have passed since the last tick.

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


def _waits(options: OutputOptions) -> bool:
    return isinstance(options, Recording) and options.waits


def _of_driver(options: OutputOptions) -> tuple[OutputOptions, bool]:
    """Return what of the options is the driver's: all but what `PacedOutput` sees to. Whether there is alpha is, as that
    may be another format."""
    same = replace(options, showing=Showing())
    if isinstance(same, Ndi | Spout | Syphon):
        same = replace(same, alpha=Alpha())
    elif isinstance(same, Recording):
        same = replace(same, waits=False)
    return same, keyed(options) is None
