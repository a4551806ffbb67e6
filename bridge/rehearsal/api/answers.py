"""The shapes that Scope answers in, mistakes included, and the two faults that spoil every answer."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from bridge.rehearsal.library import Rejected
from bridge.rehearsal.requests import Invalid

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refusal(status: int, reason: str) -> web.Response:
    """Return an answer that says no."""
    return web.json_response({"detail": reason}, status=status)


def broken() -> web.Response:
    """Return the answer to what nobody has thought of: plain text, not JSON."""
    return web.Response(status=500, text="Internal Server Error")


async def missing(request: web.Request) -> web.Response:
    """Answer for what is not there."""
    return refusal(404, "Not Found")


async def not_built(request: web.Request) -> web.Response:
    """Answer for any other page: there is no browser interface here."""
    if request.path == "/":
        return web.json_response({"message": "Scope API - Frontend not built"})
    return refusal(404, "Frontend not built")


@web.middleware
async def as_fastapi(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say what goes wrong in the shapes that Scope says it in."""
    try:
        return await handler(request)
    except Invalid as error:
        return web.json_response({"detail": error.problems}, status=422)
    except Rejected as error:
        return refusal(error.status, str(error))
    except web.HTTPMethodNotAllowed as error:
        answer = refusal(405, "Method Not Allowed")
        answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except web.HTTPException:
        raise
    except Exception:
        logger.exception("%s %s", request.method, request.path)
        return broken()


@dataclass(slots=True)
class Ailments:
    """What is wrong with every answer. What is our own is always answered: somebody must be able to heal it."""

    errors: bool = False
    """Whether every answer but that of /health is a 500."""
    garbage: bool = False
    """Whether every JSON answer is cut in the middle."""

    @property
    def middleware(self) -> Middleware:
        """What spoils the answers."""

        @web.middleware
        async def spoiled(request: web.Request, handler: Handler) -> web.StreamResponse:
            ours = request.path.startswith("/rehearsal/")
            if self.errors and not ours and request.path != "/health":
                return broken()
            answer = await handler(request)
            if not self.garbage or ours or not isinstance(answer, web.Response):
                return answer
            if answer.content_type == "application/json" and isinstance(answer.body, bytes):
                answer.body = answer.body[: len(answer.body) // 2]
            return answer

        return spoiled


def whole(request: web.Request, name: str, usual: int, low: int, high: int | None = None) -> int:
    """Return a whole number of the query. Raise `Invalid` if it is none, or out of its range."""
    text = request.query.get(name)
    if text is None:
        return usual
    problem: dict[str, Any] = {"loc": ["query", name], "input": text}
    try:
        number = int(text)
    except ValueError:
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise Invalid([{"type": "int_parsing", "msg": message, **problem}]) from None
    if number < low:
        message = f"Input should be greater than or equal to {low}"
        raise Invalid([{"type": "greater_than_equal", "msg": message, **problem, "ctx": {"ge": low}}])
    if high is not None and number > high:
        message = f"Input should be less than or equal to {high}"
        raise Invalid([{"type": "less_than_equal", "msg": message, **problem, "ctx": {"le": high}}])
    return number


def required(request: web.Request, name: str) -> str:
    """Return a text of the query. Raise `Invalid` without one."""
    text = request.query.get(name)
    if text is None:
        raise Invalid([{"type": "missing", "loc": ["query", name], "msg": "Field required", "input": None}])
    return text
