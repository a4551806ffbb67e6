"""PURE. What goes to one Scope, and when: all of that is decided here, and the session only performs.

delivery = Delivery(layout.nodes)
delivery.begin_with(start, now)                # what the profile begins with
state = delivery.begin(now, layout.nodes)      # a session begins: this goes into its offer
delivery.put([Change("noise_scale", 0.43, at=now)])
match delivery.wait(now):
    case None: ...                             # nothing to say, or a frame must come first: ask again then
    case 0: changes = delivery.take(now)       # one message
    case seconds: ...                          # ask again in so many
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from bridge.parameters import Change, Cost, Merge, parameter
from bridge.session.contract.layout import UNKNOWN_PIPELINE, PacedNode
from bridge.session.pacing.outbox import Outbox
from bridge.session.pacing.pacer import Meter, Pace, Pacer
from bridge.session.pacing.turns import MOMENT, Turns
from bridge.session.pacing.wants import Key, Wants, joined, of, supersede
from bridge.strip import Strip

QUIET_CHUNKS: Final = 3
"""Chunk periods without a message after which the last values are sent once more, where that costs nothing: another
client may have filled Scope's queue, and then ours was dropped without a word."""
LOOK_AGAIN: Final = 1 / 60
"""Seconds until the source is asked again, when it had something to say and nothing of it may be said yet."""
UP_LIVES: Final = 1.0
"""Seconds without a frame after which no video is sent up any more."""
DECODING: Final = 0.04
"""Seconds that frames take on their way back beyond the way of a message, where nobody has calibrated it."""
ONE_SHOT: Final = "vace_ref_images"
"""What stays in force only as long as the cache: Scope forgets it with each reset, and has to be told again."""


class Source(Protocol):
    """What knows what Scope is to be told: asked when a message may go, and not before."""

    @property
    def waiting(self) -> bool:
        """Whether there is something."""

    def take(self, now: float) -> list[Change]:
        """Return what the next chunk gets of it."""

    def beat(self, now: float) -> Mapping[str, Any] | None:
        """Return the state of the tempo, as Scope takes it; None while there is none."""


Changes = list[Change]


