"""The front door: requests to an API go straight to it, everything else through Starlette's router."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from tillway.surfaces.common.api import Api


class Front:
    """Starlette's middleware and router cost as much as reading a body; an API needs neither.

    `neighbours` are apps of their own, each at a port of its own: what a request came in at is `scope["server"]`.
    """

    def __init__(
        self,
        apis: Sequence[Api[Any]],
        rest: ASGIApp,
        neighbours: Mapping[int, ASGIApp] = MappingProxyType({}),
    ) -> None:
        self._apis = tuple((prefix, api) for api in apis for prefix in api.prefixes)
        self._rest = rest
        self._neighbours = neighbours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if self._neighbours and (neighbour := self._neighbours.get(scope["server"][1])) is not None:
                await neighbour(scope, receive, send)
                return
            path: str = scope["path"]
            for prefix, api in self._apis:
                if path.startswith(prefix):
                    await api(scope, receive, send)
                    return
        await self._rest(scope, receive, send)
