"""A discrete-event model of Scope, its network and a hand, to hold the pacing against. No clock, no waiting.

What it knows of Scope is from facts about 0.2.4's own code: each node's worker has a queue of 8 messages that drops the
newest, takes one message per chunk, and one every 10 ms while it waits for frames or is paused; a chunk's frames are
done at once, those that find the output full are lost, and the others leave at the mean rate of the last ten chunks.
"""

import heapq
import itertools
import math
import random
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bridge.parameters import Change
from bridge.session.contract.layout import PacedNode
from bridge.session.pacing.delivery import Delivery

QUEUE = 8
IDLE = 0.01
FPS_LIMITS = (1.0, 60.0)


@dataclass
class Node:
    """One node at work."""

    id: str
    takes: int
    makes: int
    seconds: Callable[[float], float]
    """How long a chunk that begins at a moment takes."""
    pipeline: str = "longlive"
    jitter: float = 0.0

    queue: deque[Mapping[str, Any]] = field(default_factory=deque)
    state: dict[str, Any] = field(default_factory=dict)
    input: deque[Mapping[str, int]] = field(default_factory=deque)
    """For each frame: the chunk of every node before this one that it is of."""
    dropped: list[float] = field(default_factory=list)
    most: int = 0
    """The most messages that ever waited."""
    taken: int = 0
    busy: bool = False
    starts: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    """When each chunk began, and with what."""

    def put(self, now: float, message: Mapping[str, Any]) -> None:
        if len(self.queue) >= QUEUE:
            self.dropped.append(now)
            return
        self.queue.append(message)
        self.most = max(self.most, len(self.queue))

    def take(self) -> None:
        if self.queue:
            self.state.update(self.queue.popleft())
            self.taken += 1

    def ages(self, name: str, since: float = 0.0, until: float = math.inf) -> list[tuple[float, float]]:
        """Return when each chunk began, and how old the value then was that a hand had given."""
        return [
            (start, start - state[name]) for start, state in self.starts if since <= start <= until and name in state
        ]


@dataclass
class Line:
    """Nodes one after the other, from a source or none to a sink."""

    nodes: Sequence[Node]
    sink: str = ""
    video: float | None = None
    """Frames per second that come in from the client; None: text mode."""
    hold: int | None = None
    """Chunks of frames that the output holds before it loses some; None: 30 frames, or two chunks, as Scope's does."""
    paced: bool = True

    decoding: float = 0.0
    """Seconds that a frame takes from its arrival until the client has it."""

    output: deque[Mapping[str, int]] = field(default_factory=deque)
    lost: int = 0
    playing: bool = False
    last_done: float | None = None
    batches: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=10))

    def paced_nodes(self) -> list[PacedNode]:
        found = []
        ratio = 1.0
        for node in reversed(self.nodes):
            found.append(PacedNode(node.id, node.pipeline, node.makes, self.sink, ratio))
            ratio *= node.makes / node.takes
        return found[::-1]

    @property
    def fps(self) -> float:
        if not self.batches:
            return FPS_LIMITS[1]
        rate = sum(frames for frames, _ in self.batches) / sum(seconds for _, seconds in self.batches)
        return min(FPS_LIMITS[1], max(FPS_LIMITS[0], rate))


class Given:
    """A source with a list of changes, and a beat: the bridge's mapping, as a session sees it."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    @property
    def waiting(self) -> bool:
        return bool(self.changes)

    def take(self, now: float) -> list[Change]:
        taken, self.changes = self.changes, []
        return taken

    def beat(self, now: float) -> Mapping[str, Any] | None:
        return {"bpm": 120.0, "beat_phase": now % 0.5 * 2}


@dataclass
class Hand:
    """Moves one parameter, of all nodes or of one; its values are the times at which they were set."""

    name: str
    node: str | None = None
    hz: float = 60.0
    since: float = 0.0
    until: float = math.inf
    last: float | None = None


@dataclass(slots=True)
class Judged:
    """What the delivery said of each frame of a node as it came, and what the frame was made with."""

    frames_per_chunk: float
    moments: list[float] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)

    def late(self, since: float) -> list[float]:
        """Return for each frame how long it had been wrong to say this, in received chunks; less than 0: how long it took
        until it was true. Of a hand's values, each is greater than the one before."""
        found = []
        for place, (moment, said) in enumerate(zip(self.moments, self.said, strict=True)):
            if moment < since:
                continue
            if said > self.shown[place]:
                frames = place - bisect_left(self.shown, said)
            else:
                frames = max(0, place + 1 - bisect_right(self.shown, said))
            found.append(frames / self.frames_per_chunk)
        return found


