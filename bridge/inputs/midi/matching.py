"""PURE. What MIDI ports are called: the same device has another name on each system, and often another one tomorrow.

    normalised("3- UM-ONE 2", "WinMM")                           # "UM-ONE"
    normalised("nanoKONTROL2:nanoKONTROL2 MIDI 1 24:0", "ALSA")  # "nanoKONTROL2:nanoKONTROL2 MIDI 1"
    fits("nanokontrol*", "nanoKONTROL2:nanoKONTROL2 MIDI 1")     # True

RtMidi appends to a name of WinMM its place in the list, which moves whenever something is plugged in; Windows puts a
number before the name of a device that it has met at another socket; ALSA's addresses follow the order of plugging. A
port is therefore never found by its place or by its whole name, only by what remains.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

CLIENT: Final = "Scope Bridge"
"""What the bridge calls itself to ALSA and JACK. Ports of clients with this name are never taken."""

_EXACT: Final = ("ALSA", "JACK")
"""The systems whose raw names are unique, and stay while the port is there."""
_MET_ELSEWHERE: Final = re.compile(r"^\d+- ")
_PLACE: Final = re.compile(r" \d+$")
_ALSA_ADDRESS: Final = re.compile(r" \d+:\d+$")
_A2J: Final = re.compile(r" \[\d+\] \((?:capture|playback)\)")
"""What a2jmidid puts into JACK's name of an ALSA port."""
_OURS: Final = re.compile(rf"^{CLIENT}(?:-\d+)?:")
"""JACK numbers clients of the same name."""


class Port(NamedTuple):
    """One port that other programs or devices have."""

    raw: str
    """As the system says it."""
    name: str
    """Normalised: what patterns are compared with."""
    api: str
    """`ALSA`, `JACK`, `CoreMIDI` or `WinMM`."""
    place: int = 0
    """Which of those that nothing else tells apart, from 0 in the system's order."""

    @property
    def key(self) -> str:
        """What stays while the port is there: WinMM's raw name changes when anything else is plugged in."""
        return self.raw if self.api in _EXACT else self.name


def listed(names: Iterable[str], api: str) -> tuple[Port, ...]:
    """Return the ports that `api` has, in its order, from their raw names."""
    ports: list[Port] = []
    met: Counter[str] = Counter()
    for raw in names:
        port = Port(raw, normalised(raw, api), api)
        ports.append(port._replace(place=met[port.key]))
        met[port.key] += 1
    return tuple(ports)


def normalised(raw: str, api: str) -> str:
    """Return what is left of a name without all that changes from one plugging to the next."""
    name = raw
    match api:
        case "WinMM":
            name = _PLACE.sub("", name)
        case "ALSA":
            name = _ALSA_ADDRESS.sub("", name)
        case "JACK":
            name = _A2J.sub("", name)
    return _MET_ELSEWHERE.sub("", name).strip() or raw


def ours(raw: str) -> bool:
    """Whether a bridge has made that port, on a system that tells who makes ports."""
    return _OURS.match(raw) is not None


def fits(pattern: str, name: str) -> bool:
    """Whether a normalised name is meant by `pattern`, in which `*` stands for anything; case does not matter.

    ALSA and JACK say `client:port`: the client's part and the port's are names too.
    """
    pattern = pattern.casefold()
    return any(one == pattern or fnmatchcase(one, pattern) for one in _parts(name.casefold()))


def pick(ports: Sequence[Port], pattern: str, instance: int) -> Port | None:
    """Return the `instance`-th port, from 1 in the system's order, that fits; None: there are not so many.

    One system's ports are not counted with another's: ALSA's can be JACK's too. The first system that has it counts.
    """
    for api in dict.fromkeys(port.api for port in ports):
        found = [port for port in ports if port.api == api and fits(pattern, port.name)]
        if len(found) >= instance:
            return found[instance - 1]
    return None


def partner(
    listening: Port, inputs: Sequence[Port], outputs: Sequence[Port], pattern: str, instance: int
) -> Port | None:
    """Return the output of the device whose input `listening` is; None: there is none.

    It is the one with the same name; of several devices with the same name, the one at the same place among them; else
    the `instance`-th that fits `pattern`.
    """
    alike = [port for port in inputs if port.api == listening.api and port.name == listening.name]
    place = alike.index(listening) if listening in alike else 0
    sending = [port for port in outputs if port.api == listening.api]
    same = [port for port in sending if port.name == listening.name]
    return same[place] if place < len(same) else pick(sending, pattern, instance)


def _parts(name: str) -> list[str]:
    """Return the name, what is between its colons, and what is before and after each of them."""
    parts, at = [name, *(one.strip() for one in name.split(":"))], name.find(":")
    while at >= 0:
        parts += [name[:at].strip(), name[at + 1 :].strip()]
        at = name.find(":", at + 1)
    return parts
