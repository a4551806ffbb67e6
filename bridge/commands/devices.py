"""`scope-bridge devices`: what is plugged in, and the lines that make inputs of it.

$ scope-bridge devices
MIDI ports
  APC40 mkII             in, out   looks like Akai APC40 mkII
      apc40: {midi: "APC40 mkII*", controller: akai-apc40-mk2}
      heard by the show of club.yaml (process 4711) as apc
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from bridge import attached, profile
from bridge.errors import ProfileError, Unavailable
from bridge.inputs.midi.matching import Port, fits, partner, pick
from bridge.inputs.midi.port import ports
from bridge.log import printable
from bridge.profile.controllers.reading import looks_like, shipped
from bridge.profile.inputs import Midi
from bridge.profile.language.inputs import SIGNALS

_PLAIN: Final = re.compile(r"[a-z][a-z0-9]*")


@dataclass(frozen=True, slots=True)
class Holder:
    """A running show that hears a port."""

    profile: str
    """The path of its profile."""
    pid: int
    """Its process."""
    input: str
    """What its profile calls the port."""


@dataclass(frozen=True, slots=True)
class Device:
    """A MIDI port that can be heard."""

    port: str
    """As the system says it."""
    name: str
    """Without what changes from one plugging to the next."""
    api: str
    pattern: str
    """What a profile finds it by."""
    instance: int
    """Which of the ports that fit the pattern, from 1."""
    controller: str | None
    """The shipped controller that it looks like; None: none."""
    title: str | None
    """What people call that controller."""
    suggested: str
    """What an input for it could be called."""
    output: str | None
    """What the port for its lamps, rings and motors is called; None: it has none."""
    held: tuple[Holder, ...] = ()

    @property
    def line(self) -> str:
        """The line for `inputs:` of a profile."""
        parts = [f"midi: {_quoted(self.pattern)}"]
        if self.instance > 1:
            parts.append(f"instance: {self.instance}")
        if self.controller is not None:
            parts.append(f"controller: {self.controller}")
        return f"{self.suggested}: {{{', '.join(parts)}}}"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print them as JSON, for other programs")


def run(arguments: argparse.Namespace) -> int:
    """Print the devices, a section for each kind. Return 1 if one kind could not be looked for."""
    found = midi()
    if arguments.json:
        print(json.dumps({"midi": found.as_json()}, indent=2))
    else:
        for line in found.lines():
            print(line)
        if found.trouble:
            print(f"scope-bridge devices: {found.trouble}", file=sys.stderr)
    return 1 if found.trouble else 0


@dataclass(frozen=True, slots=True)
class Ports:
    """The section of MIDI ports."""

    devices: tuple[Device, ...] = ()
    outputs: tuple[Port, ...] = ()
    """Those that no device to be heard is called like."""
    trouble: str = ""
    """Why they could not be looked for."""
    note: str = ""
    """Why these may not be all."""

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        if self.trouble:
            return
        if not self.devices and not self.outputs:
            yield "No MIDI port was found: plug a controller in, or start the program that makes one."
            if self.note:
                yield f"({printable(self.note)})"
            return
        yield "MIDI ports"
        width = max(len(printable(name)) for name in self._names())
        for device in self.devices:
            looks = f"   looks like {device.title}" if device.title else ""
            yield f"  {printable(device.name):{width}}   {'in, out' if device.output else 'in     '}{looks}".rstrip()
            yield f"      {printable(device.line)}"
            for holder in device.held:
                called = printable(os.path.basename(holder.profile))
                yield f"      heard by the show of {called} (process {holder.pid}) as {printable(holder.input)}"
        for output in self.outputs:
            yield f"  {printable(output.name):{width}}   out"
        if self.devices:
            yield "The lines with braces go below `inputs:` of a profile, or, with a comma between, into the braces that it has."
        if self.note:
            yield f"({printable(self.note)})"

    def as_json(self) -> dict[str, Any]:
        """Return what another program reads."""
        return {
            "inputs": [{**asdict(device), "line": device.line} for device in self.devices],
            "outputs": [output._asdict() for output in self.outputs],
            "trouble": self.trouble or self.note or None,
        }

    def _names(self) -> list[str]:
        return [*(device.name for device in self.devices), *(output.name for output in self.outputs)]


def midi() -> Ports:
    """Look for MIDI ports, and for the shows that hear them. It waits for drivers: call it from a thread."""
    try:
        found = ports()
    except Unavailable as error:
        return Ports(trouble=str(error))
    devices = devices_of(found.inputs, found.outputs, holders(found.inputs))
    theirs = {(device.output, device.api) for device in devices}
    others = tuple(output for output in found.outputs if (output.name, output.api) not in theirs)
    return Ports(devices, others, note=found.trouble)


def devices_of(
    inputs: Sequence[Port], outputs: Sequence[Port], held: Sequence[tuple[Port, Holder]] = ()
) -> tuple[Device, ...]:
    """Return what can be heard, in the system's order."""
    devices: list[Device] = []
    for place, port in enumerate(inputs):
        beside = [one for one in inputs if one.api == port.api]
        nth = sum(one.name == port.name for one in inputs[:place] if one.api == port.api)
        # ALSA and JACK say `client:port`, and bridges between the two put their own name before that.
        controller = next(filter(None, map(looks_like, [port.name, *port.name.split(":")])), None)
        pattern, instance = _found_by(port, beside, nth)
        output = partner(port, inputs, outputs, pattern, instance)
        devices.append(
            Device(
                port.raw,
                port.name,
                port.api,
                pattern,
                instance,
                controller,
                None if controller is None else shipped()[controller].title,
                free_name(pattern, [device.suggested for device in devices]),
                None if output is None else output.name,
                tuple(holder for one, holder in held if one is port),
            )
        )
    return tuple(devices)


