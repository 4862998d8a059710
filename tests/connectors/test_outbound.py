"""The way out: which addresses it refuses, what it does not follow, and how much it reads."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.receivers import saying, served
from tillway.connectors.addresses import Reach, may_reach
from tillway.connectors.outbound import LONGEST_ANSWER, LONGEST_DOCUMENT, Outbound, Unanswered

pytestmark = pytest.mark.anyio

# What a URL may say to lead us to ourselves or to our neighbours, in all its spellings.
PRIVATE_URLS = [
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://127.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
    "https://localhost/",
    "https://localhost.localdomain/",
]

REFUSED_ADDRESSES = [
    "0.0.0.0",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
]

PUBLIC_ADDRESSES = ["1.1.1.1", "93.184.216.34", "172.32.0.1", "::ffff:1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1"]


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not may_reach(address, Reach.PUBLIC)


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
@pytest.mark.parametrize("reach", list(Reach))
def test_a_public_address_is_reached(address: str, reach: Reach) -> None:
    assert may_reach(address, reach)


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_the_sandbox_reaches_itself_but_no_neighbour(address: str) -> None:
    itself = ("127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1")
    assert may_reach(address, Reach.SANDBOX) is (address in itself)


@pytest.fixture
async def public(anyio_backend: str) -> AsyncIterator[Outbound]:
    opened = Outbound(Reach.PUBLIC)
    yield opened
    await opened.close()


@pytest.fixture
async def sandbox(anyio_backend: str) -> AsyncIterator[Outbound]:
    opened = Outbound(Reach.SANDBOX)
    yield opened
    await opened.close()


@pytest.mark.parametrize("url", PRIVATE_URLS)
async def test_production_calls_no_private_address_however_it_is_written(public: Outbound, url: str) -> None:
    reason = await _reason(public, url)
    # Odd spellings are no URL to the client, or no name to this machine's resolver: they never become an address.
    assert reason in ("address_refused", "url_refused", "name_unknown")


async def test_a_refused_address_is_not_even_connected_to(public: Outbound) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        port = listening.getsockname()[1]
        assert await _reason(public, f"https://127.0.0.1:{port}/") == "address_refused"
        assert await _reason(public, f"https://localhost:{port}/") == "address_refused"
        with pytest.raises(BlockingIOError):
            listening.accept()


async def test_the_address_that_a_sandbox_listens_at_is_connected_to_and_no_other() -> None:
    async with served(saying(b"no TLS here")) as url:
        port = url.rpartition(":")[2].partition("/")[0]
        itself = Outbound(Reach.PUBLIC, "127.0.0.1")
        assert await _reason(itself, f"https://127.0.0.1:{port}/") != "address_refused"
        assert await _reason(itself, f"https://127.0.0.2:{port}/") == "address_refused"
        await itself.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "//shop.example/",
        "https://",
        "https://user@shop.example/",
        "https://user:secret@shop.example/",
        "https://[::1/",
        "",
    ],
)
async def test_production_calls_only_https_without_credentials(public: Outbound, url: str) -> None:
    assert await _reason(public, url) == "url_refused"


async def test_the_sandbox_may_call_itself_over_http(sandbox: Outbound) -> None:
    async with served(saying(b"hello")) as url:
        answer = await sandbox.exchange("POST", url, {}, b"{}")
    assert (answer.status, answer.body) == (200, b"hello")


async def test_a_redirect_is_an_answer_and_is_not_followed(sandbox: Outbound) -> None:
    asked: list[str] = []

    async def redirect(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async with served(redirect) as url:
        assert (await sandbox.exchange("POST", url, {}, b"{}")).status == 302
    assert asked == ["/"]


async def test_no_more_than_the_beginning_of_an_answer_is_read(sandbox: Outbound) -> None:
    async with served(saying(b"x" * 1_000_000)) as url:
        answer = await sandbox.exchange("POST", url, {}, b"{}")
    assert answer.body == b"x" * LONGEST_ANSWER == b"x" * 2048


async def test_an_answer_that_never_ends_counts_by_its_status(sandbox: Outbound) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"begin")
        await asyncio.sleep(30)
        return response

    async with served(drip) as url:
        answer = await sandbox.exchange("POST", url, {}, b"{}", limit_seconds=0.3)
    assert (answer.status, answer.body) == (200, b"begin")


async def test_a_compressed_answer_is_not_blown_up(sandbox: Outbound) -> None:
    async def compressed(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\x1f\x8b\x08rubbish", headers={"Content-Encoding": "gzip"})

    async with served(compressed) as url:
        assert (await sandbox.exchange("POST", url, {}, b"{}")).body == b"\x1f\x8b\x08rubbish"


async def test_silence_ends_when_its_time_is_over(sandbox: Outbound) -> None:
    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async with served(silent) as url:
        assert await _reason(sandbox, url, limit_seconds=0.2) == "timed_out"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "connection_lost"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000 + b"\r\n", "not_http"),
    ],
)
async def test_what_is_not_a_proper_answer_is_none(sandbox: Outbound, said: bytes, reason: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await _reason(sandbox, f"http://127.0.0.1:{port}/") == reason


async def test_nobody_at_the_address_is_told_apart(sandbox: Outbound) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert await _reason(sandbox, f"http://127.0.0.1:{port}/") == "not_connected"
    assert await _reason(sandbox, "http://no-such-host.invalid/") == "name_unknown"


async def test_cookies_and_proxies_of_the_machine_are_not_used(
    sandbox: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    sent: list[str] = []

    async def tell(request: web.Request) -> web.StreamResponse:
        sent.append(request.headers.get("Cookie", ""))
        return web.Response(headers={"Set-Cookie": "a=b"})

    async with served(tell) as url:
        await sandbox.exchange("POST", url, {}, b"{}")
        await sandbox.exchange("POST", url, {}, b"{}")
    assert sent == ["", ""]


async def _reason(outbound: Outbound, url: str, limit_seconds: float = 5.0) -> str:
    with pytest.raises(Unanswered) as raised:
        await outbound.exchange("POST", url, {}, b"{}", limit_seconds=limit_seconds)
    return raised.value.reason


async def test_who_asks_is_given_a_longer_answer(sandbox: Outbound) -> None:
    async with served(saying(b"x" * LONGEST_DOCUMENT * 2, 422)) as url:
        assert await sandbox.ask("POST", url, {}, b"{}") == (422, b"x" * 65_536)


async def test_who_asks_and_is_not_answered_is_told_nothing(public: Outbound) -> None:
    assert await public.ask("GET", "https://127.0.0.1/", {}, b"") is None
