"""PURE. Which messages that come in are only what was sent: ports that send back what they are told, and motors that
tell where they were sent to."""

from collections import deque
from dataclasses import dataclass
from typing import Final

VALUE_WITHIN: Final = 0.25
"""Seconds in which a value that comes back is an echo: a hand that is there is where the value is anyway."""
PRESS_WITHIN: Final = 0.05
"""Seconds in which what looks like a press is an echo, from a port that echoes."""
_WINDOW: Final = 32
_FEWEST: Final = 8
_PART: Final = 3 / 4
_DIFFERENT: Final = 3
"""A port echoes if more than this part of what lamps were told last came back, of at least so many messages, and not all of
them the two that one flashing lamp is told: somebody who plays on its beat sends these too."""
_SYSEX: Final = 0xF0


@dataclass(slots=True, eq=False)
class _Sent:
    message: bytes
    at: float
    value: bool
    returned: bool = False
    soon: bool = False
    """Whether it came back soon enough to tell an echo from a hand."""


class Echoes:
    """Remembers what was sent for as long as it may come back."""

    def __init__(self) -> None:
        self._last: deque[_Sent] = deque(maxlen=_WINDOW)
        """What lamps were told: a motor tells where it goes on ports that echo nothing."""
        self._waiting: deque[_Sent] = deque()
        self._by_message: dict[bytes, deque[_Sent]] = {}

    def sent(self, message: bytes, now: float, value: bool) -> None:
        """Take what is sent at `now`, in seconds; `value` for what a control with a value is told."""
        self._forget(now)
        sent = _Sent(message, now, value or message[0] == _SYSEX)
        if not sent.value:
            self._last.append(sent)
        self._waiting.append(sent)
        self._by_message.setdefault(message, deque()).append(sent)

    def came(self, message: bytes, now: float) -> bool:
        """Take what came in; return whether it is only an echo. Each message sent has one echo at the most."""
        if message not in self._by_message:
            return False
        self._forget(now)
        sent = next((one for one in self._by_message.get(message, ()) if not one.returned), None)
        if sent is None:
            return False
        soon = now - sent.at <= PRESS_WITHIN
        if not sent.value and not soon:
            return False
        sent.returned, sent.soon = True, soon
        return sent.value or self.echoing(now)

    def echoing(self, now: float) -> bool:
        """Return whether the port sends back what it is told, as far as the last messages tell."""
        told = [one for one in self._last if one.soon or now - one.at > PRESS_WITHIN]
        returned = [one.message for one in told if one.soon]
        return len(told) >= _FEWEST and len(returned) > _PART * len(told) and len(set(returned)) >= _DIFFERENT

    def _forget(self, now: float) -> None:
        while self._waiting and now - self._waiting[0].at > VALUE_WITHIN:
            gone = self._waiting.popleft()
            same = self._by_message[gone.message]
            same.popleft()
            if not same:
                del self._by_message[gone.message]
