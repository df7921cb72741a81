"""Whom the simulator answers: programs of this machine, and its own page. A page of another site must not drive it."""

import ipaddress

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL


@web.middleware
async def refuse_foreign(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for a host that is not loopback's own name (DNS rebinding), and for another origin than the page's.

    Browsers say where a request that changes something comes from; programs (the bot) say nothing.
    """
    refuse_foreign_host(request)
    if "Origin" in request.headers:
        refuse_foreign_origin(request)
    return await handler(request)


def refuse_foreign_host(request: web.Request) -> None:
    """A name that an attacker points at 127.0.0.1 is not ours: only loopback's own names are."""
    host = URL(f"//{request.host}").host or ""
    if host != "localhost":
        try:
            if ipaddress.ip_address(host).is_loopback:
                return
        except ValueError:
            pass
        raise web.HTTPForbidden(text="This page answers to loopback addresses only.")


def refuse_foreign_origin(request: web.Request) -> None:
    if request.headers.get("Origin") != f"{request.scheme}://{request.host}":
        raise web.HTTPForbidden(text="Only the page itself may do this.")
