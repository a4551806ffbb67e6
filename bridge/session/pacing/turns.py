"""PURE. The nodes of a session, and whose turn it is to get a message.

Every node takes one message in each chunk of its own. A message for all nodes is one for each of them, so it goes when
the slowest can take it; one for a node goes when that node can. Where both wait, they take turns.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.parameters import DIFFUSION
from bridge.session.contract.layout import MAKES, PacedNode
from bridge.session.pacing.pacer import SLACK, Pace
from bridge.session.pacing.picture import Picture
from bridge.strip import Strip

MOMENT: Final = 1e-6
"""Seconds that are no time at all: what is due so soon is due."""
CACHE: Final = 4084
"""Frames of one scene after which a diffusion pipeline of Scope resets its cache by itself."""
SILENT: Final = 3.0
"""Seconds without a frame of one sink, while others get theirs, after which nobody waits for its nodes."""
MARGIN: Final = 0.2
"""Chunks by which a chunk's frames may be here later than the way takes."""
UNEVEN: Final = 12.0
"""How often the difference between chunks, too, since frames of uneven chunks wait to leave at an even rate."""
UNEVEN_MOST: Final = 0.4
"""Chunks that this is at most."""
FOLLOWS: Final = 0.5
"""Chunks that a node may keep the frames of the one before it, when it is no slower."""


@dataclass(slots=True, eq=False)
class Track:
    """One node: its pace, and what is on its way into its picture."""

    node: PacedNode
    pace: Pace
    own: bool = False
    """Whether the last message that it got was for it alone."""
    heard: float | None = None
    """When its newest frame came."""
    picture: Picture = field(default_factory=Picture)
    """What the newest frame was made with."""
    share: float = MARGIN
    """Which part of a chunk lies at most between the end of one and its first frame here, whatever the way takes."""
    scene_from: int = 0
    """How many frames had been received when the scene began that the picture shows."""
    paused_from: int | None = None
    """How many frames there are once the chunks have come that were begun before a pause; None while it plays."""

    @property
    def cache(self) -> int | None:
        """How many received frames one scene can have; None without such a limit."""
        return round(CACHE * self.node.ratio) if self.node.pipeline in DIFFUSION else None

    @property
    def gain(self) -> float:
        """How many frames arrive at the sink for each one that goes into this node."""
        takes, makes = MAKES.get(self.node.pipeline, (1, 1))
        return self.node.ratio * makes / takes

    def frame(self, now: float, fed: float | None, way: float) -> bool:
        """A frame came; `fed` as `Pace.frame` has it, `way` as `Turns.frame`. Return whether Scope has reset the cache by
        itself before it."""
        self.heard = now
        pace = self.pace
        pace.frame(now, fed)
        period = pace.period or 0.0
        lag = way + pace.held
        if not pace.drains:
            lag += self.share * period + min(UNEVEN * pace.spread, UNEVEN_MOST * period)
        if self.picture.frame(now, pace.begins, self.node.frames * self.node.ratio, lag, pace.drains):
            self.scene_from = pace.frames - 1
        if self.paused_from is not None and self.pace.frames > self.paused_from:
            self.scene_from += 1  # without a graph, Scope repeats the last frame for as long as it pauses
        if self.cache is None or self.pace.frames - self.scene_from <= self.cache:
            return False
        self.scene_from = self.pace.frames - 1
        return True

    def message(self, now: float, values: Mapping[str, Any], cuts: bool, own: bool) -> None:
        """A message with these values was sent; whether it cuts, and whether it was for this node alone."""
        if "paused" in values:
            self.pace.paused = bool(values["paused"])
            self.paused_from = self.pace.shown_from() - 1 if self.pace.paused else None
        self.pace.message(now)
        self.own = own
        self.picture.message(now, values, cuts)

    def read(self, strip: Strip | None) -> None:
        """The newest frame says this about itself, or nothing."""
        if self.picture.read(strip, self.node.frames * self.node.ratio):
            self.scene_from = self.pace.frames - 1


