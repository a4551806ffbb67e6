"""PURE. MPE: notes that each have a channel to themselves, so that each can be bent and pressed on its own.

A zone has a manager channel (1 for the lower, 16 for the upper zone) and, beside it, member channels. What comes on a member
channel is heard as its manager's: `note/1/60`, `note/1/60/bend`; and what concerns the newest note that sounds in the zone is
also `mpe/1/note`, `mpe/1/bend`, `mpe/1/pressure`, `mpe/1/timbre`. (MIDI Polyphonic Expression 1.1.)
"""

from collections.abc import Iterator
from typing import Final, Literal

from bridge.signals import Sample

Dimension = Literal["bend", "pressure", "timbre"]

MANAGERS: Final = (1, 16)
CONFIGURES: Final = 6
"""The registered parameter that says how many members a zone has, on its manager channel."""
TIMBRE: Final = 74
"""The control change."""
_MEMBERS: Final = 14
"""Member channels, while there are two managers."""

_Note = tuple[int, int]
"""Member channel and number."""


class Zones:
    """Which channels belong together, and what sounds on them."""

    def __init__(self, prefix: str) -> None:
        """`prefix` is what all paths begin with."""
        self._prefix = prefix
        self._members = dict.fromkeys(MANAGERS, 0)
        self._manager: dict[int, int] = {}
        self._dimensions: dict[int, dict[Dimension, float]] = {}
        self._sounding: dict[int, dict[_Note, None]] = {manager: {} for manager in MANAGERS}
        """Of each zone the notes that are down, the newest last."""

    def manager(self, channel: int) -> int | None:
        """Return the manager of a member channel; None for one that is in no zone."""
        return self._manager.get(channel)

    def configure(self, manager: int, members: int, samples: list[Sample]) -> None:
        """Give a zone so many members, for which the other zone gives way; 0 switches it off.

        Notes that sound on channels of a zone that changes are let go. More than 15 members are ignored.
        """
        if members > 15:
            return
        other = MANAGERS[manager == MANAGERS[0]]
        now = {manager: members, other: self._members[other]}
        if members:
            # With 15 members the zone has even the other's manager channel; with fewer, that keeps what is left over.
            now[other] = min(now[other], max(_MEMBERS - members, 0))
        for zone in MANAGERS:
            if now[zone] != self._members[zone]:
                self._let_go(zone, samples)
        before, self._members = self._manager, now
        self._manager = {
            **dict.fromkeys(range(2, 2 + now[1]), 1),
            **dict.fromkeys(range(16 - now[16], 16), 16),
        }
        self._dimensions = {
            channel: self._dimensions[channel] if before.get(channel) == zone else {}
            for channel, zone in self._manager.items()
        }

    def press(self, channel: int, note: int, velocity: float, samples: list[Sample]) -> None:
        """Press a note on a member channel. What is known of how the channel is bent and pressed comes first."""
        manager = self._manager[channel]
        path = self._path(manager, note)
        sounding = self._sounding[manager]
        sounding.pop((channel, note), None)
        sounding[channel, note] = None
        samples += self._told(path, channel)
        samples += self._newest(manager)
        samples.append((path + "/velocity", (velocity,)))
        samples.append((path, (1.0,)))

    def release(self, channel: int, note: int, velocity: float | None, samples: list[Sample]) -> None:
        """Let a note go that was pressed on a member channel; if it was the newest, the one before is that again."""
        manager = self._manager[channel]
        path = self._path(manager, note)
        sounding = self._sounding[manager]
        was_newest = next(reversed(sounding), None) == (channel, note)
        sounding.pop((channel, note), None)
        if velocity is not None:
            samples.append((path + "/release", (velocity,)))
        if not any(number == note for _, number in sounding):
            samples.append((path, (0.0,)))
        if was_newest:
            samples += self._newest(manager)

    def move(self, channel: int, dimension: Dimension, value: float, samples: list[Sample]) -> None:
        """Bend or press all notes that sound on a member channel."""
        manager = self._manager[channel]
        self._dimensions[channel][dimension] = value
        sounding = self._sounding[manager]
        for where, note in sounding:
            if where == channel:
                samples.append((f"{self._path(manager, note)}/{dimension}", (value,)))
        if next(reversed(sounding), (0, 0))[0] == channel:
            samples.append((f"{self._prefix}mpe/{manager}/{dimension}", (value,)))

    def _let_go(self, manager: int, samples: list[Sample]) -> None:
        samples += [
            (self._path(manager, note), (0.0,)) for note in dict.fromkeys(n for _, n in self._sounding[manager])
        ]
        self._sounding[manager].clear()

    def _newest(self, manager: int) -> Iterator[Sample]:
        newest = next(reversed(self._sounding[manager]), None)
        if newest is not None:
            channel, note = newest
            path = f"{self._prefix}mpe/{manager}"
            yield path + "/note", (note / 127,)
            yield from self._told(path, channel)

    def _told(self, path: str, channel: int) -> Iterator[Sample]:
        for dimension, value in self._dimensions[channel].items():
            yield f"{path}/{dimension}", (value,)

    def _path(self, manager: int, note: int) -> str:
        return f"{self._prefix}note/{manager}/{note}"
