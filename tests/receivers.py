"""Receivers of webhooks for tests: real HTTP servers on 127.0.0.1."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncGenerator[str]:
    """Serve every method and path with `handler`, at the address given; whoever still waits at the end is dropped."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def saying(body: bytes, status: int = 200) -> Handler:
    """A receiver that always answers the same."""

    async def say(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status)

    return say
