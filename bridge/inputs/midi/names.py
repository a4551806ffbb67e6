"""PURE. What the messages of a controller are called: the names of its controls, by what they send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from bridge.profile.controllers.model import Controller, Message
from bridge.relative import Relative
from bridge.signals import Sample

_UNNUMBERED: Final = ("bend", "pressure", "program")


@dataclass(frozen=True, slots=True)
class Name:
    """What a message is called."""

    path: str
    """With the input's name."""
    relative: Relative | None = None
    """How it says how far it was turned; None: it says where it is. Of control changes alone."""
    touch: bool = False
    """Whether it says that a finger is on a control, or not."""


@dataclass(frozen=True, slots=True)
class _Telling:
    """A SysEx that tells a number."""

    begin: bytes
    end: bytes
    paths: tuple[str, ...]
    """By number, from 0."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a controller's messages; without one, none has a name."""

    _named: Mapping[tuple[Message, int, int], Name] = field(default_factory=dict)
    """By message, channel and number; the number is 0 where the message has none."""
    _tellings: tuple[_Telling, ...] = ()

    @classmethod
    def of(cls, controller: Controller | None, prefix: str) -> Self:
        """`prefix` is what all paths begin with. Of two controls that send the same the first has the name."""
        if controller is None:
            return cls()
        named: dict[tuple[Message, int, int], Name] = {}
        for control in controller.controls.values():
            path = prefix + control.name
            for address, name in (
                (control.sends, Name(path, control.relative)),
                (control.touch, Name(path + "/touch", touch=True)),
            ):
                if address is not None:
                    number = 0 if address.message in _UNNUMBERED else address.number
                    named.setdefault((address.message, address.channel, number), name)
        return cls(
            named,
            tuple(
                _Telling(
                    report.begin,
                    report.end,
                    tuple(prefix + report.name.replace("{n}", str(number + 1)) for number in range(report.count)),
                )
                for report in controller.reports
            ),
        )

    def name(self, message: Message, channel: int, number: int = 0) -> Name | None:
        """Return what a message is called; None: it has no name."""
        return self._named.get((message, channel, number))

    def pairs(self) -> Mapping[tuple[int, int], Name]:
        """Return the names of all 14-bit controls, by channel and the number of the upper half."""
        return {(channel, number): name for (kind, channel, number), name in self._named.items() if kind == "cc14"}

    def report(self, sysex: bytes) -> Sample | None:
        """Return what a SysEx tells, if it is one of the controller's reports."""
        for telling in self._tellings:
            at = len(telling.begin)
            if (
                len(sysex) == at + 1 + len(telling.end)
                and sysex.startswith(telling.begin)
                and sysex.endswith(telling.end)
            ):
                number = sysex[at]
                if number < len(telling.paths):
                    return telling.paths[number], ()
        return None
