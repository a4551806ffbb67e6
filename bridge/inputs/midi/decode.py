"""PURE. From what a MIDI port brings to signals.

`B0 30 40` on the input called `apc` is the sample `("apc/cc/1/48", (0.504,))`, or `("apc/knob/1", (0.504,))` where a controller
gives it a name. What the signals are called is told in `docs/words.md`.

A message that was met before costs a look into a dictionary. Only what depends on other messages, as halves of 14-bit values
and chosen parameters do, is thought about anew each time.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, Literal

from bridge.inputs.midi.assemble import POSITION, QUARTER_FRAME, REAL_TIME, SONG, Assembler, Message
from bridge.inputs.midi.mpe import CONFIGURES, MANAGERS, TIMBRE, Zones
from bridge.inputs.midi.names import Name, Names
from bridge.inputs.midi.numbered import DATA_LSB, DATA_MSB, DECREMENT, INCREMENT, Kind, Parameter, Parameters
from bridge.inputs.midi.pairs import Pair
from bridge.inputs.midi.timecode import Timecode, is_full_frame
from bridge.profile.controllers.model import Controller
from bridge.relative import RELATIVE, Relative, steps
from bridge.signals import Sample

Key = tuple[int, int]
"""Status and first data byte; of pressure, which has but one that is a value, `_ALONE`."""
Table = Sequence[tuple[float] | None]
"""Values by the last data byte; None where there is more to it. 256 of them, so that a byte that is no data byte is None,
too."""
Entry = tuple[str, Table, Sample | None, Key | None]
"""What a message means: a path, its values, a sample that comes after it, and the message after which it means more."""

_ALONE: Final = -1

_NOTE_OFF: Final = 0x80
_NOTE_ON: Final = 0x90
_POLY_PRESSURE: Final = 0xA0
_CONTROL: Final = 0xB0
_PROGRAM: Final = 0xC0
_PRESSURE: Final = 0xD0
_BEND: Final = 0xE0

_BANK_MSB: Final = 0
_BANK_LSB: Final = 32
_LSB: Final = 32
"""What must be added to a control change's number to have that of its lower half; there are as many of both."""
_NUMBERING: Final = range(98, 102)
_STATEFUL: Final = frozenset({_BANK_MSB, _BANK_LSB, DATA_MSB, DATA_LSB, INCREMENT, DECREMENT, *_NUMBERING})
"""Control changes that may mean something else each time."""
_SAYS_NOTHING: Final = 64
"""The release velocity of devices that measure none."""

_TRANSPORT: Final = {0xF8: "clock", 0xFA: "start", 0xFB: "continue", 0xFC: "stop", 0xFF: "reset"}
"""The real-time bytes that say something to the bridge."""


def _table(values: Mapping[int, float]) -> Table:
    return tuple((values[value],) if value in values else None for value in range(256))


_SEVEN_BITS: Final = _table({value: value / 127 for value in range(128)})
_VELOCITIES: Final = _table({value: value / 127 for value in range(1, 128)})
_RELEASED: Final = _table({0: 0.0, _SAYS_NOTHING: 0.0})
_UP: Final = _table(dict.fromkeys(range(128), 0.0))
_DOWN: Final = _table({value: float(value > 0) for value in range(128)})
_SWITCH: Final = _table({value: float(value >= 64) for value in range(128)})
_STEPS: Final[Mapping[Relative, Table]] = {
    relative: _table({value: float(steps(relative, value)) for value in range(128) if steps(relative, value)})
    for relative in RELATIVE
}


def _bend(value: int) -> float:
    """Return where a pitch wheel stands, 0 to 1: its middle, 8192 of 16383, is exactly 0.5."""
    return value / 16384 if value <= 8192 else 0.5 + (value - 8192) / 16382


@cache
def _bends(lower: int) -> Table:
    return _table({upper: _bend(upper << 7 | lower) for upper in range(128)})


