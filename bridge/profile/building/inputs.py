"""From the `inputs:` of a profile to what listens, with all that only shows between them: ports, loops, who is heard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from bridge.profile.controllers.model import Controller
from bridge.profile.controllers.reading import looks_like, names, read_controller, shipped
from bridge.profile.inputs import Address, Audio, Http, InputOptions, Midi, Osc, Video
from bridge.profile.language.later import PLAYS, later
from bridge.profile.language.takeover import Taking
from bridge.profile.model import Scope
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.files import Files, beside, from_profile, is_there, text_of
from bridge.profile.source.problems import Notes, Place, Problem, Severity, did_you_mean, lines_of

_LOOPBACK: Final = "127.0.0.1"


@dataclass(slots=True)
class Controllers:
    """The controllers of a profile, as they are read."""

    files: Files
    paths: list[str] = field(default_factory=list)
    """The files that were read, in their order, without those of ours."""
    unsure: set[str] = field(default_factory=set)
    """The inputs whose controller could not be read: what they bring is not known."""

    def read(self, name: str, given: Given[str], notes: Notes) -> Controller | None:
        """Return the controller that the input `name` says it is: a file's of one's own, or one of ours; None after
        noting why there is none."""
        named = given.value
        own = named if named.lower().endswith((".yaml", ".yml")) else f"controllers/{named}.yaml"
        path = beside(notes.path_at(given.place), own)
        found = None
        if own == named or self._is_there(path):
            text = text_of(self.files, path, given.place, notes)
            if text is not None:
                self.paths.extend([path] if path not in self.paths else [])
                found = _from_file(text, path, notes)
        elif named in names():
            found = shipped()[named]
        else:
            notes.error(
                given.place,
                f"there is no controller called '{shorten(named)}'",
                did_you_mean(named, names()) or f"there are {', '.join(names())}",
                f"describe it in a file of your own: {path}",
            )
        if found is None:
            self.unsure.add(name)
        return found

    def _is_there(self, path: str) -> bool:
        try:
            self.files(path)
        except FileNotFoundError:
            return False
        except (OSError, ValueError):
            pass  # it is there, and what is wrong with it is said where it is read
        return True


def _from_file(text: str, path: str, notes: Notes) -> Controller | None:
    """Return the controller in a file, after noting its problems with the file's own name and lines."""
    found, problems = read_controller(text, path)
    own = Notes(lines_of(text), path)
    for one in problems:
        _note(one, own)
    notes.include(own)
    return found


def _note(problem: Problem, notes: Notes) -> None:
    place = _place(problem.line, problem.column, problem.excerpt.width)
    other = problem.elsewhere
    match problem.severity:
        case Severity.ERROR:
            elsewhere = None if other is None else _place(other.line, other.column, other.width)
            notes.error(place, problem.message, *problem.hints, elsewhere=elsewhere)
        case Severity.WARNING:
            notes.warning(place, problem.message, *problem.hints, misspelt=problem.misspelt)
        case Severity.NOTE:
            notes.note(place, problem.message, *problem.hints)


def _place(line: int, column: int, width: int) -> Place:
    return Place(line, column, line, column + width)


def build_inputs(
    fields: Fields, scopes: Sequence[Scope], files: Files, controllers: Controllers, notes: Notes
) -> dict[str, InputOptions]:
    """Return what `inputs:` says, by name. `scopes` are those of the show: the port of one may be one of theirs; `files`
    says which there are. What is read of controllers is kept in `controllers`."""
    inputs: dict[str, InputOptions] = {}
    places: dict[str, Place] = {}
    given_inputs: Mapping[str, Given[Fields]] = section_of(fields, "inputs")
    for name, given in given_inputs.items():
        made, kind = _input(name, given.value, files, controllers, notes)
        place = places[name] = kind.place
        if isinstance(made, Osc):
            _check_port(name, made, place, inputs, places, scopes, notes)
        if isinstance(made, Midi):
            _check_midi(name, made, given.value, inputs, places, notes)
        inputs[name] = made
    for name, given in given_inputs.items():
        _check_loops(inputs[name], given.value, inputs, notes)
    return inputs


