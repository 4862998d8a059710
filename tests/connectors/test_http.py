"""The HTTP issuer's connector against a real server that fails in every way: only a plain answer counts."""

import time
from collections.abc import AsyncIterator

import pytest

from tests.connectors.issuer import SECRET, Fault, PretendIssuer, pretend_issuer
from tillway.connectors.addresses import Reach
from tillway.connectors.http import HttpIssuer, HttpIssuerConnector
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Operation
from tillway.domain.outcomes import Declined, Paid, Pending

pytestmark = pytest.mark.anyio

OPERATION = Operation("018f-1", "6061001100000000004", 100_00, "NOK")
REFUND = Operation("018f-1-r1", "6061001100000000004", 30_00, "NOK")


@pytest.fixture
async def issuer(anyio_backend: str) -> AsyncIterator[PretendIssuer]:
    async with pretend_issuer() as pretended:
        yield pretended


@pytest.fixture
async def outbound(anyio_backend: str) -> AsyncIterator[Outbound]:
    opened = Outbound(Reach.SANDBOX)
    yield opened
    await opened.close()


@pytest.fixture
def connector(issuer: PretendIssuer, outbound: Outbound) -> HttpIssuerConnector:
    return HttpIssuerConnector(HttpIssuer(issuer.url, SECRET, limit_seconds=0.5), outbound, time.time)


@pytest.mark.parametrize("fault", list(Fault))
async def test_whatever_goes_wrong_is_pending_and_a_look_up_tells(
    connector: HttpIssuerConnector, issuer: PretendIssuer, fault: Fault
) -> None:
    issuer.fault = fault
    assert await connector.begin(OPERATION) == Pending()
    issuer.fault = None
    assert await connector.look_up(OPERATION) == Paid()
    assert issuer.taken() == 1


@pytest.mark.parametrize("fault", list(Fault))
async def test_no_fault_makes_a_look_up_a_reversal_or_a_refund_lie(
    connector: HttpIssuerConnector, issuer: PretendIssuer, fault: Fault
) -> None:
    await connector.begin(OPERATION)
    issuer.fault = fault
    assert await connector.look_up(OPERATION) == Pending()
    assert await connector.refund(REFUND, OPERATION.id) == Pending()
    assert await connector.reverse(OPERATION) == Pending()


async def test_a_begin_that_was_answered_too_late_is_not_taken_twice(
    connector: HttpIssuerConnector, issuer: PretendIssuer
) -> None:
    issuer.fault = Fault.CLOSES
    assert await connector.begin(OPERATION) == Pending()
    issuer.fault = None
    assert await connector.begin(OPERATION) == Paid()
    assert issuer.taken() == 1


async def test_a_refund_cut_short_is_sent_again_and_given_back_once(
    connector: HttpIssuerConnector, issuer: PretendIssuer
) -> None:
    await connector.begin(OPERATION)
    issuer.fault = Fault.ANSWERS_500
    assert await connector.refund(REFUND, OPERATION.id) == Pending()
    issuer.fault = None
    assert await connector.refund(REFUND, OPERATION.id) == Paid()
    assert issuer.authorisations[OPERATION.id].amount == 70_00


async def test_a_refund_of_more_than_was_taken_is_declined(
    connector: HttpIssuerConnector, issuer: PretendIssuer
) -> None:
    await connector.begin(OPERATION)
    more = Operation("018f-1-r2", OPERATION.instrument, 200_00, "NOK")
    assert await connector.refund(more, OPERATION.id) == Declined("issuer_declined")


async def test_an_operation_the_issuer_never_saw_is_barred_before_we_say_so(
    connector: HttpIssuerConnector, issuer: PretendIssuer
) -> None:
    issuer.deaf = True
    issuer.fault = Fault.HANGS
    assert await connector.begin(OPERATION) == Pending()
    assert await connector.look_up(OPERATION) == Pending()
    issuer.deaf, issuer.fault = False, None
    assert await connector.look_up(OPERATION) == Declined("issuer_never_received")
    assert await connector.begin(OPERATION) == Declined("issuer_reversed")
    assert issuer.taken() == 0


async def test_an_issuer_that_is_not_there_leaves_everything_pending(outbound: Outbound) -> None:
    async with pretend_issuer() as gone:
        url = gone.url
    connector = HttpIssuerConnector(HttpIssuer(url, SECRET, limit_seconds=0.5), outbound, time.time)
    assert await connector.begin(OPERATION) == Pending()
    assert await connector.look_up(OPERATION) == Pending()
    assert await connector.reverse(OPERATION) == Pending()


async def test_every_request_is_signed_and_names_what_it_asks(
    connector: HttpIssuerConnector, issuer: PretendIssuer
) -> None:
    await connector.begin(OPERATION)
    await connector.look_up(OPERATION)
    await connector.refund(REFUND, OPERATION.id)
    await connector.reverse(OPERATION)
    assert issuer.unsigned == 0
    assert issuer.requests == [
        "POST /authorisations",
        "GET /authorisations/018f-1",
        "POST /authorisations/018f-1/refunds",
        "POST /authorisations/018f-1/reversal",
    ]


async def test_another_secret_is_refused_by_the_issuer_and_leaves_the_outcome_open(
    issuer: PretendIssuer, outbound: Outbound
) -> None:
    other = HttpIssuer(issuer.url, "whsec_" + "A" * 40, limit_seconds=0.5)
    assert await HttpIssuerConnector(other, outbound, time.time).begin(OPERATION) == Pending()
    assert issuer.unsigned == 1


def test_the_secret_of_an_issuer_is_not_shown() -> None:
    assert SECRET not in repr(HttpIssuer("https://issuer.example", SECRET))