class Decoder:
    """From bytes to samples. Any slicing of the same bytes gives the same samples."""

    def __init__(self, name: str, controller: Controller | None = None) -> None:
        """`name` is the input's, and the first segment of every path; `controller` names what it knows."""
        self._prefix = name + "/"
        self._names = Names.of(controller, self._prefix)
        self._assembler = Assembler()
        self._known: dict[Key, Entry | None] = {}
        """What the messages mean that were met; None: each time it must be thought about."""
        self._calm = True
        """Whether no message is under way and no value waits for its lower half."""
        self._before: Key = (0, 0)
        """The latest message, if it was a channel's."""
        self._before_value = 0
        self._pairs = {
            (_CONTROL | channel - 1, number): Pair(name.path, named=True)
            for (channel, number), name in self._names.pairs().items()
        }
        self._waiting: tuple[Key, Sample] | None = None
        """What brings the lower half of a value whose upper half has come, and the value if anything else comes first."""
        self._parameters = Parameters(self._parameter_path)
        self._banks: dict[int, tuple[int, int]] = {}
        """By channel, the upper and the lower half."""
        self._zones = Zones(self._prefix)
        self._timecode = Timecode()
        self._transport: dict[int, Sample] = {byte: (self._prefix + word, ()) for byte, word in _TRANSPORT.items()}

    def read(self, data: Sequence[int], samples: list[Sample]) -> str:
        """Append the samples of a message, or of any slice of a stream of them, to `samples`.

        Return what was wrong first, or an empty text. Never raises, whatever the bytes (0 to 255).
        """
        size = len(data)
        if self._calm and 1 < size < 4:
            key = (data[0], data[1] if size == 3 else _ALONE)
            known = self._known.get(key)
            if known is not None:
                path, table, after, upper = known
                values = table[data[-1]]
                if values is not None and (upper is None or upper != self._before):
                    samples.append((path, values))
                    if after is not None:
                        samples.append(after)
                    self._before = key
                    self._before_value = data[-1]
                    self._assembler.status = data[0]
                    return ""
        messages: list[Message] = []
        problem = self._assembler.feed(data, messages)
        for message in messages:
            self._take(message, samples)
        self._calm = self._waiting is None and not self._assembler.midway
        return problem

    @property
    def waiting(self) -> object:
        """What stands for the value that waits for its lower half: another object for each; None: none waits."""
        return self._waiting

    def settle(self, samples: list[Sample]) -> None:
        """Append the value that waits for its lower half, if there is one, as if that was 0.

        For when nothing has come for a while: a sender may leave the lower half out, and its last value must count.
        """
        if self._waiting is not None:
            samples.append(self._waiting[1])
            self._waiting = None
            self._calm = not self._assembler.midway

    def _take(self, message: Message, samples: list[Sample]) -> None:
        if isinstance(message, bytes):
            self._interrupt(samples)
            self._exclusive(message, samples)
            return
        status, first, second = message
        if status >= REAL_TIME:
            if status in self._transport:
                samples.append(self._transport[status])
        elif status > _BEND + 15:
            self._interrupt(samples)
            self._common(status, first, second, samples)
        else:
            self._channel(status, first, second, samples)

    # System messages

    def _interrupt(self, samples: list[Sample]) -> None:
        """Take notice of a message that is no channel's: halves of a value do not belong together across it."""
        self.settle(samples)
        self._before = (0, 0)

    def _exclusive(self, sysex: bytes, samples: list[Sample]) -> None:
        told = self._names.report(sysex)
        if told is not None:
            samples.append(told)
        elif is_full_frame(sysex):
            time = self._timecode.full_frame(sysex)
            if time is not None:
                samples.append((self._prefix + "timecode", time))
        else:
            samples.append((self._prefix + "sysex", (sysex,)))

    def _common(self, status: int, first: int, second: int, samples: list[Sample]) -> None:
        if status == QUARTER_FRAME:
            time = self._timecode.quarter_frame(first)
            if time is not None:
                samples.append((self._prefix + "timecode", time))
        elif status == POSITION:
            samples.append((self._prefix + "position", (second << 7 | first,)))
        elif status == SONG:
            samples.append((self._prefix + "song", (first + 1,)))

    # Messages of a channel

    def _channel(self, status: int, first: int, second: int, samples: list[Sample]) -> None:
        key, last = ((status, _ALONE), first) if status & 0xF0 == _PRESSURE else ((status, first), second)
        if self._waiting is not None:
            awaited, sample = self._waiting
            self._waiting = None
            if awaited != key:
                samples.append(sample)
        if key not in self._known:
            self._known[key] = self._entry(*key)
        known = self._known[key]
        values = None
        if known is not None:
            path, table, after, upper = known
            values = table[last] if upper is None or upper != self._before else None
        if known is not None and values is not None:
            samples.append((path, values))
            if after is not None:
                samples.append(after)
        else:
            self._think(status & 0xF0, (status & 15) + 1, first, second, samples)
        self._before, self._before_value = key, last

    def _think(self, kind: int, channel: int, first: int, second: int, samples: list[Sample]) -> None:
        """Take a message that no table tells everything about; bends and pressure are such on member channels of a zone."""
        if kind in (_NOTE_ON, _NOTE_OFF):
            self._note(kind, channel, first, second, samples)
        elif kind == _CONTROL:
            self._control(channel, first, second, samples)
        elif kind == _PROGRAM:
            self._program(channel, first, samples)
        elif kind == _PRESSURE:
            self._zones.move(channel, "pressure", first / 127, samples)
        elif kind == _BEND:
            self._zones.move(channel, "bend", _bend(second << 7 | first), samples)

    def _entry(self, status: int, first: int) -> Entry | None:
        """Return what a message means, whenever it comes; None if that depends on more than it."""
        kind, channel = status & 0xF0, (status & 15) + 1
        if kind in (_NOTE_ON, _NOTE_OFF, _POLY_PRESSURE):
            return self._note_entry(kind, channel, first)
        if kind == _CONTROL:
            return self._control_entry(channel, first)
        if kind == _PROGRAM:
            return None
        dimension: Literal["bend", "pressure"] = "bend" if kind == _BEND else "pressure"
        name = self._names.name(dimension, channel)
        if name is None and self._zones.manager(channel):
            return None
        path = name.path if name else f"{self._prefix}{dimension}/{channel}"
        return path, _bends(first) if kind == _BEND else _SEVEN_BITS, None, None

    # Notes

    def _note_path(self, channel: int, note: int) -> str:
        name = self._names.name("note", channel, note)
        return name.path if name else f"{self._prefix}note/{self._zones.manager(channel) or channel}/{note}"

    def _note_entry(self, kind: int, channel: int, note: int) -> Entry | None:
        name = self._names.name("note", channel, note)
        if name is not None and name.touch:
            # How hard a finger lies there is not told: of its pressure nothing comes.
            return None if kind == _POLY_PRESSURE else (name.path, _DOWN if kind == _NOTE_ON else _UP, None, None)
        path = self._note_path(channel, note)
        if kind == _POLY_PRESSURE:
            return path + "/pressure", _SEVEN_BITS, None, None
        if name is None and self._zones.manager(channel):
            return None
        if kind == _NOTE_ON:
            return path + "/velocity", _VELOCITIES, (path, (1.0,)), None
        return path, _RELEASED, None, None

    def _note(self, kind: int, channel: int, note: int, velocity: int, samples: list[Sample]) -> None:
        # A note-on of velocity 0 is a release that says nothing of its velocity: with it, running status lasts longer.
        pressed = kind == _NOTE_ON and velocity > 0
        release = None if kind == _NOTE_ON or velocity in (0, _SAYS_NOTHING) else velocity / 127
        if self._names.name("note", channel, note) is None and self._zones.manager(channel):
            if pressed:
                self._zones.press(channel, note, velocity / 127, samples)
            else:
                self._zones.release(channel, note, release, samples)
            return
        path = self._note_path(channel, note)
        if release is not None:
            samples.append((path + "/release", (release,)))
        samples.append((path, (0.0,)))

    # Programs

    def _program(self, channel: int, number: int, samples: list[Sample]) -> None:
        name = self._names.name("program", channel)
        path = name.path if name else f"{self._prefix}program/{channel}"
        bank = self._banks.get(channel)
        samples.append((path, (number + 1,) if bank is None else (bank[0] << 7 | bank[1], number + 1)))
        samples.append((f"{path}/{number + 1}", ()))

    # Control changes

    def _control_entry(self, channel: int, number: int) -> Entry | None:
        name = self._names.name("cc", channel, number)
        if name is not None:
            return name.path, _control_table(name), None, None
        status = _CONTROL | channel - 1
        if number in _STATEFUL or (number < 2 * _LSB and (status, number % _LSB) in self._pairs):
            return None
        if number == TIMBRE and self._zones.manager(channel):
            return None
        upper = (status, number - _LSB) if _LSB <= number < 2 * _LSB else None
        return self._control_path(channel, number), _SEVEN_BITS, None, upper

    def _control_path(self, channel: int, number: int) -> str:
        return f"{self._prefix}cc/{channel}/{number}"

    def _control(self, channel: int, number: int, value: int, samples: list[Sample]) -> None:
        if self._names.name("cc", channel, number) is not None:
            return  # an encoder that says it was not turned
        status = _CONTROL | channel - 1
        pair = self._pairs.get((status, number % _LSB)) if number < 2 * _LSB else None
        if pair is None or not pair.named:
            parameter = self._parameters.chosen(channel)
            if parameter is not None and number in (DATA_MSB, DATA_LSB, INCREMENT, DECREMENT):
                self._enter(parameter, number, value, samples)
                return
            if number == TIMBRE and self._zones.manager(channel):
                self._zones.move(channel, "timbre", value / 127, samples)
                return
            if number in _NUMBERING:
                self._parameters.choose(channel, number, value)
            elif number == _BANK_MSB:
                self._banks[channel] = value, 0
            elif number == _BANK_LSB:
                self._banks[channel] = self._banks.get(channel, (0, 0))[0], value
            samples.append((self._control_path(channel, number), (value / 127,)))
        if number < _LSB:
            self._upper(status, number, value, pair)
        elif number < 2 * _LSB:
            self._lower(status, number - _LSB, value, pair, samples)

    def _upper(self, status: int, number: int, value: int, pair: Pair | None) -> None:
        """Take the upper half of a value, if it is known to have a lower one."""
        if pair is not None:
            pair.upper = value
            self._waiting = (status, number + _LSB), (pair.path, (pair.value(0),))

    def _lower(self, status: int, number: int, value: int, pair: Pair | None, samples: list[Sample]) -> None:
        """Take the lower half of the value whose upper half is `number`; straight after that it makes a pair of them."""
        upper, channel = (status, number), (status & 15) + 1
        if pair is None and self._before == upper and self._names.name("cc", channel, number) is None:
            path = f"{self._prefix}cc14/{channel}/{number}"
            pair = self._pairs[upper] = Pair(path, named=False, upper=self._before_value)
            self._known.pop(upper, None)
            self._known.pop((status, number + _LSB), None)
        if pair is not None and pair.upper is not None:
            samples.append((pair.path, (pair.value(value),)))

    # Parameters

    def _parameter_path(self, kind: Kind, channel: int, number: int) -> str:
        name = self._names.name("nrpn", channel, number) if kind == "nrpn" else None
        return name.path if name else f"{self._prefix}{kind}/{channel}/{number}"

    def _enter(self, parameter: Parameter, control: int, value: int, samples: list[Sample]) -> None:
        """Take a part of a parameter's value."""
        if control == DATA_MSB:
            parameter.upper, parameter.lower = value, 0
            if (parameter.kind, parameter.number) == ("rpn", CONFIGURES) and parameter.channel in MANAGERS:
                self._zones.configure(parameter.channel, value, samples)
                self._known.clear()  # what comes on the channels of a zone means something else now
            if parameter.fine:
                lower = _CONTROL | parameter.channel - 1, DATA_LSB
                self._waiting = lower, (parameter.path, (parameter.value,))
                return
        elif control == DATA_LSB:
            parameter.fine, parameter.lower = True, value
            if parameter.upper is None:
                return
        else:
            parameter.step(1 if control == INCREMENT else -1)
        samples.append((parameter.path, (parameter.value,)))


def _control_table(name: Name) -> Table:
    if name.touch:
        return _SWITCH
    return _SEVEN_BITS if name.relative is None else _STEPS[name.relative]