class Delivery:
    """The values on their way to one Scope, through all the sessions with it."""

    def __init__(
        self,
        nodes: Sequence[PacedNode] = (PacedNode("", "", UNKNOWN_PIPELINE),),
        pace: Callable[[float], Pace] = Pacer,
    ) -> None:
        """`pace` makes the pace of a node, of the frames received for each chunk of it."""
        self.source: Source | None = None
        """Where changes are drawn from when a message may go."""
        self.messages = 0
        """Sent, in all sessions."""
        self.delivery_seconds: float | None = None
        """How long frames take from the end of their chunk until they are here, if that was calibrated."""
        self.round_trip: float | None = None
        """To Scope and back, in seconds, if that is known."""
        self._new_pace = pace
        self._outbox = Outbox()
        self._wants = Wants()
        self._told: dict[Key, Any] = {}
        """The newest value that this session was told."""
        self._apart: set[str] = set()
        """The parameters that a single node was ever told."""
        self._to_repeat: dict[Key, Any] = {}
        self._addressed: dict[str | None, None] = {None: None}
        """Whom the source has ever had something for: None for all nodes."""
        self._look_again = self._last_message = float("-inf")
        self._resting = self._told_to_rest = False
        self._frames_before = self._chunks_before = 0
        self._set_up(nodes)

    def _set_up(self, nodes: Sequence[PacedNode]) -> None:
        self._turns = Turns(nodes, self._new_pace)
        self._meters: dict[str, Meter] = {"": Meter()}
        self._up: dict[str, Meter] = {}

    # What is wanted

    @property
    def wanted(self) -> dict[str, Any]:
        """What a new session begins with."""
        return self._wants.state

    def begin_with(self, values: Mapping[str, Any], now: float) -> None:
        """Set what sessions begin with. What somebody has changed since stays as it is; what is new goes out."""
        for name, value in self._wants.begin_with(values).items():
            self._outbox.put(Change(name, value, now))

    def put(self, changes: Iterable[Change]) -> None:
        """Take changes on their way to Scope."""
        for change in changes:
            self._take_in(change)

    def turn_to(self, nodes: Sequence[PacedNode], keep: Container[str]) -> None:
        """Talk to another server, or have it run something else, from the next session on.

        Of what somebody has changed, only the parameters in `keep` mean anything there.
        """
        self._wants.keep(keep)
        self._end_session()
        self._set_up(nodes)

    def adopt(self, other: "Delivery") -> None:
        """Want from now on what `other` wants: this one takes its place, and is told it when it wakes or begins."""
        self._wants.adopt(other._wants)

    def _take_in(self, change: Change) -> None:
        if self._turns.single and change.node in self._turns:
            change = replace(change, node=None)  # it is all there is, and may share a message with what is for all
        self._wants.take_in(change)
        self._outbox.put(change)

    def _draw(self, now: float) -> None:
        """Take in what the source has."""
        if self.source is None or not self.source.waiting:
            return
        for change in self.source.take(now):
            if change.node in self._turns and not self._turns.single:
                self._addressed[change.node] = None
            self._take_in(change)
        if self.source.waiting:
            self._look_again = now + LOOK_AGAIN

    def beat(self, now: float) -> Mapping[str, Any] | None:
        """Return the state of the tempo that a message may carry along; None while there is none."""
        return None if self.source is None else self.source.beat(now)

    # A session's life

    def begin(self, now: float, nodes: Sequence[PacedNode] | None = None) -> dict[str, Any]:
        """A new session begins, with these nodes or those there were. Return the state that its offer is to carry.

        What was asked of one node, and a pause, cannot be in an offer: they wait for the first frame.
        """
        self._end_session()
        self._set_up(nodes if nodes is not None else [track.node for track in self._turns.tracks])
        self._draw(now)
        wanted = self.wanted
        self._outbox.restart(wanted)
        self._told = {(name, None): value for name, value in wanted.items()}
        for track in self._turns.tracks:
            track.picture.begin(wanted)
        for name, node, value in self._wants.of_nodes():
            self._outbox.put(Change(name, value, now, node=node))
        if self.asked("paused"):
            self._outbox.put(Change("paused", True, now))
        return wanted

    def _end_session(self) -> None:
        self._frames_before, self._chunks_before = self.frames, self.chunks
        self._meters = {"": Meter()}
        self._outbox.restart({})
        self._told.clear()
        self._to_repeat.clear()
        self._told_to_rest = False
        self._look_again = self._last_message = float("-inf")

    def say_first(self, values: Mapping[str, Any], now: float) -> None:
        """Have the first message say what this session's offer could not carry."""
        for name, value in values.items():
            self._outbox.forget(name)
            self._outbox.put(Change(name, value, now))

    def say_again(self, names: Iterable[str], now: float) -> None:
        """Have the next message say what these parameters are wanted to be: Scope does not have it, though it was sent."""
        wanted = self.wanted
        for name in names:
            if name in wanted:
                self._outbox.forget(name)
                self._outbox.put(Change(name, wanted[name], now))

    def frame(self, now: float, sink: str = "") -> None:
        """A frame came from a sink of the graph; without a name, from the first."""
        self._meters.setdefault(sink, Meter()).arrived(now)
        feeds = [meter.count for meter in self._up.values() if meter.last is not None and now - meter.last < UP_LIVES]
        # Of several sources the fastest counts: none of them makes a node take more than it has time for.
        for track in self._turns.frame(now, sink, max(feeds, default=None), self._way):
            node = None if self._turns.single else track.node.id
            if images := self.sent(ONE_SHOT, node):
                self._outbox.forget(ONE_SHOT)
                self._outbox.put(Change(ONE_SHOT, images, now, node=node))

    @property
    def _way(self) -> float:
        """How long the way to Scope and back takes, in seconds, as far as anybody has measured it."""
        there = (self.round_trip or 0.0) / 2
        return there + (there + DECODING if self.delivery_seconds is None else self.delivery_seconds)

    def to_be_read(self, sink: str = "") -> bool:
        """Whether `read` would say something new of the newest frame of a sink: in about one frame of each chunk."""
        return any(track.picture.to_be_read for track in self._turns.at(sink))

    def read(self, strip: Strip | None, sink: str = "") -> None:
        """The newest frame of a sink says this about itself; None: it says nothing. Only a rehearsal server's does."""
        self._turns.read(strip, sink)

    def uplink(self, now: float, source: str = "") -> None:
        """A video frame was sent up to a source node of the graph."""
        self._up.setdefault(source, Meter()).arrived(now)

    def alarm(self, now: float, queue: str | None = None) -> None:
        """Scope said "Parameter queue full": send nothing for 8 chunk periods, and take them as twice as long after.

        `queue` is whose, as Scope's log names it: a node or its pipeline. Unknown: everybody's.
        """
        tracks = self._turns.tracks
        for track in [track for track in tracks if queue in (track.node.id, track.node.pipeline)] or tracks:
            track.pace.alarm(now)

    def rest(self, on: bool, now: float) -> None:
        """Have a standby rest: `paused` is all that it is told until it wakes.

        Then everything wanted that it does not have goes out in one message, with `paused: false`. Events that came
        meanwhile are not made up for: they meant another picture.
        """
        if on == self._resting:
            return
        self._resting = on
        if on:
            return
        self._draw(now)
        self._outbox.clear()
        for name, value in self.wanted.items():
            self._outbox.put(Change(name, value, now))
        for name, node, value in self._wants.of_nodes():
            self._outbox.put(Change(name, value, now, node=node))
        paused = bool(self.asked("paused"))
        if self._told_to_rest or paused:
            self._outbox.put(Change("paused", paused, now))
        self._told_to_rest = False

    # When, and what

    def wait(self, now: float) -> float | None:
        """Return how many seconds from `now` it is until `take` has a message; 0 if it has one now.

        None: there is nothing to say, or a frame must come first. Ask again after every frame, and every change.
        """
        if self._resting:
            return None if self._told_to_rest else self._turns.free(None, now)
        waits = [wait for wait, _ in self._ready(now)]
        if self.source is not None and self.source.waiting:
            draw = self._draw_in(now)
            waits.extend([] if draw is None else [_soon(max(draw, self._look_again - now))])
        if not waits and (repeat := self._repeat_in(now)) is not None:
            waits.append(repeat[0])
        return min(waits, default=None)

    def take(self, now: float) -> Changes:
        """Return what the next message carries, all of it for one node or all for every node, counted as sent.

        Empty when there is nothing to say after all: ask `wait` again.
        """
        if self._resting:
            return self._take_to_rest(now)
        if self._draw_in(now) == 0 and self._look_again <= now + MOMENT:
            self._draw(now)
        waiting = self._ready(now)
        ready = [address for wait, address in waiting if wait == 0]
        if ready:
            urgent = self._outbox.addresses
            address = next((one for one in ready if urgent[one]), ready[0])
            return self._send(self._outbox.take(address), address, now)
        if not waiting and (repeat := self._repeat_in(now)) is not None and repeat[0] == 0:
            return self._repeat(repeat[1], now)
        if self.source is not None and self.source.waiting:
            self._look_again = max(self._look_again, now + LOOK_AGAIN)
        return []

    def _take_to_rest(self, now: float) -> Changes:
        if self._told_to_rest or self._turns.free(None, now) != 0:
            return []
        self._told_to_rest = True
        changes = [Change("paused", True, now)]
        self._outbox.told(changes)
        return self._send(changes, None, now)

    def _draw_in(self, now: float) -> float | None:
        """Return how long it is until the source may be asked: until what it may have to say can go at once."""
        found = [self._turns.free(address, now) for address in (*self._addressed, *self._turns.heard(now))]
        return min((wait for wait in found if wait is not None), default=None)

    def _ready(self, now: float) -> list[tuple[float, str | None]]:
        """Return whose turn it is among those that something waits for, each with how long it still must wait."""
        waiting = self._outbox.addresses
        if None in waiting and self._turns.heard(now):
            self._outbox.split([track.node.id for track in self._turns.tracks])
            waiting = self._outbox.addresses
        return list(self._turns.ready(waiting, now))

    def _send(self, changes: Changes, address: str | None, now: float) -> Changes:
        """Count a message as sent."""
        changes = self._with_images(changes, address, now)
        values = {change.parameter: change.value for change in changes}
        self._turns.message(now, values, self._cut(changes, address), address)
        for name, value in values.items():
            if address is not None:
                self._apart.add(name)
            elif name in self._apart:
                supersede(self._told, name, value)
                supersede(self._to_repeat, name, value)
            self._told[name, address] = joined(self._told.get((name, address)), name, value)
            if parameter(name).resendable:
                self._to_repeat[name, address] = value
                if address is not None:
                    self._to_repeat.pop((name, None), None)  # said to all again, it would undo this
        self.messages += 1
        self._last_message = now
        return changes

    def withdraw(self, node: str | None) -> None:
        """The newest message did not go after all: there was nothing in it that this server takes."""
        for track in self._turns.of(node):
            track.picture.withdraw()

    def _cut(self, changes: Changes, address: str | None) -> bool:
        """Return whether a message resets the cache."""
        values = {change.parameter: change.value for change in changes}
        if values.get("reset_cache"):
            return True
        managed = values.get("manage_cache", self.sent("manage_cache", address))
        if managed is not None and not managed:
            return False
        return any(self._costs_a_cut(change) for change in changes)

    def _costs_a_cut(self, change: Change) -> bool:
        known = parameter(change.parameter)
        if known.merge is Merge.TOGETHER:  # with video, another prompt cuts unless it comes as a transition
            return bool(self._up) and "transition" not in change.value
        return known.cost is Cost.CUT and not change.beside.get("_modulated_step_list")

    def _with_images(self, changes: Changes, address: str | None, now: float) -> Changes:
        """Return what a message carries, with what Scope forgets when it does what the message says."""
        images = self.sent(ONE_SHOT, address)
        if not images or any(change.parameter == ONE_SHOT for change in changes) or not self._cut(changes, address):
            return changes
        return [*changes, Change(ONE_SHOT, images, now, node=address)]

    def _repeat_in(self, now: float) -> tuple[float, str | None] | None:
        """Return when the last values are sent a second time, once the hand rests, and to whom."""
        period = self.period
        if not self._to_repeat or period is None or self.paused:
            return None
        rest = self._last_message + QUIET_CHUNKS * period - now
        for address in dict.fromkeys(node for _, node in self._to_repeat):
            if (free := self._turns.free(address, now)) is not None:
                return _soon(max(rest, free)), address
        return None

    def _repeat(self, address: str | None, now: float) -> Changes:
        values = {name: value for (name, node), value in self._to_repeat.items() if node == address}
        self._to_repeat = {key: value for key, value in self._to_repeat.items() if key[1] != address}
        waiting = dict(self._to_repeat)
        changes = self._send([Change(name, value, now, node=address) for name, value in values.items()], address, now)
        self._to_repeat = waiting  # a repetition is not repeated
        return changes

    # What came of it

    @property
    def waiting(self) -> bool:
        """Whether there is anything that Scope is to be told."""
        return bool(self._outbox) or (self.source is not None and self.source.waiting)

    def asked(self, parameter: str, node: str | None = None) -> Any:
        """Return the newest value that somebody asked for, else what sessions begin with; None if there is none."""
        return self._wants.asked(parameter, node)

    def sent(self, parameter: str, node: str | None = None) -> Any:
        """Return the value that this session was told last: all nodes, or one; None if none was."""
        return of(self._told, parameter, node)

    def in_picture(self, parameter: str, node: str | None = None) -> Any:
        """Return the value in the frames received now, as they say, or else as pacing tells; None if none was sent."""
        track = self._turns.of(node)[0] if node in self._turns else self._turns.lead
        if parameter == "paused":  # no frame shows it: the picture stands still, or it goes on
            return self.sent(parameter, node)
        return track.picture.values.get(parameter)

    def fps(self, now: float, sink: str = "") -> float:
        """Return the frames received per second from a sink over about the last two seconds."""
        meter = self._meters.get(sink)
        return meter.rate(now) if meter else 0.0

    @property
    def period(self) -> float | None:
        """How long a chunk of the slowest node takes, in seconds; None before two frames came."""
        return self._turns.lead.pace.period

    @property
    def chunks(self) -> int:
        """Finished chunks of the slowest node, in all sessions."""
        return self._chunks_before + self._turns.lead.pace.chunks

    @property
    def frames(self) -> int:
        """Received from the first sink, in all sessions."""
        return self._frames_before + self._meters[""].count

    @property
    def paused(self) -> bool:
        """Whether all of it was told to pause."""
        return all(track.pace.paused for track in self._turns.tracks)

    @property
    def frames_until_reset(self) -> int | None:
        """How many more frames come before Scope resets its cache by itself, and the picture cuts; None if it does not,
        or before there was a frame."""
        track = next((track for track in (self._turns.lead, *self._turns.tracks) if track.cache is not None), None)
        if track is None or track.cache is None or not track.pace.frames:
            return None
        return max(0, track.cache - (track.pace.frames - track.scene_from))


def _soon(seconds: float) -> float:
    """Return a time to wait; 0 where it is none."""
    return seconds if seconds > MOMENT else 0.0
