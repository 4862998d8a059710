"""Far sides that want to see our certificate: only who was given it connects with it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.connectors.berlin.certificates import Certificate, certificate
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound, Unanswered

pytestmark = pytest.mark.anyio

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def context_with(purpose: ssl.Purpose, own: Certificate, authority: Certificate, folder: Path) -> ssl.SSLContext:
    """A side of TLS that shows a certificate, and believes those of an authority."""
    pem, key = folder / "own.pem", folder / "own.key"
    pem.write_bytes(own.pem)
    key.write_bytes(own.key_pem)
    context = ssl.create_default_context(purpose, cadata=authority.pem.decode())
    context.load_cert_chain(pem, key)
    return context


@pytest.fixture
async def bank(anyio_backend: str, tmp_path: Path) -> AsyncIterator[tuple[str, ssl.SSLContext]]:
    """The address of a server that wants a certificate, and our side with one that it believes."""
    authority = certificate("Authority", authority=True)
    theirs = context_with(ssl.Purpose.CLIENT_AUTH, certificate("Bank", authority), authority, tmp_path)
    theirs.verify_mode = ssl.CERT_REQUIRED
    ours = context_with(ssl.Purpose.SERVER_AUTH, certificate("Us", authority), authority, tmp_path)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=theirs)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", ours


async def test_who_shows_the_certificate_is_answered(bank: tuple[str, ssl.SSLContext]) -> None:
    url, ours = bank
    outbound = Outbound(Reach.SANDBOX)
    answer = await outbound.exchange("GET", url, {}, b"", tls=ours)
    assert (answer.status, answer.body) == (200, b"{}")
    await outbound.close()


async def test_who_shows_none_is_not(bank: tuple[str, ssl.SSLContext]) -> None:
    url, ours = bank
    bare = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(ours.get_ca_certs(binary_form=True)[-1]))
    outbound = Outbound(Reach.SANDBOX)
    await outbound.exchange("GET", url, {}, b"", tls=ours)
    for tls in (bare, None):
        with pytest.raises(Unanswered):
            await outbound.exchange("GET", url, {}, b"", tls=tls)
    await outbound.close()