def _input(
    name: str, given: Fields, files: Files, controllers: Controllers, notes: Notes
) -> tuple[InputOptions, Given[Any]]:
    """Return an input, and the key that says what it is."""
    taking: Taking = value_of(given, "takeover", Taking("jump"))
    nothing = f"until then nothing arrives from it, and {PLAYS}"
    if "osc" in given:
        return _osc(name, given, notes), given["osc"]
    if "midi" in given:
        return _midi(name, given, controllers, notes), given["midi"]
    if "audio" in given:
        later(notes, given["audio"].key, f"{name}: audio inputs come", nothing)
        channels = tuple(one.value for one in value_of(given, "channels", ()))
        features = tuple(one.value for one in given["features"].value) if "features" in given else Audio("").features
        gain = value_of(given, "gain", "auto")
        return Audio(given["audio"].value, channels, features, None if gain == "auto" else gain), given["audio"]
    if "video" in given:
        ((kind, source),) = given["video"].value.items()
        if kind != "file":
            return Video(kind, source.value), given["video"]
        is_there(files, source.value, source.place, notes)
        return Video(kind, from_profile(source.value, source.place, notes)), given["video"]
    later(notes, given["http"].key, f"{name}: HTTP and WebSocket inputs come", nothing)
    return Http(value_of(given, "range"), taking.mode, taking.tolerance), given["http"]


def _midi(name: str, given: Fields, controllers: Controllers, notes: Notes) -> Midi:
    taking: Taking = value_of(given, "takeover", Taking("jump"))
    controller = controllers.read(name, given["controller"], notes) if "controller" in given else None
    return Midi(
        given["midi"].value,
        controller,
        taking.mode,
        value_of(given, "instance", 1),
        value_of(given, "out"),
        value_of(given, "virtual", False),
        taking.tolerance,
    )


def _check_midi(
    name: str,
    made: Midi,
    given: Fields,
    inputs: Mapping[str, InputOptions],
    places: Mapping[str, Place],
    notes: Notes,
) -> None:
    """Note who else has the port of an input, and what does not go together."""
    place = given["midi"].place
    for other, options in inputs.items():
        if isinstance(options, Midi) and _normal(options) == _normal(made):
            notes.error(
                place,
                f"the inputs '{other}' and '{name}' both want the MIDI port {made.port}, and only one can have it",
                "make them one input",
                f"of two devices with that name, this can be the other: instance: {made.instance + 1}",
                elsewhere=places[other],
            )
    if made.virtual:
        for key, why in (
            ("instance", "there is only one of that name"),
            ("out", "lamps are shown on a port of the same name"),
        ):
            if key in given:
                notes.error(
                    given[key].key,
                    f"a virtual port is one that the bridge makes, and {why}",
                    f"take '{key}' out; or, to hear a device, take 'virtual' out",
                )
        if "*" in made.port:
            notes.error(
                place,
                f"a virtual port is made under its name, and '{shorten(made.port)}' is a pattern",
                f"write midi: {made.port.replace('*', '').strip() or 'Scope Bridge'}",
            )
    near = called_like(made.port) if "controller" not in given and not made.virtual else None
    if near is not None:
        notes.note(
            place,
            f"{name}: this port is called like a controller that the bridge knows",
            f"controller: {near} gives its controls names",
        )


def called_like(port: str) -> str | None:
    """Return the controller of ours that a port is called as, or the only one that a pattern fits."""
    if "*" not in port:
        return looks_like(port)
    pattern = port.casefold()
    found = {
        name
        for name, one in shipped().items()
        if any(fnmatchcase(each.rstrip("*").casefold(), pattern) for each in one.ports)
    }
    return found.pop() if len(found) == 1 else None


def _normal(options: Midi) -> tuple[str, int]:
    return " ".join(options.port.casefold().split()), options.instance


def _osc(name: str, given: Fields, notes: Notes) -> Osc:
    host, port = given["osc"].value
    taking: Taking = value_of(given, "takeover", Taking("jump"))
    allow, heard = _allowed(given, notes)
    far = [one for one in allow if not _loopback(one)]
    if far and heard is not None and host is not None and _loopback(host):
        notes.error(
            heard.place,
            f"{far[0]} can never be heard: osc listens on {host}, which only this machine reaches",
            f"write osc: {port}, and the port opens for {far[0]}",
        )
    if host is not None and not _loopback(host) and not allow:
        notes.warning(
            given["osc"].place,
            f"everyone on the network can play this show: osc listens on {host}, and nothing says who is heard",
            "say who: allow: [192.168.1.0/24]",
            f"for programs on this machine only: osc: {port}",
        )
    if ("listen" in given) != ("remote" in given):
        has, lacks = ("listen", "remote") if "listen" in given else ("remote", "listen")
        example = "remote: 127.0.0.1:11000" if has == "listen" else "listen: [tempo]"
        notes.error(
            given[has].key, f"'{has}' does nothing without '{lacks}': both are about Ableton Live", f"add {example}"
        )
    for key, what in (
        ("reply", "replies come"),
        ("reply_text", "replies as text come"),
        ("forward", "passing messages on comes"),
        ("listen", "asking Ableton Live to tell of things comes"),
    ):
        if key in given:
            later(notes, given[key].key, f"{name}: {what}", f"until then nothing is sent, and {PLAYS}")
    return Osc(
        port,
        host or ("0.0.0.0" if far else _LOOPBACK),
        allow,
        value_of(given, "range"),
        taking.mode,
        value_of(given, "reply"),
        value_of(given, "reply_text"),
        tuple(one.value for one in value_of(given, "forward", ())),
        value_of(given, "remote"),
        tuple(one.value for one in value_of(given, "listen", ())),
        taking.tolerance,
    )


