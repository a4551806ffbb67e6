"""Questions to one server by HTTP, and what it means when there is no good answer.

class Rest(Asking):
    async def status(self): return await self._ask("GET", "/api/v1/pipeline/status")

No question waits for ever: each has its limit, from the first byte sent to the last received.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Mapping, Sequence
from ipaddress import ip_address
from types import TracebackType
from typing import Any, BinaryIO, Final, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from bridge.clock import Clock, now
from bridge.errors import Refused, Unavailable

QUICK_TIMEOUT: Final = 10.0
"""Seconds for what a server only has to look up."""
TRANSFER_STALL: Final = 30.0
"""Seconds without a byte after which a transfer of a file counts as dead."""
TRANSFER_TIMEOUT: Final = 1800.0
"""Seconds for a whole file: a recording of an hour over a thin line."""

_BEHIND: Final = (502, 503, 504, 520, 521, 522, 523, 524, 530)
"""What a proxy answers when nobody is behind it."""
_LONGEST: Final = 300
"""Characters of a server's own words that fit into a line."""

T = TypeVar("T")


class TooSlow(Unavailable):
    """The server took the question, as far as is known, and does not answer in time: it may be at work."""


def is_loopback(url: str) -> bool:
    """Return whether `url` points at this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Asking:
    """One server. Every question raises `Unavailable` if nobody answers, and `Refused` on any answer but yes."""

    def __init__(self, url: str, clock: Clock = now) -> None:
        self.url = url
        self.last_round_trip: float | None = None
        """Seconds that the newest answer took of those for which a server has nothing to do."""
        self._clock = clock
        # A proxy of the environment is for far servers; this machine's own are never behind it.
        self._client = httpx.AsyncClient(base_url=url, timeout=QUICK_TIMEOUT, trust_env=not is_loopback(url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        params: Mapping[str, Any] | None = None,
        timeout: float = QUICK_TIMEOUT,
        stall: float | None = None,
    ) -> dict[str, Any]:
        response = await self._within(
            timeout,
            self._client.request(
                method, path, json=json, content=content, params=params, timeout=timeout if stall is None else stall
            ),
        )
        if not response.is_success:
            raise self._refusal(method, path, response)
        if not response.content:
            return {}
        if response.content.lstrip()[:1] == b"<":
            raise Refused(
                f"{method} {path}: the answer is a web page and not JSON; this Scope knows no such request, "
                "or something else listens there"
            )
        try:
            body = response.json()
        except (ValueError, RecursionError) as error:
            raise Refused(f"{method} {path}: the answer is not JSON; is this a Scope server?") from error
        if not isinstance(body, dict):
            raise Refused(f"{method} {path}: the answer is not an object; is this a Scope server?")
        return body

    async def _within(self, seconds: float, asked: Awaitable[T]) -> T:
        """Return what was asked for. Raise `Unavailable` if it does not come, or not in time."""
        try:
            async with asyncio.timeout(seconds):
                return await asked
        except (httpx.TimeoutException, TimeoutError) as error:
            raise TooSlow(f"{self.url} takes too long to answer") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(unreached(self.url, error)) from error

    def _refusal(self, method: str, path: str, response: httpx.Response) -> Refused | Unavailable:
        """Return what an answer that is no yes means."""
        code = response.status_code
        detail = _detail(response)
        if code in _BEHIND and detail is None:
            return Unavailable(f"a proxy answers at {self.url} ({code}), and no Scope behind it; does the server run?")
        if response.is_redirect:
            return Refused(f"{self.url} sends us on to {response.headers.get('location')}: give that address as url")
        if code in (401, 403, 407) and detail is None:
            return Refused(f"{self.url} asks who we are ({code}): a login is in front of Scope")
        if detail is None and response.content.lstrip()[:1] == b"<":
            return Refused(
                f"{method} {path}: {code}, and a web page that is not Scope's; is the address right, and does it run?"
            )
        reason = detail if detail is not None else " ".join(response.text.split())
        return Refused(f"{method} {path}: {code} {reason[:_LONGEST]}")

    async def _fetch(self, path: str, params: Mapping[str, str] | None, file: BinaryIO) -> None:
        """Write what a request gives into `file`, as it comes. Memory holds a piece of it at a time."""
        async with self._client.stream("GET", path, params=params, timeout=TRANSFER_STALL) as response:
            if not response.is_success:
                await response.aread()
                raise self._refusal("GET", path, response)
            if "text/html" in response.headers.get("content-type", ""):
                raise Refused(f"GET {path}: the answer is a web page; this Scope knows no such request")
            async for piece in response.aiter_bytes(1 << 18):
                await asyncio.to_thread(file.write, piece)


def unreached(url: str, error: Exception) -> str:
    """Return why nobody could be spoken to at `url`, in a person's words."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return f"no machine is called {urlsplit(url).hostname}, as far as this one can find out"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"{url} cannot be trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            why = str(getattr(cause, "reason", None) or cause.args[-1]).replace("_", " ").lower()
            return f"{url} does not speak https ({why}); is its address one with http?"
        cause = cause.__cause__ or cause.__context__
    return f"nobody listens at {url}" if isinstance(error, httpx.ConnectError) else f"{url}: {error}"


def _detail(response: httpx.Response) -> str | None:
    """Return the reason that Scope gives; None if the answer is not Scope's own."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or "detail" not in body:
        return None
    detail = body["detail"]
    if isinstance(detail, list):  # what was wrong with a request, point by point
        points = [one for one in detail if isinstance(one, dict)]
        return "; ".join(f"{'.'.join(str(step) for step in _steps(one))}: {one.get('msg')}" for one in points)
    return str(detail)


def _steps(point: Mapping[str, Any]) -> Sequence[Any]:
    """Return where in a request a point is; `body` goes without saying."""
    place = point.get("loc")
    return [step for step in place if step != "body"] if isinstance(place, list) else ()
