"""PURE. What a page may ask for: reads and judges requests, so that nothing else of the panel has to."""

import math
from ipaddress import ip_address
from typing import Any

import orjson
from yarl import URL

from bridge.errors import Refused
from bridge.signals import Sample

PREFIX = "panel/"
"""Where every path of the page begins. What follows is the target, in its own unit."""

_PATH_LIMIT = 200
_VALUES_LIMIT = 16
_TEXT_LIMIT = 4000
_EXAMPLE = '{"path": "panel/noise_scale", "values": [0.5]}'


def read_signal(body: bytes) -> Sample:
    """Return the sample in a request's body, `{"path": "panel/...", "values": [...]}`.

    Raises `Refused` with a sentence for whoever sent it.
    """
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(f"this is not JSON ({error}); send for example {_EXAMPLE}") from error
    if not isinstance(request, dict) or set(request) != {"path", "values"}:
        raise Refused(f"a signal is an object with path and values, for example {_EXAMPLE}")
    return _path(request["path"]), _values(request["values"])


def is_ours(host: str, bound_to: str) -> bool:
    """Whether a request's `Host` header names this server; `bound_to` is the address it listens on.

    A page of somebody else can point a name of its own at 127.0.0.1 (DNS rebinding) and would then be of one origin
    with us. So only what nobody can point elsewhere is taken: `localhost`, an address, and the name we were given.
    """
    try:
        name = URL(f"http://{host}").host or ""
    except ValueError:
        return False
    if name in ("localhost", bound_to):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or not _is_loopback(bound_to)


def is_same_origin(origin: str | None, host: str) -> bool:
    """Whether a request's `Origin` header is this server's page, or absent: then no browser sent it for another page."""
    return origin is None or origin == f"http://{host}"


def _path(path: Any) -> str:
    if not isinstance(path, str) or not path.startswith(PREFIX) or path == PREFIX:
        raise Refused(f"path must be text that begins with {PREFIX} and goes on with a target, like panel/prompt")
    if len(path) > _PATH_LIMIT or not path.isprintable():
        raise Refused(f"path must be at most {_PATH_LIMIT} characters that can be printed")
    return path


def _values(values: Any) -> tuple[float | int | str | bool, ...]:
    if not isinstance(values, list) or len(values) > _VALUES_LIMIT:
        raise Refused(f"values must be a list of at most {_VALUES_LIMIT}")
    for value in values:
        match value:
            case str() if len(value) > _TEXT_LIMIT:
                raise Refused(f"a text may have {_TEXT_LIMIT} characters, this one has {len(value)}")
            case float() if not math.isfinite(value):
                raise Refused("a number must be finite")
            case bool() | int() | float() | str():
                pass
            case _:
                raise Refused("values may hold numbers, texts, true and false, nothing else")
    return tuple(values)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
