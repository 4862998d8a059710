"""The only way out over HTTP: to addresses we may reach, without redirects, within limits of time and size."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from tillway.connectors.addresses import Reach, may_reach

MOST_CONNECTIONS = 256
MOST_HEADERS = 100
LONGEST_HEADER = 8 * 1024
LONGEST_ANSWER = 2 * 1024
LONGEST_DOCUMENT = 64 * 1024
LIMIT_SECONDS = 15.0
IDLE_SECONDS = 5.0
USER_AGENT = "Tillway"


class Unanswered(Exception):
    """No answer came; `reason` is a word of ours, and nothing is known of what the far side did."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AddressRefused(OSError):
    """The address is not one we may connect to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `body` is its first bytes, as many as were asked for; `retry_after` the header, or empty.

    `headers` are found by name in any case.
    """

    status: int
    body: bytes
    retry_after: str
    headers: Mapping[str, str]


class Outbound:
    """A pool of connections to the outside.

    Every address is judged when its socket is made, after the name was resolved: a name that resolves to something
    else the second time, or an address written in an odd way, gains nothing. Proxies, cookies and `.netrc` of the
    machine are not used. `own_host` is an address of this machine that may be called too: where a sandbox listens.
    """

    def __init__(self, reach: Reach, own_host: str = "") -> None:
        self._reach = reach
        self._own_host = own_host
        self._session: aiohttp.ClientSession | None = None

    async def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        limit_seconds: float = LIMIT_SECONDS,
        longest_answer: int = LONGEST_ANSWER,
        tls: ssl.SSLContext | None = None,
    ) -> Answer:
        """Send one request and read the beginning of its answer, whatever the status. Raises Unanswered.

        `tls` has the certificate that we show to a far side which wants one; each has connections of its own.
        """
        if not self._may_call(url):
            raise Unanswered("url_refused")
        try:
            async with self._opened().request(
                method,
                url,
                data=body or None,
                headers=headers,
                allow_redirects=False,
                ssl=True if tls is None else tls,
                timeout=aiohttp.ClientTimeout(total=limit_seconds),
            ) as response:
                start = await _start_of(response, longest_answer)
                return Answer(response.status, start, response.headers.get("Retry-After", ""), response.headers)
        except TimeoutError:
            raise Unanswered("timed_out") from None
        except aiohttp.InvalidURL:
            raise Unanswered("url_refused") from None
        except aiohttp.ClientConnectorCertificateError:
            raise Unanswered("certificate_refused") from None
        except aiohttp.ClientConnectorDNSError:
            raise Unanswered("name_unknown") from None
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, AddressRefused)
            raise Unanswered("address_refused" if refused else "not_connected") from None
        except (aiohttp.ClientConnectionError, OSError):
            raise Unanswered("connection_lost") from None
        except (aiohttp.ClientError, ValueError):
            raise Unanswered("not_http") from None

    async def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> tuple[int, bytes] | None:
        """As `exchange`, for longer answers: the status and the body; None if no answer came."""
        try:
            answer = await self.exchange(
                method, url, headers, body, limit_seconds=limit_seconds, longest_answer=LONGEST_DOCUMENT
            )
        except Unanswered:
            return None
        return answer.status, answer.body

    async def close(self) -> None:
        """Drop every connection."""
        if self._session is not None:
            await self._session.close()

    def _may_call(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        schemes = ("https", "http") if self._reach is Reach.SANDBOX else ("https",)
        return parts.scheme in schemes and bool(parts.hostname) and "@" not in parts.netloc

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_Resolver(),
                    socket_factory=self._socket,
                    limit=MOST_CONNECTIONS,
                    keepalive_timeout=IDLE_SECONDS,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
                auto_decompress=False,
                trust_env=False,
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
                max_headers=MOST_HEADERS,
            )
        return self._session

    def _socket(self, found: "tuple[int, int, int, str, tuple[Any, ...]]") -> socket.socket:
        family, kind, protocol, _, address = found
        if address[0] != self._own_host and not may_reach(address[0], self._reach):
            raise AddressRefused("not an address we may connect to")
        return socket.socket(family, kind, protocol)


class _Resolver(AbstractResolver):
    """Looks names up in threads of its own, one for each connection: a slow name server delays no other name."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MOST_CONNECTIONS, "resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        look_up = partial(socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


async def _start_of(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The first bytes of an answer; a status that is known counts, even if the rest never comes."""
    start = bytearray()
    try:
        while len(start) < most and (piece := await response.content.read(most - len(start))):
            start += piece
    except (TimeoutError, aiohttp.ClientError):
        response.close()
    if not response.content.at_eof():
        response.close()
    return bytes(start)
