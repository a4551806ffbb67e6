"""What the `inputs:` of a profile can be."""

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from bridge.profile import later, source
from bridge.profile.problems import Notes
from bridge.profile.shapes import Json, Subject, refuse, resolve, shorten
from bridge.profile.structures import Field, ListOf, Record, Table
from bridge.profile.values import Ends, Text


@dataclass(frozen=True, slots=True)
class Osc:
    """OSC over UDP."""

    port: int
    """1 to 65535; 0 lets the system choose (tests)."""
    host: str = "127.0.0.1"
    """The address to listen on. Beyond loopback, `allow` says who is heard."""
    allow: tuple[str, ...] = ()
    """Hosts and networks (`192.168.10.0/24`) whose datagrams are taken; empty: any that can reach `host`."""
    range: tuple[float, float] | None = None
    """The range that this input's numbers mean as "the whole way"; None: in the target's own unit, as sent."""


InputOptions = Osc


@dataclass(frozen=True, slots=True)
class Listening:
    """A port, or an address and a port."""

    what: str = "a port like 9000, or an address and a port like 0.0.0.0:9000"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> tuple[str | None, int] | None:
        if not isinstance(node, source.Scalar) or resolve(node) is None:
            refuse(node, notes, subject, self.what)
            return None
        text = node.text.strip()
        if text.startswith("/"):
            notes.error(
                node.place,
                "osc takes the port to listen on, and this is an OSC address",
                f"give the port here, and the address in a route: - td{shorten(text)} -> prompt",
            )
            return None
        host, _, port = text.rpartition(":")
        if not re.fullmatch(r"[0-9]{1,9}", port) or (":" in text and not host):
            refuse(node, notes, subject, self.what)
            return None
        if int(port) > 65535:
            notes.error(node.place, f"a port goes up to 65535, and {port} is beyond", subject.hint)
            return None
        if not host:
            return None, int(port)
        host = "127.0.0.1" if host == "localhost" else host.strip("[]")
        try:
            ip_address(host)
        except ValueError:
            notes.error(
                node.place,
                f"osc listens on an address of this machine, and '{shorten(host)}' is no IP address",
                f"on all of them: 0.0.0.0:{port}",
                f"for programs on this machine only: {port}",
            )
            return None
        return host, int(port)

    def schema(self) -> Json:
        return {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 65535},
                {"type": "string", "pattern": r"^([0-9.]+:|localhost:|\[[0-9a-fA-F:.]+\]:)?[0-9]{1,5}$"},
            ]
        }


@dataclass(frozen=True, slots=True)
class Sender:
    """A host or a network."""

    what: str = "addresses like 192.168.1.20 or networks like 192.168.1.0/24"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> str | None:
        text = Text().read(node, notes, subject)
        if text is None:
            return None
        if re.fullmatch(r"[0-9.]+(/[0-9]*)?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/[0-9]*)?", text):
            try:
                network = ip_network(text, strict=False)
            except ValueError:
                port = re.fullmatch(r"([0-9.]+):[0-9]+", text)
                notes.error(
                    node.place,
                    f"'{shorten(text)}' is neither an address nor a network",
                    f"without the port: {port[1]}" if port else subject.hint,
                )
                return None
            return str(network) if "/" in text else str(ip_address(text))
        if re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9_.-]+", text):
            return text
        wildcard = re.fullmatch(r"((?:[0-9]+\.){1,3})\*", text)
        network_of = f"{wildcard[1]}{'.'.join('0' * (4 - wildcard[1].count('.')))}" if wildcard else ""
        bits = 8 * wildcard[1].count(".") if wildcard else 0
        notes.error(
            node.place,
            f"'{shorten(text)}' is neither an address nor a network",
            f"write {network_of}/{bits}" if wildcard else subject.hint,
        )
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^([0-9.]+(/[0-9]{1,2})?|[0-9a-fA-F:.]+(/[0-9]{1,3})?|[A-Za-z0-9_.-]+)$"}


INPUT = Record(
    "an input",
    (
        Field(
            "osc",
            Listening(),
            "The UDP port to listen on for OSC. A port alone listens to this machine; `0.0.0.0:9000` to the network.",
            "9000",
            required=True,
        ),
        Field(
            "allow",
            ListOf(Sender(), Sender().what),
            "Who is heard; everyone else is not. One beyond this machine opens the port to the network.",
            "[192.168.1.0/24]",
            default="whoever can reach the port",
        ),
        Field(
            "range",
            Ends(),
            "What this input's numbers mean as the whole way: with `[0, 1]`, 0.5 is the middle of every target.",
            "[0, 1]",
            default="numbers are in the target's own unit, as sent",
        ),
    ),
    later=later.INPUT,
    aliases={"port": "osc", "udp": "osc", "in": "range", "scale": "range", "hosts": "allow"},
)

INPUTS = Table(
    "an input",
    INPUT,
    reserved={
        **dict.fromkeys(later.SIGNALS, "that name belongs to the bridge itself"),
        "panel": "that name is the page's",
    },
    examples="{osc: 9000}",
)