class Turns:
    """The nodes of one session."""

    def __init__(self, nodes: Sequence[PacedNode], pace: Callable[[float], Pace]) -> None:
        """`pace` makes the pace of a node, of the frames received for each chunk of it."""
        self.tracks = [Track(node, pace(node.frames * node.ratio), share=_share(node, nodes)) for node in nodes]
        self._by_id = {track.node.id: track for track in self.tracks}
        firsts = [track for track in self.tracks if not track.node.sink] or self.tracks
        self.lead = max(firsts, key=lambda track: track.node.frames * track.node.ratio)
        """The slowest at the first sink: what a show changes is mostly for that one."""
        self._began: float | None = None
        """When the first frame of all came."""

    def __contains__(self, address: str | None) -> bool:
        return address in self._by_id

    @property
    def single(self) -> bool:
        """Whether there is one node, so that a message for it is one for all."""
        return len(self.tracks) == 1

    def of(self, address: str | None) -> list[Track]:
        """Return who gets a message. Nobody knows who an unknown node is: it is taken for all."""
        track = self._by_id.get(address) if address is not None else None
        return [track] if track else self.tracks

    def at(self, sink: str) -> list[Track]:
        """Return the nodes that a sink's frames tell of."""
        return [track for track in self.tracks if track.node.sink == sink]

    def frame(self, now: float, sink: str, fed: float | None, way: float) -> list[Track]:
        """A frame came from a sink; `fed` is how many went up, and `way` how long the way to Scope and back takes, in
        seconds. Return the nodes whose cache Scope has reset by itself."""
        self._began = now if self._began is None else self._began
        tracks = self.at(sink)
        if fed is not None and tracks:
            fed *= max(track.gain for track in tracks)
        return [track for track in tracks if track.frame(now, fed, way)]

    def read(self, strip: Strip | None, sink: str) -> None:
        """The newest frame of a sink says this about itself: it is of the node that painted it last."""
        for place, track in enumerate(self.tracks):
            if track.node.sink == sink:
                track.read(strip if strip is not None and strip.node == place else None)

    def message(self, now: float, values: Mapping[str, Any], cuts: bool, address: str | None) -> None:
        """A message was sent to a node, or to all."""
        for track in self.of(address):
            track.message(now, values, cuts, address is not None)
        if "paused" in values:  # where one node pauses, no frame comes that could tell of the others of its sink
            paused = {track.node.sink for track in self.tracks if track.pace.paused}
            for track in self.tracks:
                track.pace.blind = track.node.sink in paused and not track.pace.paused

    def free(self, address: str | None, now: float) -> float | None:
        """Return how many seconds a message to a node, or to all, must wait; None: for a frame."""
        longest = 0.0
        for track in self.of(address):
            wait = track.pace.wait(now)
            if wait is None:
                return None
            longest = max(longest, wait)
        return longest if longest > MOMENT else 0.0

    def heard(self, now: float) -> list[str]:
        """Return the nodes whose frames come, while some of others do not; none if all are alike.

        A message for all would wait for those that are silent: for the first chunk of one that is slow to begin, for the
        video that another transforms, or for ever.
        """
        if self.single or self._began is None:
            return []
        silent = [
            track
            for track in self.tracks
            if now - (self._began if track.heard is None else track.heard) > SILENT and track.pace.wait(now) is None
        ]
        if not silent or len(silent) == len(self.tracks):
            return []
        return [track.node.id for track in self.tracks if track not in silent]

    def ready(self, waiting: Mapping[str | None, bool], now: float) -> Iterator[tuple[float, str | None]]:
        """Yield whose turn it is, each with how long it must wait. `waiting` is for whom something waits, and whether it
        is urgent."""
        for_all = self.free(None, now) if None in waiting else None
        hurry, yields = waiting.get(None, False), False
        for address, urgent in waiting.items():
            if address is None:
                continue
            wait = self.free(address, now)
            if None in waiting:
                track = self._by_id.get(address)
                if track is not None and (urgent or not (track.own or hurry)):
                    yields = True  # it is this node's turn, after a message for all
                elif track is None or (for_all is not None and wait is not None and self._delays(track, wait, now)):
                    continue  # it is the turn of what is for all, and that would come later
            if wait is not None:
                yield wait, address
        if for_all is not None and (hurry or not yields):
            yield for_all, None

    def _delays(self, track: Track, wait: float, now: float) -> bool:
        """Return whether a message to one node, sent in `wait` seconds, makes one for all nodes wait longer."""
        others = [other.pace.wait(now) for other in self.tracks if other is not track]
        free = wait + SLACK * (track.pace.period or 0.0)
        return all(other is not None and other < free for other in others)


def _share(node: PacedNode, nodes: Sequence[PacedNode]) -> float:
    """Return which part of a chunk its end may lie before its first frame here; less than 0 if it begins that much later
    than the one before it ends.

    What a node makes goes through those that follow, and one that follows a slower one waits for its frames.
    """
    together = [other for other in nodes if other.sink == node.sink]
    behind = len(together) - 1 - together.index(node)
    slow = any(other.pipeline in DIFFUSION for other in together)
    waits = slow and node.pipeline not in DIFFUSION and together.index(node) > 0
    return MARGIN + FOLLOWS * behind - (FOLLOWS if waits else 0.0)