class Model:
    """Lines of nodes, the hands, and a delivery between them. It is the delivery's source too."""

    def __init__(
        self,
        *lines: Line,
        hands: Sequence[Hand] = (Hand("probe"),),
        network: float = 0.005,
        seed: int = 1,
        told: Sequence[PacedNode] | None = None,
        polls: float | None = None,
        others: float | None = None,
        pauses: Sequence[tuple[float, bool]] = (),
        changes: Sequence[tuple[float, Change]] = (),
        calibrated: bool = False,
    ) -> None:
        """`told` is what the delivery believes of the nodes; `polls`, how often the server's log is read for drops;
        `calibrated`, whether it knows what the way back takes."""
        self.lines = lines
        self.hands = [Hand(hand.name, hand.node, hand.hz, hand.since, hand.until) for hand in hands]
        self.network = network
        self.chance = random.Random(seed)
        self.polls = polls
        self.nodes = {node.id: node for line in lines for node in line.nodes}
        self.line_of = {node.id: line for line in lines for node in line.nodes}
        self.paused = False
        self.alarms: list[float] = []
        self.sent: list[tuple[float, str | None, dict[str, Any]]] = []
        self.next_try: float | None = None
        self.now = 0.0
        nodes = told if told is not None else [node for line in lines for node in line.paced_nodes()]
        self.delivery = Delivery(nodes)
        self.delivery.source = self
        self.delivery.round_trip = 2 * network
        if calibrated:
            self.delivery.delivery_seconds = network + lines[0].decoding
        self.judged: dict[tuple[str, str], Judged] = {}
        """What was said of the frames of each node, and of each hand."""
        self._moved: dict[tuple[str, str | None], float] = {}
        self._order = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self.delivery.begin(0.0, nodes)
        for node in self.nodes.values():
            self._at(0.0, partial(self._step, node))
        for line in lines:
            if line.video is not None:
                self._at(0.0, partial(self._capture, line))
        for hand in self.hands:
            self._at(hand.since, partial(self._move, hand))
        for moment, on in pauses:
            self._at(moment, partial(self._pause, on))
        for moment, change in changes:
            self._at(moment, partial(self._put, change))
        if polls is not None:
            self._at(polls, lambda: self._poll(0.0))

    def run(self, until: float) -> "Model":
        while self._events and self._events[0][0] <= until:
            self.now, _, happen = heapq.heappop(self._events)
            happen()
        self.now = until
        return self

    def _at(self, moment: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), happen))

    # The server

    def _step(self, node: Node) -> None:
        node.take()
        if node.state.get("paused"):
            self.line_of[node.id].last_done = None  # that time does not count for the rate
            self._at(self.now + IDLE, lambda: self._step(node))
            return
        line = self.line_of[node.id]
        first = node is line.nodes[0]
        if (not first or line.video is not None) and len(node.input) < node.takes:
            self._at(self.now + IDLE, lambda: self._step(node))
            return
        if first and line.video is not None:  # spread over all that waits, which is gone then
            node.input.clear()
        of: dict[str, int] = {}
        if not first:
            taken = [node.input.popleft() for _ in range(node.takes)]
            of.update(taken[0])
        of[node.id] = len(node.starts)
        took = node.seconds(self.now) * (1 + self.chance.uniform(-node.jitter, node.jitter))
        node.starts.append((self.now, dict(node.state)))
        self._at(self.now + took, lambda: self._done(node, took, of))

    def _done(self, node: Node, took: float, of: Mapping[str, int]) -> None:
        line = self.line_of[node.id]
        index = list(line.nodes).index(node)
        if index + 1 < len(line.nodes):
            following = line.nodes[index + 1]
            room = 3 * max(following.takes, node.makes) - len(following.input)
            following.input.extend([of] * max(0, min(node.makes, room)))
        else:
            since = self.now - line.last_done if line.last_done is not None else took
            line.last_done = self.now
            line.batches.append((node.makes, since))
            holds = max(30, 2 * node.makes) if line.hold is None else line.hold * node.makes
            room = max(0, min(node.makes, holds - len(line.output)))
            line.output.extend([of] * room)
            line.lost += node.makes - room
            if not line.playing:
                line.playing = True
                self._at(self.now, lambda: self._play(line))
        self._step(node)

    def _play(self, line: Line) -> None:
        if not line.output:
            line.playing = False
            return
        of = line.output.popleft()
        self._at(self.now + self.network + line.decoding, lambda: self._receive(line, of))
        self._at(self.now + 1 / line.fps, lambda: self._play(line))

    # The client

    def _capture(self, line: Line) -> None:
        assert line.video is not None
        first = line.nodes[0]
        if len(first.input) < 30:
            first.input.append({})
        self.delivery.uplink(self.now)
        self._at(self.now + 1 / line.video, lambda: self._capture(line))

    def _receive(self, line: Line, of: Mapping[str, int]) -> None:
        self.delivery.frame(self.now, line.sink)
        for paced in line.paced_nodes():
            node = self.nodes[paced.id]
            for hand in self.hands:
                if hand.node in (None, node.id):
                    judged = self.judged.setdefault((node.id, hand.name), Judged(paced.frames * paced.ratio))
                    judged.moments.append(self.now)
                    judged.said.append(self.delivery.in_picture(hand.name, node.id) or 0.0)
                    judged.shown.append(node.starts[of[node.id]][1].get(hand.name, 0.0))
        self._try()

    def _move(self, hand: Hand) -> None:
        if self.now > hand.until:
            return
        hand.last = self._moved[hand.name, hand.node] = self.now
        self._at(self.now + 1 / hand.hz, lambda: self._move(hand))
        self._try()

    def _arrive(self, node: Node, message: Mapping[str, Any]) -> None:
        node.put(self.now, message)

    def _pause(self, on: bool) -> None:
        self._put(Change("paused", on, self.now))

    def _put(self, change: Change) -> None:
        self.delivery.put([change])
        self._try()

    def _poll(self, before: float) -> None:
        if any(before < moment for node in self.nodes.values() for moment in node.dropped):
            self.alarms.append(self.now)
            self.delivery.alarm(self.now)
            self._try()
        now = self.now
        assert self.polls is not None
        self._at(self.now + self.polls, lambda: self._poll(now))

    def _try(self) -> None:
        """What a session does: send while a message may go, then look again when the next may."""
        while (wait := self.delivery.wait(self.now)) == 0:
            changes = self.delivery.take(self.now)
            if not changes:
                continue
            (address,) = {change.node for change in changes}
            body = {change.parameter: change.value for change in changes}
            self.sent.append((self.now, address, body))
            for node in self.nodes.values():
                if address in (None, node.id):
                    self._at(self.now + self.network, partial(self._arrive, node, body))
        if wait is not None:
            moment = self.now + wait
            if self.next_try is None or self.next_try <= self.now or moment < self.next_try:
                self.next_try = moment
                self._at(moment, self._try)

    # The delivery's source

    @property
    def waiting(self) -> bool:
        return bool(self._moved)

    def take(self, now: float) -> list[Change]:
        moved, self._moved = self._moved, {}
        return [Change(name, value, value, node=node) for (name, node), value in moved.items()]

    def beat(self, now: float) -> Mapping[str, Any] | None:
        return None


def steady(seconds: float) -> Callable[[float], float]:
    """Return chunks that all take as long."""
    return lambda now: seconds


def quantile(values: Sequence[float], part: float) -> float:
    """Return a quantile."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
