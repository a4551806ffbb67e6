"""PURE. MIDI timecode: what quarter frames and full frames say, as text and in seconds.

Eight quarter frames (F1 with a piece of four bits) are one time, which began to be told two frames before it is known; a
full frame (a SysEx) tells where the tape was wound to. (MIDI 1.0 Detailed Specification, "MIDI Time Code".)
"""

from typing import Final

Time = tuple[str, float]
"""`01:02:03:04` in hours, minutes, seconds and frames, and the same in seconds."""

_RATES: Final = (24, 25, 30, 30)
"""Frames per second by the two bits that tell; the third skips two numbers in most minutes (see `DROP`)."""
DROP: Final = 2
"""The kind of timecode that calls 29.97 frames a second 30, and leaves out frames 0 and 1 of each minute but the tenth."""
_TOLD_IN: Final = 2
"""Frames that eight quarter frames take."""
_FULL_FRAME: Final = 10
"""Bytes."""


class Timecode:
    """Puts quarter frames together."""

    def __init__(self) -> None:
        self._pieces: list[int] = []

    def quarter_frame(self, data: int) -> Time | None:
        """Take the byte after an F1; return the time it is now if it was the last of eight in their order.

        A sequence that is broken, or comes backwards (the tape is wound), is dropped.
        """
        piece, nibble = data >> 4, data & 15
        if piece == 0:
            self._pieces.clear()
        elif piece != len(self._pieces):
            self._pieces.clear()
            return None
        self._pieces.append(nibble)
        if len(self._pieces) < 8:
            return None
        frames, seconds, minutes, hours = (
            low | high << 4 for low, high in zip(self._pieces[::2], self._pieces[1::2], strict=True)
        )
        self._pieces.clear()
        return _time(hours >> 5 & 3, hours & 31, minutes, seconds, frames, _TOLD_IN)

    def full_frame(self, sysex: bytes) -> Time | None:
        """Return the time that a SysEx tells, F0 7F <device> 01 01 hours minutes seconds frames F7; None if it tells none."""
        if not is_full_frame(sysex):
            return None
        self._pieces.clear()
        hours, minutes, seconds, frames = sysex[5:9]
        return _time(hours >> 5, hours & 31, minutes, seconds, frames)


def is_full_frame(sysex: bytes) -> bool:
    """Return whether a SysEx is meant to tell a time."""
    return len(sysex) == _FULL_FRAME and sysex[1] == 0x7F and sysex[3:5] == b"\x01\x01"


def _time(kind: int, hours: int, minutes: int, seconds: int, frames: int, later: int = 0) -> Time | None:
    """Return a time so many frames later; None if there is none of that number."""
    rate = _RATES[kind]
    skipped = 2 if kind == DROP else 0
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= rate:
        return None
    if skipped and frames < skipped and seconds == 0 and minutes % 10:
        return None
    per_minute, per_ten = 60 * rate - skipped, 600 * rate - 9 * skipped
    minute = 60 * hours + minutes
    count = (60 * minute + seconds) * rate + frames - skipped * (minute - minute // 10) + later
    count %= 144 * per_ten
    ten, rest = divmod(count, per_ten)
    # The first minute of ten has all its numbers; each of the other nine has `skipped` fewer.
    number = rest if rest < 60 * rate else rest + skipped * (1 + (rest - 60 * rate) // per_minute)
    clock, frame = divmod(600 * rate * ten + number, rate)
    text = f"{clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}:{frame:02}"
    return text, count * 1001 / 30000 if skipped else count / rate
