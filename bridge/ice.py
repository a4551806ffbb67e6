"""Which local addresses WebRTC offers.

aioice skips 127.0.0.1 and ::1, so two programs of one machine without a network (a laptop in flight mode, a test
machine) would never find each other. `offering` decides it per connection; the choice follows the task that gathers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum

import aioice.ice


class Addresses(Enum):
    """Which of this machine's addresses a connection offers."""

    NETWORK = "network"
    """Those of its network interfaces, as aioice does by itself."""
    BOTH = "both"
    """Those, and 127.0.0.1."""
    LOOPBACK = "loopback"
    """127.0.0.1 alone."""


_LOOPBACK = "127.0.0.1"
_offered: ContextVar[Addresses] = ContextVar("offered", default=Addresses.NETWORK)
_of_the_network = aioice.ice.get_host_addresses


def _addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    match _offered.get():
        case Addresses.LOOPBACK:
            return [_LOOPBACK]
        case Addresses.BOTH:
            return [*_of_the_network(use_ipv4, use_ipv6), _LOOPBACK]
        case Addresses.NETWORK:
            return _of_the_network(use_ipv4, use_ipv6)


@contextmanager
def offering(addresses: Addresses) -> Iterator[None]:
    """Within this block, connections gather candidates for `addresses`; tasks started in it keep the choice."""
    aioice.ice.get_host_addresses = _addresses
    token = _offered.set(addresses)
    try:
        yield
    finally:
        _offered.reset(token)
