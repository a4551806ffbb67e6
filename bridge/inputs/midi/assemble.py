"""PURE. From the bytes of a MIDI cable to messages, however the bytes are sliced.

    B0 07 40 41      # (0xB0, 7, 0x40) and, by running status, (0xB0, 7, 0x41) once another 07 has come before the 41

Real-time bytes may come anywhere, also within other messages. (MIDI 1.0 Detailed Specification 4.2.)
"""

from collections.abc import Sequence
from typing import Final

Message = tuple[int, int, int] | bytes
"""Status and two data bytes, 0 for those that the message does not have; or a whole SysEx, F0 to F7."""

LONGEST: Final = 4096
"""Bytes of a SysEx, F0 and F7 among them."""

SYSEX: Final = 0xF0
QUARTER_FRAME: Final = 0xF1
POSITION: Final = 0xF2
SONG: Final = 0xF3
END: Final = 0xF7
REAL_TIME: Final = 0xF8
"""The lowest of the real-time bytes."""

_DATA: Final = {
    **dict.fromkeys(range(0x80, 0xC0), 2),
    **dict.fromkeys(range(0xC0, 0xE0), 1),
    **dict.fromkeys(range(0xE0, 0xF0), 2),
    QUARTER_FRAME: 1,
    POSITION: 2,
    SONG: 1,
}
"""Data bytes by status. The other system common messages (tune request, and two that nobody defined) have none."""


class Assembler:
    """Puts messages together. Never raises, whatever the bytes, and keeps at most one message."""

    def __init__(self) -> None:
        self.status = 0
        """What data bytes belong to: the latest status of a channel, or of the message that is under way; 0: to none."""
        self.midway = False
        """Whether a message has begun and not ended."""
        self._first = -1
        """The first of two data bytes, while the second is awaited."""
        self._sysex: bytearray | None = None
        """As much of a SysEx as has come; empty: it was too long, and its end is awaited."""

    def feed(self, data: Sequence[int], messages: list[Message]) -> str:
        """Append what is complete to `messages`; return what was wrong first, or an empty text."""
        problem = ""
        for byte in data:
            if byte >= REAL_TIME:
                messages.append((byte, 0, 0))
            elif byte >= 0x80:
                problem = self._status(byte, messages) or problem
            elif self._sysex is not None:
                problem = self._exclusive(self._sysex, byte) or problem
            elif not self.status:
                problem = problem or "data bytes that belong to no message"
            elif self._first < 0 and _DATA[self.status] == 2:
                self._first, self.midway = byte, True
            else:
                first, second = (byte, 0) if self._first < 0 else (self._first, byte)
                messages.append((self.status, first, second))
                self._first, self.midway = -1, False
                if self.status > SYSEX:
                    self.status = 0
        return problem

    def _status(self, byte: int, messages: list[Message]) -> str:
        """Take a status byte, which ends what is under way."""
        problem = ""
        if byte == END:
            if self._sysex:
                messages.append(bytes((*self._sysex, END)))
            elif self._sysex is None:
                problem = "the end of a SysEx that had not begun"
        elif self._sysex:
            problem = "a SysEx cut short by another message"
        elif self.midway and self._sysex is None:
            problem = "a message cut short by another one"
        self._sysex = bytearray((SYSEX,)) if byte == SYSEX else None
        self._first = -1
        self.status = byte if byte in _DATA else 0
        self.midway = byte == SYSEX or byte in _DATA
        if not self.midway and byte != END:
            messages.append((byte, 0, 0))
        return problem

    def _exclusive(self, sysex: bytearray, byte: int) -> str:
        """Take a byte of a SysEx."""
        if not sysex:
            return ""
        if len(sysex) == LONGEST - 1:
            sysex.clear()
            return f"a SysEx of more than {LONGEST} bytes"
        sysex.append(byte)
        return ""
