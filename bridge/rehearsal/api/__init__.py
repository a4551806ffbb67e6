"""The rehearsal server's HTTP side: one module for each part of Scope's API, and one for what is our own."""

from collections.abc import Iterable

from aiohttp import web

from bridge.rehearsal.api.answers import Ailments, as_fastapi, missing, not_built
from bridge.rehearsal.dialect import Dialect

_LARGEST = 2**30
"""How large a body may be, in bytes: Scope itself knows no limit."""


def application(routes: Iterable[web.RouteDef], dialect: Dialect, ailments: Ailments) -> web.Application:
    """Return the application that answers these routes, as far as the dialect has them, and all others as Scope does."""
    whole = web.Application(middlewares=[ailments.middleware, as_fastapi], client_max_size=_LARGEST)
    whole.add_routes([route for route in routes if dialect.has(route.method, route.path)])
    # Sessions without WebRTC are not played here.
    whole.add_routes([web.post(f"/api/v1/session/{what}", missing) for what in ("start", "stop")])
    whole.add_routes([web.get("/{path:.*}", not_built)])
    return whole
