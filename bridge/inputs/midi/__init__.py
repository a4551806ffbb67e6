"""MIDI: controllers, and other programs, at ports that may come and go all night.

A control change of the number 48 on channel 1 of the input called `apc` becomes the sample `("apc/cc/1/48", (0.5,))`, or,
where the profile says which controller it is, `("apc/knob/1", (0.5,))`.

`decode` is PURE and knows the messages, `feedback` is PURE and knows the lamps, `matching` is PURE and knows what ports are
called, `port` owns the driver; `MidiInput` waits for the port, listens to it, and sends it what its lamps are to show.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Sequence
from math import inf
from typing import Final

from bridge.clock import now
from bridge.inputs.midi.arrivals import Arrivals
from bridge.inputs.midi.decode import Decoder
from bridge.inputs.midi.feedback import Feedback
from bridge.inputs.midi.matching import Port, partner, pick
from bridge.inputs.midi.port import Busy, Gone, Listening, Ports, Sending, ports, virtual_api
from bridge.log import Complaints
from bridge.profile.inputs import Midi
from bridge.signals import Batch, Emit, Sample
from bridge.status import InputStatus
from bridge.surface import View
from bridge.thread import Worker

logger = logging.getLogger(__name__)

POLL: Final = 0.25
"""Seconds between two looks at the list of ports. One that went and came back between them would not be missed."""
TOGETHER: Final = 0.001
"""Seconds within which messages are one batch."""

HALF: Final = 0.1
"""Seconds after which the lower half of a value is awaited no more: there are senders that leave it out. On a machine that is
busy, some 20 ms may come between two halves that were sent together."""

_MOST_PATHS: Final = 4096
_NOTE: Final = re.compile(r"note/\d+/\d+")
_PRESSED: Final = ("button", "pad")


class MidiInput:
    """Listens to one MIDI port, and shows on its lamps what its controls stand for."""

    def __init__(self, name: str, options: Midi) -> None:
        self.name = name
        self._options = options
        self._complaints = Complaints(logger)
        self._worker = Worker(f"MIDI input {name}")
        self._signals = 0
        self._told = ""
        self._waits = ""
        """Why there is nothing to listen to, or empty."""
        self._dark = ""
        """Why the lamps show nothing, or empty."""

        # The event loop's
        self._decoder = Decoder(name, options.controller)
        self._emit: Emit = lambda batch: None
        self._down: dict[str, None] = {}
        """What is pressed or touched now, in the order in which it was."""
        self._can_be_down: dict[str, bool] = {}
        self._settling: asyncio.TimerHandle | None = None
        self._half: object = None
        """What stands for the value that waits for its lower half, and is counted as whole by `_settling`."""

        # The thread's
        self._listening: Listening | None = None
        self._sending: Sending | None = None
        self._alike = self._alike_out = 0
        """How many ports there were that nothing else tells from the one that is open."""

        # Both
        self._arrivals: Arrivals | None = None
        self._failure: Exception | None = None
        self._feedback = Feedback(options.controller) if options.controller is not None else None
        self._showing = threading.Lock()  # whoever asks or tells `_feedback` holds it
        self._wake = threading.Event()
        self._asleep_until = 0.0

    @property
    def shows(self) -> Sequence[str]:
        """The controls that can show something, as paths without the input's name; empty: none."""
        return self._feedback.shows if self._feedback is not None else ()

    @property
    def listening(self) -> bool:
        """Whether its port is open."""
        return self._listening is not None

    def status(self) -> InputStatus:
        """Return what came in. `refused` counts messages that could not be read."""
        kind = "virtual MIDI port" if self._options.virtual else "MIDI port"
        listening = self._listening
        return InputStatus(
            self.name,
            f"{kind} {self._options.port if listening is None else listening.port.name}",
            signals=self._signals,
            refused=self._complaints.total,
            detail=self._waits or self._dark or self._complaints.latest,
        )

    def show(self, view: View) -> None:
        """Take what all controls are to show from now on. Returns at once; only what changes is sent."""
        if self._feedback is None:
            return
        with self._showing:
            self._feedback.show(view)
        self._wake_for_lamps(self._feedback)

    def refresh(self) -> None:
        """Have everything told anew that the device is to show. Returns at once."""
        if self._feedback is None:
            return
        with self._showing:
            self._feedback.refresh()
        self._wake_for_lamps(self._feedback)

    async def run(self, emit: Emit) -> None:
        """Listen until cancelled; a port that is not there is awaited, however often it goes.

        Raise `Unavailable` where something must be installed first, and whatever `emit` raises: that is a bug of whoever
        gave it.
        """
        self._arrivals = Arrivals(self._deliver)
        self._emit = emit
        self._failure = None
        try:
            await self._worker.run(self._serve)
        finally:
            self._deliver_all()
            if self._settling is not None:
                self._settling.cancel()

    # In the thread

    def _serve(self, stop: threading.Event) -> None:
        """Look which ports there are, again and again, and in between send what the lamps are to show."""
        try:
            while not stop.is_set():
                self._keep(ports())
                again = now() + POLL
                while not stop.is_set() and now() < again:
                    self._wake.clear()
                    self._asleep_until = inf  # whatever changes from here on is worth another look
                    due = self._send_due()
                    self._asleep_until = again if due is None else min(again, due)
                    self._wake.wait(max(0.0, self._asleep_until - now()))
                if self._failure is not None:
                    raise self._failure
        finally:
            self._let_go()

    def _keep(self, there: Ports) -> None:
        """Open what is there and not open, close what is not there any more."""
        if self._listening is not None and self._lost(self._listening, there.inputs, self._alike, there):
            logger.warning("%s: %s is gone", self.name, self._listening.port.name)
            self._let_go()
        if self._listening is None:
            self._connect(there)
        else:
            self._alike = max(self._alike, _alike(self._listening.port, there.inputs))
        if self._sending is not None:
            if self._lost(self._sending, there.outputs, self._alike_out, there):
                self._drop_sending()
            else:
                self._alike_out = max(self._alike_out, _alike(self._sending.port, there.outputs))
        if self._feedback is not None and self._listening is not None and self._sending is None:
            self._connect_lamps(there, self._listening.port, self._feedback)
        self._tell()

    def _lost(self, open_port: Listening | Sending, found: Sequence[Port], alike: int, there: Ports) -> bool:
        port = open_port.port
        if port.api == "JACK" and open_port.server != there.server:
            return True
        return not self._options.virtual and _alike(port, found) < alike

    def _connect(self, there: Ports) -> None:
        if self._options.virtual:
            api = virtual_api(there)
            port = Port(self._options.port, self._options.port, api) if api is not None else None
        else:
            port = pick(there.inputs, self._options.port, self._options.instance)
        if port is None:
            self._waits = self._waiting(there)
            return
        assert self._arrivals is not None  # it runs
        self._arrivals.put(None)
        try:
            self._listening = Listening(port, self.name, self._arrivals.put, virtual=self._options.virtual)
        except Gone:
            self._waits = self._waiting(there)
        except Busy as error:
            self._waits = str(error)
        else:
            self._alike = _alike(port, there.inputs)
            self._waits = ""
            logger.info("%s: listens to %s (%s)", self.name, port.name, port.api)

    def _connect_lamps(self, there: Ports, listening: Port, feedback: Feedback) -> None:
        options = self._options
        port: Port | None
        if options.virtual:
            port = listening
        elif options.out is not None:
            port = pick(there.outputs, options.out, options.instance)
        else:
            port = partner(listening, there.inputs, there.outputs, options.port, options.instance)
        if port is None:
            names = ", ".join(one.name for one in there.outputs) or "none"
            wanted = f"like {options.out}" if options.out is not None else f"that belongs to {listening.name}"
            self._dark = f"its lamps stay dark: there is no MIDI output {wanted}; there are: {names}"
            return
        try:
            self._sending = Sending(port, self.name, virtual=options.virtual)
            self._alike_out = _alike(port, there.outputs)
            with self._showing:
                # To a control that jumps, the answer would be a movement: plugging it in would move the picture.
                messages = feedback.begin(asks=options.takeover != "jump")
            self._sending.send(messages)
        except (Gone, Busy) as error:
            self._dark = f"its lamps stay dark: {error}"
            self._drop_sending()
        else:
            self._dark = ""

    def _send_due(self) -> float | None:
        """Send what is to be sent now; return when to ask again, None: not before something changes."""
        if self._feedback is None or self._sending is None:
            return None
        with self._showing:
            messages = self._feedback.due(now())
        try:
            self._sending.send(messages)
        except Gone as error:
            self._dark = f"its lamps stay dark: {error}"
            self._drop_sending()
            self._tell()
            return None
        with self._showing:
            return self._feedback.next_due(now())

    def _let_go(self) -> None:
        """Close what is open, the lamps put out."""
        if self._sending is not None and self._feedback is not None:
            with self._showing:
                messages = self._feedback.end()
            try:
                self._sending.send(messages)
            except Gone as error:
                logger.debug("%s: %s", self.name, error)
        self._drop_sending()
        listening, self._listening = self._listening, None
        if listening is not None and self._arrivals is not None:
            listening.close()
            self._arrivals.put(None)

    def _drop_sending(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.close()

    def _waiting(self, there: Ports) -> str:
        options = self._options
        if options.virtual:
            return f"waiting for a MIDI system to make {options.port} on ({there.trouble or 'none is there'})"
        which = "" if options.instance == 1 else f"number {options.instance} of "
        names = ", ".join(port.name for port in there.inputs) or "none"
        ports = "a MIDI port" if not which else "the MIDI ports"
        trouble = f" ({there.trouble})" if there.trouble else ""
        return f"waiting for {which}{ports} like {options.port}; there are: {names}{trouble}"

    def _tell(self) -> None:
        """Say what is wrong, once until it changes."""
        detail = self._waits or self._dark
        if detail and detail != self._told:
            logger.warning("%s: %s", self.name, detail)
        self._told = detail

    # On the event loop

    def _deliver(self) -> None:
        if self._failure is None:
            self._deliver_all()

    def _deliver_all(self) -> None:
        try:
            self._emit_heard()
        except Exception as error:
            self._failure = error
            self._wake.set()

    def _emit_heard(self) -> None:
        assert self._arrivals is not None  # it runs
        waiting = self._arrivals.waiting
        began, samples = 0.0, list[Sample]()
        while waiting:
            at, message = waiting.popleft()
            if samples and at - began >= TOGETHER:
                self._hand_over(began, samples)
                samples = []
            if not samples:
                began = at
            if message is None:
                self._decoder.settle(samples)
                samples += [(path, (0.0,)) for path in self._down]
                self._down.clear()
                self._decoder = Decoder(self.name, self._options.controller)
            else:
                self._read(at, message, samples)
        if samples:
            self._hand_over(began, samples)
        half = self._decoder.waiting
        if half is self._half:  # what else arrives, as a clock does all the time, must not put it off
            return
        self._half = half
        if self._settling is not None:
            self._settling.cancel()
        self._settling = None if half is None else asyncio.get_running_loop().call_later(HALF, self._settle)

    def _settle(self) -> None:
        samples: list[Sample] = []
        self._decoder.settle(samples)
        try:
            if samples:
                self._hand_over(now(), samples)
        except Exception as error:
            self._failure = error
            self._wake.set()

    def _read(self, at: float, message: list[int], samples: list[Sample]) -> None:
        feedback = self._feedback
        if feedback is not None:
            with self._showing:
                echo = feedback.sent_back(bytes(message), at)
            if echo:
                self._pass_over(message, samples)
                return
        count = len(samples)
        problem = self._decoder.read(message, samples)
        if problem:
            self._complaints.about(problem, f"{self.name} heard what is not MIDI: {problem}")
        for path, values in samples[count:]:
            if self._is_held(path):
                if values and values[0]:
                    self._down[path] = None
                else:
                    self._down.pop(path, None)

    def _pass_over(self, echo: list[int], samples: list[Sample]) -> None:
        """Take notice of an echo, which says nothing: the halves of values must know of each other all the same."""
        waited = self._decoder.waiting is not None
        passed: list[Sample] = []
        self._decoder.read(echo, passed)
        if waited and len(passed) > 1:  # the hand's value, for whose lower half the echo came
            samples.append(passed[0])

    def _hand_over(self, began: float, samples: list[Sample]) -> None:
        self._signals += len(samples)
        if self._feedback is not None:
            skipped = len(self.name) + 1
            with self._showing:
                for path, values in samples:
                    self._feedback.heard(path[skipped:], values)
            self._wake_for_lamps(self._feedback)
        self._emit(Batch(began, samples))

    def _wake_for_lamps(self, feedback: Feedback) -> None:
        """Wake the thread if something is to be sent before it would look."""
        with self._showing:
            due = feedback.next_due(now())
        if due is not None and due < self._asleep_until:
            self._wake.set()

    def _is_held(self, path: str) -> bool:
        """Whether a signal says 1 while something is held and 0 when it is let go."""
        known = self._can_be_down.get(path)
        if known is None:
            control = path[len(self.name) + 1 :]
            controls = self._options.controller.controls if self._options.controller is not None else {}
            if len(self._can_be_down) >= _MOST_PATHS:
                self._can_be_down.clear()
            known = self._can_be_down[path] = (
                _NOTE.fullmatch(control) is not None
                or (control in controls and controls[control].kind in _PRESSED)
                or (control.endswith("/touch") and control.removesuffix("/touch") in controls)
            )
        return known


def _alike(port: Port, found: Sequence[Port]) -> int:
    """Return how many of those found nothing but their place tells from `port`."""
    return sum(one.key == port.key and one.api == port.api for one in found)
