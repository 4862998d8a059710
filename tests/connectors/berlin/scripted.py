"""A bank that answers what a test has written down, and notes what it was asked."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.connectors.berlin.far import HOME
from tests.pages.serving import served
from tillway.connectors.addresses import Reach
from tillway.connectors.berlin.aspsps import Aspsp
from tillway.connectors.berlin.connector import BerlinConnector
from tillway.connectors.berlin.seal import Seal
from tillway.connectors.outbound import Outbound

SAYS = Path(__file__).parent / "says"
PAGES = "https://login.bank.example"
PRODUCT = "/v1/payments/sepa-credit-transfers"
PAYMENT = f"{PRODUCT}/pmt-7f31b2"
START = 1_767_225_600.0


def said(name: str) -> bytes:
    """One of the example answers."""
    return (SAYS / f"{name}.json").read_bytes()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedBank:
    """Answers by method and path: status, body and header fields; nothing else is there."""

    answers: dict[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict[tuple[str, str], tuple[int, bytes]])
    approach: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])

    def says(self, method: str, path: str, body: bytes | str, status: int = 200) -> None:
        """What it answers from now on; a text is the name of an example."""
        self.answers[method, path] = (status, said(body) if isinstance(body, str) else body)

    def stands(self, status: str, sca: str = "") -> None:
        """How the payment stands, and how far its only authorisation is, where there is one."""
        self.says("GET", f"{PAYMENT}/status", b'{"transactionStatus": "%s"}' % status.encode())
        self.says("GET", f"{PAYMENT}/authorisations", "authorisations" if sca else b'{"authorisationIds": []}')
        self.says("GET", f"{PAYMENT}/authorisations/auth-1", b'{"scaStatus": "%s"}' % sca.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode().lower(): text.decode() for name, text in scope["headers"]}
        self.asked.append(Asked(scope["method"], scope["path"], headers, body))
        status, answer = self.answers.get((scope["method"], scope["path"]), (404, b'{"tppMessages": []}'))
        told = {"X-Request-ID": headers["x-request-id"].upper()}
        told |= {"ASPSP-SCA-Approach": self.approach} if self.approach else {}
        await Response(answer, status, told, "application/json")(scope, receive, send)


@asynccontextmanager
async def scripted(
    seal: Seal | None = None, headers: dict[str, str] | None = None
) -> AsyncGenerator[tuple[BerlinConnector, ScriptedBank]]:
    """A connector, and the bank that it knows as `bank`."""
    bank, outbound = ScriptedBank(), Outbound(Reach.SANDBOX)
    async with served(bank) as url:
        aspsp = Aspsp("bank", url, (PAGES,), headers=headers or {}, seal=seal)
        yield BerlinConnector([aspsp], outbound, lambda: START, HOME, 2.0), bank
        await outbound.close()
