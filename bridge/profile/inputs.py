"""What the `inputs:` of a profile can be."""

from dataclasses import dataclass


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
