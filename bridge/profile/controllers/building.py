"""From the keys of a controller's file to the controller, with everything that only shows between them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.profile.controllers.forms import Counted
from bridge.profile.controllers.kinds import lamp_kind, ring_kind
from bridge.profile.controllers.language import KINDS, MESSAGES, MOVES
from bridge.profile.controllers.model import Address, Control, Controller, Lamp, Report, Ring
from bridge.profile.controllers.naming import BELOW, MOST, Names, names_of, wrong_with
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.problems import Notes, Place, did_you_mean

_MOVES: Final = ("encoder", "wheel")
_PUSH: Final = "push"


def build(fields: Fields, name: str, file: str, notes: Notes) -> Controller:
    """Return the controller that `fields` (of `language.CONTROLLER`) say; what is wrong goes to `notes`."""
    for one in value_of(fields, "ports", ()):
        if not one.value.strip("*? "):
            notes.error(one.place, f"'{one.value}' fits every port", 'say what this one is called: ports: ["APC40*"]')
    controls = _Controls(fields, notes).build()
    return Controller(
        name,
        value_of(fields, "title", name),
        _texts(fields, "ports"),
        controls,
        tuple(_reports(fields, controls, notes)),
        _messages(fields, "start"),
        _messages(fields, "ask"),
        _messages(fields, "stop"),
        value_of(fields, "rate", 500),
        _texts(fields, "notes"),
        _texts(fields, "unsure"),
        file,
    )


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    return tuple(one.value for one in value_of(fields, key, ()))


def _messages(fields: Fields, key: str) -> tuple[bytes, ...]:
    return tuple(bytes(one.value) for one in value_of(fields, key, ()))


def _reports(fields: Fields, controls: Collection[str], notes: Notes) -> Iterator[Report]:
    for name, one in section_of(fields, "reports").items():
        wrong = wrong_with(f"{name}/1")
        same = next((each for each in controls if each.partition("/")[0] == name), None)
        if wrong is not None or same is not None:
            notes.error(
                one.key,
                f"a report cannot be called '{shorten(name)}': {wrong or f'there is a control called {same}'}",
                "give it another name",
            )
        message = one.value["message"].value
        place = message.index("n")
        yield Report(f"{name}/{{n}}", bytes(message[:place]), bytes(message[place + 1 :]), one.value["count"].value)


@dataclass(frozen=True, slots=True)
class _RingKind:
    ring: Ring
    """Without its places."""
    place: Place
    """Where it is declared."""


@dataclass(frozen=True, slots=True)
class _Group:
    """The controls of one key."""

    key: str
    given: Given[Fields]
    names: tuple[str, ...]
    columns: int
    sends: tuple[Address, ...]

    @property
    def called(self) -> str:
        return f"'{shorten(self.key)}'"


@dataclass(slots=True)
class _Taken:
    """Which messages are taken, by whom, and where that is said."""

    verb: str
    hint: str
    by: dict[tuple[str, int, int], tuple[str, Place]] = field(default_factory=dict)

    def take(self, names: Sequence[str], addresses: Sequence[Address], place: Place, notes: Notes) -> None:
        """Have controls take their messages; note the first that another one has."""
        for name, address in zip(names, addresses, strict=True):
            for one in _parts(address):
                other, first = self.by.setdefault(one, (name, place))
                if other != name:
                    notes.error(
                        place,
                        f"{name} {self.verb} {_told(address)}, and so does {other}",
                        self.hint,
                        elsewhere=None if first == place else first,
                    )
                    return


def _parts(address: Address) -> tuple[tuple[str, int, int], ...]:
    if address.message == "cc14":
        return ("cc", address.channel, address.number), ("cc", address.channel, address.number + 32)
    return ((address.message, address.channel, address.number),)


def _told(address: Address) -> str:
    number = "" if address.message in ("bend", "pressure", "program") else f" {address.number}"
    return f"{address.message}{number} on channel {address.channel}"


class _Controls:
    def __init__(self, fields: Fields, notes: Notes) -> None:
        self._notes = notes
        self._channel: int = value_of(fields, "channel", 1)
        self._given: dict[str, Given[Fields]] = dict(section_of(fields, "controls"))
        lamps, rings = section_of(fields, "lamps"), section_of(fields, "rings")
        self._lamp_kinds = {name: lamp_kind(name, one.value, notes) for name, one in lamps.items()}
        self._ring_kinds = {name: _RingKind(ring_kind(one.value, notes), one.key) for name, one in rings.items()}
        self._places: dict[str, Place] = {}
        self._sent = _Taken("sends", "each message can belong to one control only")
        self._lit = _Taken("has its lamp at", "give the lamp to one of them; the other can say beside: and its name")
        self._rung = _Taken("has its ring at", "give the ring to one of them")

    def build(self) -> dict[str, Control]:
        groups = [group for key, given in self._given.items() if (group := self._group(key, given))]
        for name, place in self._places.items():
            above, _, last = name.rpartition("/")
            if last in BELOW and above in self._places:
                self._notes.error(
                    place,
                    f"{name} cannot be a control: that is what {above} is heard by when it tells its {last}",
                    "give it another name",
                    elsewhere=self._places[above],
                )
        self._check_beside(groups)
        return {control.name: control for group in groups for control in self._controls(group)}

    # Groups of controls.

    def _group(self, key: str, given: Given[Fields]) -> _Group | None:
        names = names_of(key)
        if names is None:
            self._notes.error(
                given.key, f"'{shorten(key)}' are more than {MOST} controls", "a run is written like fader/1-8"
            )
            return None
        for name in names.names:
            if wrong := wrong_with(name):
                self._notes.error(given.key, f"a control cannot be called '{shorten(name)}': {wrong}", _other(name))
                return None
            if name in self._places:
                first = self._places[name]
                self._notes.error(
                    given.key,
                    f"there are two controls called {name}",
                    "give one of them another name",
                    elsewhere=None if first == given.key else first,
                )
                return None
            self._places[name] = given.key
        sends = self._addresses(key, names, given.value, None)
        if sends is None:
            return None
        self._sent.take(names.names, sends, _message_place(given), self._notes)
        return _Group(key, given, names.names, names.columns, sends)

    def _addresses(
        self, key: str, names: Names, fields: Fields, sends: Sequence[Address] | None
    ) -> tuple[Address, ...] | None:
        """Return the address of each of the controls; what is not said is as of what they send."""
        count = len(names.names)
        said = next((one for one in MESSAGES if one in fields), None)
        given = fields.get(said) if said else None
        if given is not None and isinstance(given.value, Counted):
            numbers = self._spread(key, names, given, "number")
        else:
            numbers = None if sends is None else tuple(one.number for one in sends)
            numbers = (0,) * count if said or numbers is None else numbers
        if "channel" in fields:
            channels = self._spread(key, names, fields["channel"], "channel")
        elif sends is None or (said and len(set(numbers or ())) > 1 and len({one.channel for one in sends}) > 1):
            # Of faders that have a channel each, what has a run of numbers has none.
            channels = (self._channel,) * count
        else:
            channels = tuple(one.channel for one in sends)
        if numbers is None or channels is None:
            return None
        message: Any = sends[0].message if said is None and sends is not None else said
        found = tuple(Address(message, channel, number) for channel, number in zip(channels, numbers, strict=True))
        if count > 1 and len(set(found)) == 1:
            place = given.place if given is not None else next(iter(fields.values())).place
            self._notes.error(
                place,
                f"'{shorten(key)}' are {count} controls, and this is one message",
                f"give a run: {said or 'cc'}: {found[0].number}-{found[0].number + count - 1}",
                "or one number and a run of channels: channel: 1-8" if count <= 16 else None,
            )
            return None
        return found

    def _spread(self, key: str, names: Names, given: Given[Counted], what: str) -> tuple[int, ...] | None:
        """Return the number of each control, or None after noting that there are more or fewer of them."""
        count, numbers = len(names.names), given.value.numbers
        if len(numbers) == 1:
            return numbers * count
        rows = given.value.rows
        if names.columns and len(rows) * names.columns == count:
            for index, row in enumerate(rows, 1):
                if row != names.columns:
                    self._notes.error(
                        given.place,
                        f"row {index} has {row} {what}s, and the rows of '{shorten(key)}' have {names.columns} controls",
                        "write one number for each",
                    )
                    return None
        if len(numbers) != count:
            are = "is 1 control" if count == 1 else f"are {count} controls"
            self._notes.error(
                given.place,
                f"'{shorten(key)}' {are}, and here are {len(numbers)} {what}s",
                "a run of numbers is as long as that of the names: fader/1-8: {cc: 48-55}",
            )
            return None
        return numbers

    def _controls(self, group: _Group) -> Iterator[Control]:
        fields = group.given.value
        names = Names(group.names, group.columns)
        kind = self._kind(group, fields)
        lamps = self._lamps(group, names, fields)
        rings = self._rings(group, names, fields)
        motors = self._motors(group, names, fields)
        touches = self._addresses(group.key, names, fields["touch"].value, group.sends) if "touch" in fields else None
        if touches is not None:
            self._sent.take([f"{name}/touch" for name in group.names], touches, fields["touch"].place, self._notes)
        beside = names_of(fields["beside"].value) if "beside" in fields else None
        for index, name in enumerate(group.names):
            yield Control(
                name,
                kind,
                group.sends[index],
                value_of(fields, "relative"),
                lamps[index] if lamps else None,
                rings[index] if rings else None,
                motors[index] if motors else None,
                touches[index] if touches else None,
                beside.names[index % len(beside.names)] if beside else "",
                value_of(fields, "unsure", ""),
            )

    def _kind(self, group: _Group, fields: Fields) -> Any:
        """Return what the controls are to the hand."""
        relative = "relative" in fields
        if relative and group.sends[0].message != "cc":
            self._notes.error(
                fields["relative"].key,
                f"'relative' is a way of controllers, and {group.called} sends something else",
                "take it out, or give the number as cc: 16-23",
            )
        words = group.names[0].split("/")
        first, last = words[0], words[-1]
        if "kind" not in fields:
            if last == _PUSH or first not in KINDS:
                return "encoder" if relative else "button"
            if group.sends[0].message == "note":
                return "pad" if first == "pad" else "button"
            if first in _MOVES:
                return first if relative else "knob"
            if not relative:
                return first
        kind = value_of(fields, "kind", first)
        if relative and kind not in _MOVES:
            self._notes.error(
                fields["relative"].key,
                f"'relative' is how far an encoder was turned, and {group.called} is a {kind}",
                "say kind: encoder, or take relative out",
            )
        if not relative and kind in _MOVES:
            self._notes.error(
                fields["kind"].place,
                f"{'an' if kind == 'encoder' else 'a'} {kind} says how far it was turned, and nothing says in which way {group.called} does",
                "add relative: twos complement (1 up, 127 down), offset (65 up, 63 down) or sign magnitude (1 up, 65 down)",
                "what says where it is, is a knob: kind: knob",
            )
        return kind

    def _motors(self, group: _Group, names: Names, fields: Fields) -> tuple[Address, ...] | None:
        if "motor" not in fields:
            return None
        given: Given[Fields] = fields["motor"]
        addresses = self._addresses(group.key, names, given.value, group.sends)
        if addresses is not None and addresses[0].message not in MOVES:
            self._notes.error(
                given.place,
                f"no motor is moved by what {group.called} sends",
                "say what moves it: motor: {cc: 1-8}",
            )
        return addresses

    def _lamps(self, group: _Group, names: Names, fields: Fields) -> list[Lamp] | None:
        if "lamp" not in fields:
            return None
        given: Given[Fields] = fields["lamp"]
        kind = self._lookup(given.value["kind"], self._lamp_kinds, "lamp")
        if kind is None:
            return None
        placed = "cc" in given.value or "note" in given.value
        if not placed and group.sends[0].message not in ("cc", "note"):
            self._notes.error(
                given.place,
                f"a lamp listens to notes or controllers, and {group.called} sends neither",
                f"say where: lamp: {{kind: {kind.name}, note: 16-23}}",
            )
            return None
        addresses = self._addresses(group.key, names, given.value, group.sends)
        if addresses is None:
            return None
        self._lit.take(names.names, addresses, given.place, self._notes)
        return [Lamp(address, kind) for address in addresses]

    def _rings(self, group: _Group, names: Names, fields: Fields) -> list[Ring] | None:
        if "ring" not in fields:
            return None
        given: Given[Fields] = fields["ring"]
        kind = self._lookup(given.value["kind"], self._ring_kinds, "ring")
        if kind is None:
            return None
        if "cc" not in given.value and group.sends[0].message != "cc":
            self._notes.error(
                given.place,
                f"a ring listens to a controller, and {group.called} sends none",
                f"say which: ring: {{kind: {given.value['kind'].value}, cc: 48-55}}",
            )
            return None
        if bool(kind.ring.styles) != ("style" in given.value):
            self._notes.error(
                given.value["style"].key if "style" in given.value else given.place,
                f"the ring '{given.value['kind'].value}' has styles, and nothing says where it is told which"
                if kind.ring.styles
                else f"the ring '{given.value['kind'].value}' has no styles, and here is where it is told which",
                "add style: and the numbers of the controllers" if kind.ring.styles else "add styles to it",
                elsewhere=kind.place,
            )
            return None
        addresses = self._addresses(group.key, names, given.value, group.sends)
        styles: tuple[int, ...] | None = None
        if "style" in given.value:
            styles = self._spread(group.key, names, given.value["style"], "number")
        if addresses is None or ("style" in given.value and styles is None):
            return None
        self._rung.take(names.names, addresses, given.place, self._notes)
        ring = kind.ring
        return [
            Ring(
                address,
                ring.low,
                ring.high,
                ring.blinking,
                ring.off,
                Address("cc", address.channel, styles[index]) if styles else None,
                ring.styles,
                ring.own,
            )
            for index, address in enumerate(addresses)
        ]

    def _lookup(self, given: Given[str], known: dict[str, Any], what: str) -> Any:
        if given.value in known:
            return known[given.value]
        example = "plain: {colours: {off: 0, on: 127}}" if what == "lamp" else "leds: {low: 1, high: 13, off: 0}"
        self._notes.error(
            given.place,
            f"there is no kind of {what} called '{shorten(given.value)}'",
            did_you_mean(given.value, known)
            or (f"declared: {', '.join(known)}" if known else f"declare it: {what}s: {{{example}}}"),
        )
        return None

    def _check_beside(self, groups: Sequence[_Group]) -> None:
        lit: set[str] = set()
        for key, each in self._given.items():
            if "lamp" in each.value and (names := names_of(key)):
                lit.update(names.names)
        for group in groups:
            if "beside" not in group.given.value:
                continue
            given: Given[str] = group.given.value["beside"]
            found = names_of(given.value)
            many = 0 if found is None else len(found.names)
            if many not in (1, len(group.names)):
                self._notes.error(
                    given.place,
                    f"{group.called} are {len(group.names)} controls, and here are {many}",
                    "name one for each, or one for all",
                )
                continue
            for name in found.names if found else ():
                if name not in self._places:
                    self._notes.error(
                        given.place,
                        f"there is no control called {shorten(name)}",
                        did_you_mean(name, self._places) or "name one that has a lamp",
                    )
                elif name not in lit:
                    self._notes.error(
                        given.place,
                        f"{name} has no lamp that could stand for {group.called}",
                        f"give it one: {name}: {{lamp: plain}}",
                    )
                else:
                    continue
                break


def _message_place(given: Given[Fields]) -> Place:
    return next((one.place for key, one in given.value.items() if key in MESSAGES), given.key)


def _other(name: str) -> str:
    return f"write button/{name}" if wrong_with(f"button/{name}") is None else "for example: fader/1-8"
