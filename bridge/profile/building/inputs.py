"""From the `inputs:` of a profile to what listens, with all that only shows between them: ports, loops, who is heard."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from bridge.profile.inputs import Address, Audio, Http, InputOptions, Midi, Osc, Takeover, Video
from bridge.profile.language.later import PLAYS, later
from bridge.profile.model import Scope
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.files import Files, from_profile, is_there
from bridge.profile.source.problems import Notes, Place

_LOOPBACK: Final = "127.0.0.1"


def build_inputs(fields: Fields, scopes: Sequence[Scope], files: Files, notes: Notes) -> dict[str, InputOptions]:
    """Return what `inputs:` says, by name. `scopes` are those of the show: the port of one may be one of theirs; `files`
    says which there are."""
    inputs: dict[str, InputOptions] = {}
    places: dict[str, Place] = {}
    given_inputs: Mapping[str, Given[Fields]] = section_of(fields, "inputs")
    for name, given in given_inputs.items():
        made, kind = _input(name, given.value, files, notes)
        place = places[name] = kind.place
        if isinstance(made, Osc):
            _check_port(name, made, place, inputs, places, scopes, notes)
        for other, options in inputs.items():
            if isinstance(made, Midi) and isinstance(options, Midi) and made.port.casefold() == options.port.casefold():
                notes.error(
                    place,
                    f"the inputs '{other}' and '{name}' both want the MIDI port {made.port}, and only one can have it",
                    "make them one input",
                    elsewhere=places[other],
                )
        inputs[name] = made
    for name, given in given_inputs.items():
        _check_loops(inputs[name], given.value, inputs, notes)
    return inputs


def _input(name: str, given: Fields, files: Files, notes: Notes) -> tuple[InputOptions, Given[Any]]:
    """Return an input, and the key that says what it is."""
    takeover: Takeover = value_of(given, "takeover", "jump")
    nothing = f"until then nothing arrives from it, and {PLAYS}"
    if "osc" in given:
        return _osc(name, given, notes), given["osc"]
    if "midi" in given:
        later(notes, given["midi"].key, f"{name}: MIDI inputs come", nothing)
        return Midi(given["midi"].value, value_of(given, "controller"), takeover), given["midi"]
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
    return Http(value_of(given, "range"), takeover), given["http"]


def _osc(name: str, given: Fields, notes: Notes) -> Osc:
    host, port = given["osc"].value
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
        value_of(given, "takeover", "jump"),
        value_of(given, "reply"),
        value_of(given, "reply_text"),
        tuple(one.value for one in value_of(given, "forward", ())),
        value_of(given, "remote"),
        tuple(one.value for one in value_of(given, "listen", ())),
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
