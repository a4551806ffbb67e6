"""What an output shows at each tick of its clock: Scope's pictures at an even pace, and something when there are none.

player = Player(incoming, options.showing)
frame = player.next(now)                  # at every tick

Time is an argument, and nothing here waits.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from bridge.errors import Unavailable
from bridge.frames import Frame
from bridge.frames.mixing import mixed, nearer, scaled
from bridge.outputs.clip import Clip
from bridge.outputs.geometry import fitted
from bridge.outputs.incoming import Incoming
from bridge.outputs.jitter import Steady
from bridge.outputs.picture import card
from bridge.profile.outputs import Showing

LOOP_SECONDS: Final = 3.0
"""How much of what was shown last `gone: loop` plays back and forth."""
LOOP_FRAMES: Final = 90
"""How many frames that is, at most: they are kept in memory."""
_FRESH: Final = 32
"""The newest frames of these, which other outputs may be showing yet. What was made of the others fills the memory."""
_PASSED: Final = 4
"""Pictures after which, in a loop, none of the outputs shows one any more."""

_LATE: Final = 1.5
"""Ticks by which a picture may be late rather than left out for the next. Without this play, pictures that come due at the
very moments of the ticks would be left out and shown twice in turns, as the clocks waver."""
_AS_FAST: Final = 0.9
"""Pictures that follow each other in less than this part of a tick are too many to show all."""
_BLENDS_FROM: Final = 1.25
"""Ticks per picture from which there is something to fill in between."""
_LONGEST_BLEND: Final = 0.25
"""Seconds from which two pictures are too far apart to be mixed for all that time."""


class Moving(Protocol):
    """A video file that plays."""

    def at(self, now: float) -> Frame:
        """Return its picture at the time `now`. Raise `Unavailable` if it has none any more."""

    def rewind(self) -> None:
        """Begin again with the next picture that is asked for."""

    def close(self) -> None:
        """End."""


class Player:
    """Chooses the picture for every moment. It belongs to one thread; its numbers may be read from any."""

    def __init__(self, incoming: Incoming, showing: Showing, open_clip: Callable[[Path], Moving] = Clip) -> None:
        self._incoming = incoming
        self._showing = showing
        self._open_clip = open_clip
        self._steady = Steady()
        self._waiting: deque[tuple[float, Frame]] = deque()
        """The frames that came, and when each is due."""
        self._live: Frame | None = None
        self._new = False
        """Whether it was not shown yet."""
        self._newest: Frame | None = None
        self._before: tuple[Frame, float] | None = None
        """What was live before, and since when it is no more: for `fill: blend`."""
        self._past: deque[Frame] = deque(maxlen=LOOP_FRAMES)
        self._began: float | None = None
        self._away = True
        """Whether what `gone` says is shown: also before the first picture came."""
        self._absence = _Absence()
        self._back: tuple[float, float] | None = None
        """When the live picture began to return, and how many seconds it takes."""
        self._clip: Moving | None = None
        self._clip_tried = False
        self._mixing = True
        self._last: Frame | None = None
        self._card: Frame | None = None
        """The slate that was shown last."""
        self.detail = ""
        """Why it does not show what it should, or empty."""
        self.shown = 0
        """Frames of Scope that were shown."""
        self.repeated = 0
        """Ticks at which the picture of the tick before was shown again, since the first frame."""
        self.delay = 0.0
        """Seconds for which pictures are kept back now."""

    @property
    def rate(self) -> float | None:
        """Frames of Scope per second; None until known."""
        period = self._steady.period
        return 1 / period if period else None

    @property
    def received(self) -> float | None:
        """When the newest frame came; None before the first."""
        newest = self._newest
        return None if newest is None else newest.received

    @property
    def blank(self) -> bool:
        """Whether there was nothing to show yet but the slate."""
        return self._last is None

    def change(self, showing: Showing) -> None:
        """Take other options."""
        if (showing.gone.show, showing.gone.clip) != (self._showing.gone.show, self._showing.gone.clip):
            self.close()
        if showing.gone.show != "loop":
            self._past.clear()
        self._showing = showing

    def close(self) -> None:
        """Close the clip, if one is open. It is opened again when the player goes on."""
        if self._clip is not None:
            self._clip.close()
        self._clip, self._clip_tried, self.detail = None, False, ""

    def wait(self, now: float) -> None:
        """Take what came, without showing it: while there is nothing to show it on."""
        self._take(now)
        self._advance(now, 0.0)

    def next(
        self, now: float, tick: float = 0.0, *, frozen: bool = False, bypass: float = 0.0, mixing: bool = True
    ) -> Frame:
        """Return the picture to show at `now`, which only goes on: the slate, before there is anything else.

        `tick` is how many seconds it will be shown, `bypass` how much of the source covers it (0 to 1). What is frozen
        stays, once there was a picture. Without `mixing`, nobody sees it: no picture is made of two, nor read from a clip.
        """
        self._take(now)
        self._advance(now, tick)
        if frozen and self._last is not None:
            self.repeated += 1
            return self._last
        self.shown += self._new
        self._new = False
        self._mixing = mixing
        frame = self._pictured(now, tick)
        if bypass > 0:
            frame = self._mixed(frame, self._from_source() or frame, bypass)
        if self._newest is None and frame is self._card:
            return frame  # which is nothing to be held: one that comes up frozen shows its first picture
        self.repeated += frame is self._last
        self._last = frame
        return frame

    # Scope's pictures

    def _take(self, now: float) -> None:
        if self._began is None:
            self._began = now
        if self._showing.gone.show == "clip" and not self._clip_tried:
            self._open()  # long before it is needed: so somebody hears in time that it cannot be read
        for frame in self._incoming.live.drain():
            self._waiting.append((self._steady.due(frame.received, frame.number, self._showing.steady), frame))
            self._newest = frame

    def _advance(self, now: float, tick: float) -> None:
        """Make the newest frame that is due the live one, and notice when none comes any more."""
        chosen = self._chosen(now, tick)
        if chosen is not None:
            self._come(*chosen, now)
        elif not self._away and not self._waiting and now > self._missed_from():
            self._away, self._back = True, None
            self._absence = _Absence(now, self._live, self._loop(), 1 / min(60.0, self.rate or 1.0))
        period = self._steady.period or 0.0
        blends = self._showing.fill == "blend" and period >= _BLENDS_FROM * tick
        self.delay = self._steady.delay + (min(period, _LONGEST_BLEND) if blends else 0.0)

    def _chosen(self, now: float, tick: float) -> tuple[float, Frame] | None:
        """Return the frame to go on with, and when it was due; None if none is."""
        waiting = self._waiting
        if not waiting or waiting[0][0] > now:
            return None
        due, frame = self._popped()
        # A source that is no faster than the output has each of its pictures shown, though one be a little late for it.
        late = _LATE * tick if (self._steady.period or 0.0) > _AS_FAST * tick else 0.0
        while waiting and waiting[0][0] <= now and now - due >= late:
            due, frame = self._popped()
        return due, frame

    def _popped(self) -> tuple[float, Frame]:
        due, frame = self._waiting.popleft()
        if self._showing.gone.show == "loop":
            self._past.append(frame)
            if len(self._past) > _FRESH:
                self._past[-_FRESH].forget()
        return due, frame

    def _come(self, due: float, frame: Frame, now: float) -> None:
        self._before = None if self._live is None or self._away else (self._live, due)
        self._live, self._new = frame, True
        if self._away:
            self._away = False
            seconds = self._incoming.seconds(self._showing.gone.back)
            self._back = (now, seconds) if seconds > 0 else None
            if self._back is None:
                self._returned()

    def _missed_from(self) -> float:
        """Return the time from which so much is missing that nothing comes any more."""
        since = self._began if self._newest is None else self._newest.received
        return (since or 0.0) + self._steady.patience + self._incoming.seconds(self._showing.gone.after)

    def _loop(self) -> tuple[Frame, ...]:
        count = min(len(self._past), round(LOOP_SECONDS * (self.rate or 0.0)))
        return tuple(self._past)[len(self._past) - count :]

    # The picture

    def _pictured(self, now: float, tick: float) -> Frame:
        if self._away or self._live is None:
            return self._absent(now)
        frame = self._filled(self._live, now, tick)
        if self._back is None:
            return frame
        began, seconds = self._back
        part = (now - began) / seconds
        if part < 1:
            return self._mixed(self._absent(now), frame, part)
        self._back = None
        self._returned()
        return frame

    def _filled(self, live: Frame, now: float, tick: float) -> Frame:
        """Return the live picture, or on the way to it from the one before."""
        period = self._steady.period
        if self._showing.fill != "blend" or self._before is None or not period or period < _BLENDS_FROM * tick:
            return live
        before, since = self._before
        part = (now - since) / min(period, _LONGEST_BLEND)
        return self._mixed(before, live, part) if part < 1 else live

    def _absent(self, now: float) -> Frame:
        """Return what shows while nothing comes."""
        held = self._absence.held
        if held is None and now <= self._missed_from() and self._newest is None:
            return self._slate(now)  # it has just begun: there will be pictures any moment
        match self._showing.gone.show:
            case "loop":
                return self._absence.looped(now) or self._slate(now)
            case "source":
                return self._from_source() or held or self._slate(now)
            case "clip":
                return self._from_clip(now) or held or self._slate(now)
            case "slate":
                return self._slate(now)
            case _:
                return held or self._slate(now)

    def _mixed(self, under: Frame, over: Frame, part: float) -> Frame:
        if not self._mixing:
            return nearer(under, over, part)
        return mixed(fitted(under, over.size, self._showing.shape), over, part)

    def _slate(self, now: float) -> Frame:
        self._card = card(now)
        return self._instead(self._card)

    def _instead(self, frame: Frame) -> Frame:
        """Return what shows instead of Scope's picture as large as that is, where the output has no size of its own: it does
        not change its size with what it shows."""
        shape = self._showing.shape
        if shape.size or self._live is None or not self._mixing:
            return frame
        return fitted(frame, self._live.size, shape)

    def _returned(self) -> None:
        """Let go of what was shown meanwhile."""
        self._absence = _Absence()
        if self._clip is not None:
            try:
                self._clip.rewind()
            except Unavailable as error:
                self._give_up(error)

    def _from_source(self) -> Frame | None:
        """Return the newest picture that goes into Scope, in the size in which Scope's came."""
        source, _ = self._incoming.source.look()
        if source is None or self._live is None or not self._mixing:
            return source
        return scaled(source, self._live.size)

    def _from_clip(self, now: float) -> Frame | None:
        if self._clip is None or not self._mixing:
            return None
        try:
            return self._instead(self._clip.at(now))
        except Unavailable as error:
            self._give_up(error)
            return None

    def _open(self) -> None:
        self._clip_tried = True
        try:
            self._clip = self._open_clip(self._incoming.folder / self._showing.gone.clip)
        except Unavailable as error:
            self.detail = str(error)

    def _give_up(self, error: Unavailable) -> None:
        """Have no clip any more, and say why."""
        self.close()
        self._clip_tried, self.detail = True, str(error)


class _Absence:
    """What was there before nothing came any more."""

    def __init__(
        self, began: float = 0.0, held: Frame | None = None, loop: tuple[Frame, ...] = (), period: float = 1.0
    ) -> None:
        self.held = held
        self._began = began
        self._frames = loop
        self._period = period

    def looped(self, now: float) -> Frame | None:
        """Return the picture at the time `now` of the last seconds, played back and forth, backwards first."""
        last = len(self._frames) - 1
        if last < 1:
            return self.held
        step = int((now - self._began) / self._period)
        if step > _PASSED:
            self._frame(step - _PASSED).forget()
        return self._frame(step)

    def _frame(self, step: int) -> Frame:
        last = len(self._frames) - 1
        return self._frames[abs(last - step % (2 * last))]
