"""The far sides of every connector as the shared suite sees them: one to talk to, its payer, its faults, its calls."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from tests import gateway
from tests.acquiring import JOURNEY, NAME, SECRET, acquirer_beside
from tests.connectors.berlin.far import berlin_far
from tests.connectors.faults import Faulty
from tests.connectors.issuer import EMPTY_CARD, Fault, PretendIssuer, pretend_issuer
from tests.connectors.issuer import SECRET as ISSUER_SECRET
from tests.connectors.stripe.far import stripe_far
from tillway.commands import pretending
from tillway.commands.tools import Tools
from tillway.connectors.acquirer import Acquirer, AcquirerConnector
from tillway.connectors.addresses import Reach
from tillway.connectors.http import HttpIssuer, HttpIssuerConnector
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Connector, Operation
from tillway.connectors.signatures import Signatures
from tillway.connectors.simulator import IssuerSimulator
from tillway.domain.published import BY_CODE
from tillway.store.opening import open_store
from tillway.surfaces.sandbox.acquirer.protocol import PREFIX

GOOD_CARD = "6061001100000000004"
FAILING_CARD = "6061005400000000009"
NEVER_SEEN_CARD = "6061005300000000001"
LIMIT_SECONDS = 0.5

Call = tuple[dict[str, str], bytes]
"""The header fields, with lower-case names, and the body of a callback."""


class Far(Protocol):
    """What the suite needs of a far side.

    `remembers` what it did; one that does not decides by the card alone. `is_over_http` has answers that can be
    garbled. `calls_us`: it tells of outcomes by itself. `gives_back`: it takes refunds.
    """

    connector: Connector
    remembers: bool
    is_over_http: bool
    calls_us: bool
    gives_back: bool

    def operation(self, identity: str = ..., amount: int = ..., *, fails: bool = False) -> Operation:
        """One that is paid, or one that is declined, once the payer has done what it takes."""
        ...

    async def pay(self, operation: Operation, *, fails: bool = False) -> None:
        """Do the payer's part of an operation that was begun."""
        ...

    def strike(self, fault: Fault | None) -> None:
        """Have this go wrong with every answer from now on; None: nothing more."""
        ...

    async def taken(self, identity: str) -> int:
        """What the far side has of an operation's money by now, in minor units."""
        ...

    async def callback(self, identity: str) -> Call:
        """What it sends when it tells of an operation that is paid, signed at this moment."""
        ...

    def signed(self, body: bytes, at: float) -> Call:
        """Any body with a right signature of the moment `at` (seconds since 1970)."""
        ...


@dataclass
class SimulatorFar:
    """The issuer simulator, which is its own far side."""

    connector: Connector = field(default_factory=IssuerSimulator)
    remembers: bool = False
    is_over_http: bool = False
    calls_us: bool = False
    gives_back: bool = True

    def operation(self, identity: str = "p-1", amount: int = 100_00, *, fails: bool = False) -> Operation:
        return Operation(identity, FAILING_CARD if fails else GOOD_CARD, amount, "NOK")

    async def pay(self, operation: Operation, *, fails: bool = False) -> None:
        raise AssertionError("gift cards have no payer to wait for")

    def strike(self, fault: Fault | None) -> None:
        raise AssertionError("the simulator has no wire")

    async def taken(self, identity: str) -> int:
        raise AssertionError("the simulator keeps nothing")

    async def callback(self, identity: str) -> Call:
        raise AssertionError("the simulator calls nobody")

    def signed(self, body: bytes, at: float) -> Call:
        raise AssertionError("the simulator calls nobody")


@dataclass
class IssuerFar:
    """An issuer over HTTP."""

    connector: Connector
    issuer: PretendIssuer
    remembers: bool = True
    is_over_http: bool = True
    calls_us: bool = False
    gives_back: bool = True

    def operation(self, identity: str = "p-1", amount: int = 100_00, *, fails: bool = False) -> Operation:
        return Operation(identity, EMPTY_CARD if fails else GOOD_CARD, amount, "NOK")

    async def pay(self, operation: Operation, *, fails: bool = False) -> None:
        raise AssertionError("gift cards have no payer to wait for")

    def strike(self, fault: Fault | None) -> None:
        self.issuer.fault = fault

    async def taken(self, identity: str) -> int:
        known = self.issuer.authorisations[identity]
        return known.amount if known.state == "approved" else 0

    async def callback(self, identity: str) -> Call:
        raise AssertionError("an issuer calls nobody")

    def signed(self, body: bytes, at: float) -> Call:
        return Signatures(ISSUER_SECRET).headers("callback-1", body, at), body


@dataclass
class AcquirerFar:
    """The pretend acquirer, behind something that garbles what it says."""

    connector: Connector
    tools: Tools
    wire: Faulty
    remembers: bool = True
    is_over_http: bool = True
    calls_us: bool = True
    gives_back: bool = True

    def operation(self, identity: str = "p-1", amount: int = 100_00, *, fails: bool = False) -> Operation:
        return Operation(identity, "", amount, "NOK", "card", journey=JOURNEY)

    async def pay(self, operation: Operation, *, fails: bool = False) -> None:
        code = "insufficient_funds" if fails else "paid"
        await pretending.enter_card(self.tools, operation.id, BY_CODE[code])

    def strike(self, fault: Fault | None) -> None:
        self.wire.fault = fault

    async def taken(self, identity: str) -> int:
        known = await pretending.look_up(self.tools, identity)
        if known is None or known.terms is None or known.state != "paid":
            return 0
        return known.terms.amount - sum(one.amount for one in known.refunds if one.state == "paid")

    async def callback(self, identity: str) -> Call:
        body = msgspec.json.encode({"payment": {"id": identity, "reference": "r", "state": "paid"}})
        return self.signed(body, time.time())

    def signed(self, body: bytes, at: float) -> Call:
        return Signatures(SECRET).headers("callback-1", body, at), body


@asynccontextmanager
async def simulator_far(_: str) -> AsyncGenerator[Far]:
    """The simulator."""
    yield SimulatorFar()


@asynccontextmanager
async def issuer_far(_: str) -> AsyncGenerator[Far]:
    """An issuer that listens."""
    outbound = Outbound(Reach.SANDBOX)
    async with pretend_issuer() as issuer:
        speaks = HttpIssuer(issuer.url, ISSUER_SECRET, LIMIT_SECONDS)
        yield IssuerFar(HttpIssuerConnector(speaks, outbound, time.time), issuer)
        await outbound.close()


@asynccontextmanager
async def acquirer_far(database: str) -> AsyncGenerator[Far]:
    """An acquirer that listens, with its books in a database of ours."""
    outbound = Outbound(Reach.SANDBOX)
    store = open_store(database)
    tools = gateway.tools_on(store)
    async with acquirer_beside(tools) as (url, wire):
        acquirer = Acquirer(url + PREFIX, SECRET, url, f"{url}/callbacks/{NAME}", LIMIT_SECONDS)
        yield AcquirerFar(AcquirerConnector(acquirer, outbound, time.time), tools, wire)
        await outbound.close()
    await tools.committer.close()
    await store.close()


FARS = {
    "simulator": simulator_far,
    "issuer over HTTP": issuer_far,
    "acquirer": acquirer_far,
    "stripe": stripe_far,
    "berlin": berlin_far,
}
"""Every connector's far side by name, given a fresh database for one that needs any: a new connector is one line."""


def about(operation: Operation, identity: str, amount: int) -> Operation:
    """Another operation on the same instrument: a refund, as we send it."""
    return replace(operation, id=identity, amount=amount, journey=None)
