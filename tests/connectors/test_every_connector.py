"""What every connector must do, whoever is behind it: one suite, run on each of them."""

import time
from collections.abc import AsyncIterator

import pytest

from tests.connectors.issuer import EMPTY_CARD, SECRET, pretend_issuer
from tillway.connectors.addresses import Reach
from tillway.connectors.http import HttpIssuer, HttpIssuerConnector
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Connector, Operation
from tillway.connectors.simulator import IssuerSimulator
from tillway.domain.outcomes import Declined, Outcome, Paid

pytestmark = pytest.mark.anyio

GOOD_CARD = "6061001100000000004"
FAILING_CARDS = {"simulator": "6061005400000000009", "http": EMPTY_CARD}
KEEPS_NOTHING = ("simulator",)


@pytest.fixture(params=["simulator", "http"])
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def connector(name: str, anyio_backend: str) -> AsyncIterator[Connector]:
    """Each connector in turn, with someone real to talk to."""
    if name == "simulator":
        yield IssuerSimulator()
        return
    outbound = Outbound(Reach.SANDBOX)
    async with pretend_issuer() as issuer:
        yield HttpIssuerConnector(HttpIssuer(issuer.url, SECRET), outbound, time.time)
        await outbound.close()


def operation(number: str = GOOD_CARD, identity: str = "p-1", amount: int = 100_00) -> Operation:
    return Operation(identity, number, amount, "NOK")


async def test_what_is_begun_twice_happens_once_and_answers_the_same(connector: Connector) -> None:
    assert await connector.begin(operation()) == Paid()
    assert await connector.begin(operation()) == Paid()


async def test_a_look_up_agrees_with_what_was_answered(connector: Connector, name: str) -> None:
    for number, identity in ((GOOD_CARD, "p-1"), (FAILING_CARDS[name], "p-2")):
        begun = await connector.begin(operation(number, identity))
        assert await connector.look_up(operation(number, identity)) == begun


async def test_a_plain_no_says_why_in_a_word_of_ours(connector: Connector, name: str) -> None:
    outcome = await connector.begin(operation(FAILING_CARDS[name]))
    assert isinstance(outcome, Declined)
    assert outcome.reason.startswith("issuer_")


async def test_a_reversal_may_be_repeated(connector: Connector) -> None:
    await connector.begin(operation())
    assert await connector.reverse(operation()) == Paid()
    assert await connector.reverse(operation()) == Paid()


async def test_what_is_reversed_before_it_arrives_never_happens(connector: Connector, name: str) -> None:
    assert await connector.reverse(operation()) == Paid()
    if name not in KEEPS_NOTHING:
        assert isinstance(await connector.begin(operation()), Declined)


async def test_what_was_reversed_is_looked_up_as_declined(connector: Connector, name: str) -> None:
    await connector.begin(operation())
    await connector.reverse(operation())
    if name not in KEEPS_NOTHING:
        assert isinstance(await connector.look_up(operation()), Declined)


async def test_an_operation_that_never_arrived_cannot_happen_once_it_was_looked_up(
    connector: Connector, name: str
) -> None:
    if name in KEEPS_NOTHING:
        number, never = "6061005300000000001", Declined("issuer_never_received")
        assert await connector.look_up(operation(number)) == never
        return
    assert await connector.look_up(operation()) == Declined("issuer_never_received")
    assert isinstance(await connector.begin(operation()), Declined)


async def test_a_refund_may_be_repeated_and_more_than_one_may_follow(connector: Connector) -> None:
    await connector.begin(operation())
    first, second = operation(identity="p-1-r1", amount=40_00), operation(identity="p-1-r2", amount=60_00)
    outcomes: list[Outcome] = [await connector.refund(each, "p-1") for each in (first, first, second)]
    assert outcomes == [Paid(), Paid(), Paid()]


async def test_an_operation_does_not_show_its_card(connector: Connector) -> None:
    assert GOOD_CARD not in repr(operation())