def _allowed(given: Fields, notes: Notes) -> tuple[tuple[str, ...], Given[Any] | None]:
    """Return who is heard, and the key that says it; nobody: whoever can reach the port."""
    if "from_host" in given:
        if "allow" in given:
            notes.error(
                given["from_host"].key,
                "'from_host' says who is heard, and so does 'allow'",
                f"keep one: allow: [{', '.join(one.value for one in given['allow'].value)}]",
                elsewhere=given["allow"].key,
            )
        return (given["from_host"].value,), given["from_host"]
    if "allow" in given:
        return tuple(one.value for one in given["allow"].value), given["allow"]
    return (), None


def _check_port(
    name: str,
    made: Osc,
    place: Place,
    inputs: Mapping[str, InputOptions],
    places: Mapping[str, Place],
    scopes: Sequence[Scope],
    notes: Notes,
) -> None:
    """Note who else has the port of an input."""
    port = made.port
    for other, options in inputs.items():
        if isinstance(options, Osc) and port and options.port == port and _overlap(options.host, made.host):
            notes.error(
                place,
                f"the inputs '{other}' and '{name}' both listen on port {port}, and only one of them can",
                f"give one another port, like {port + 1 if port < 65535 else port - 1}, or make them one input",
                elsewhere=places[other],
            )
    if port and any(port == _port_of_local(scope.url) for scope in scopes):
        notes.warning(
            place,
            f"port {port} is where Scope's own OSC server listens on this machine: this one will not get it",
            "take another port, like 9000",
        )


def _check_loops(options: InputOptions, given: Fields, inputs: Mapping[str, InputOptions], notes: Notes) -> None:
    """Note messages that the bridge would send to itself."""
    if not isinstance(options, Osc):
        return
    local = not options.allow or any(_loopback(one) for one in options.allow)
    for key, to, place in _sent(given):
        if to.host is None and not local:
            continue  # it goes to another machine, which may well have the port of this one
        for other, listening in inputs.items():
            if isinstance(listening, Osc) and listening.port == to.port and _reaches(to, listening):
                notes.error(
                    place,
                    f"'{key}' goes to port {to.port}, where the input '{other}' of this profile listens: "
                    "what it sends would come back as signals",
                    "give the port on which the other program listens",
                )


def _sent(given: Fields) -> Iterator[tuple[str, Address, Place]]:
    """Yield where an OSC input sends something: the key, the address, and where it stands."""
    for key in ("reply", "reply_text", "remote"):
        if key in given:
            yield key, given[key].value, given[key].place
    for one in value_of(given, "forward", ()):
        yield "forward", one.value, one.place


def _reaches(to: Address, listening: Osc) -> bool:
    """Return whether packets to an address arrive at an input, as far as one can know without the network."""
    if to.host is None or _loopback(to.host):
        return _loopback(listening.host) or ip_address(listening.host).is_unspecified
    return to.host == listening.host


def told(options: InputOptions) -> str:
    """Return what an input is, for a sentence."""
    match options:
        case Osc():
            return "an OSC input"
        case Midi():
            return "a MIDI input"
        case Audio():
            return "an audio input"
        case Video():
            return "a video input"
        case Http():
            return "an HTTP input"


def _loopback(host: str) -> bool:
    try:
        return ip_network(host, strict=False).is_loopback
    except ValueError:
        return host == "localhost"


def _overlap(one: str, other: str) -> bool:
    """Return whether two sockets on these addresses would want the same packets."""
    return one == other or ip_address(one).is_unspecified or ip_address(other).is_unspecified


def _port_of_local(url: str) -> int | None:
    parts = urlsplit(url)
    return parts.port if parts.hostname and _loopback(parts.hostname) else None