def inputs_of_ports() -> list[tuple[str, Midi]]:
    """Return an input for each port that can be heard, with what it could be called. Raise `Unavailable`.

    The options of a port are the same each time, whatever else is plugged in.
    """
    found = ports()
    listed = []
    for place, device in enumerate(devices_of(found.inputs, found.outputs)):
        before = sum(one.api == device.api and fits(device.name, one.name) for one in found.inputs[:place])
        controller = None if device.controller is None else shipped()[device.controller]
        listed.append((device.suggested, Midi(device.name, controller, instance=before + 1, out=device.output)))
    return listed


def holders(inputs: Sequence[Port]) -> list[tuple[Port, Holder]]:
    """Return the ports that running shows hear, as far as their profiles say it."""
    held = []
    for running in attached.all_of():
        try:
            read, _ = profile.load(running.profile, os.environ)
        except ProfileError:  # it is being edited: the show plays what it was before
            continue
        for name, options in read.inputs.items():
            if isinstance(options, Midi) and not options.virtual:
                port = pick(inputs, options.port, options.instance)
                if port is not None:
                    held.append((port, Holder(running.profile, running.pid, name)))
    return held


def free_name(pattern: str, taken: Collection[str]) -> str:
    """Return a name for an input that is none of those `taken`: the first word of what its port is called."""
    words = _PLAIN.findall(pattern.casefold())
    name = next((word for word in words if word not in SIGNALS), "midi")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _found_by(port: Port, beside: Sequence[Port], nth: int) -> tuple[str, int]:
    """Return the shortest pattern that means `port` and no other one of those `beside` it, and which of those that fit it is.

    ALSA and JACK say `client:port`. A device's name is mostly the client's, but a device with several ports, and all that
    JACK calls `system`, are told apart by the port's. `nth` counts the ports before it with the same name.
    """
    client, _, own = port.name.partition(":")
    # A program that plays a controller calls the port so, and itself something else.
    candidates = (
        sorted([client, own.strip(), port.name], key=lambda text: looks_like(text) is None) if own else [client]
    )
    for text in candidates:
        for pattern in (f"{text}*", text):
            fitting = [one for one in beside if fits(pattern, one.name)]
            if fitting and all(one.name == port.name for one in fitting):
                return pattern, nth + 1
    return port.name, 1 + [one is port for one in beside if fits(port.name, one.name)].index(True)


def _quoted(text: str) -> str:
    """Return `text` as YAML's double quotes hold it."""
    return json.dumps(text, ensure_ascii=False)
