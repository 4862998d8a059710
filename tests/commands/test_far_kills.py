"""A process that dies while a payer pays at the acquirer: another finds everything out, and nothing happens twice."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import pytest

from tests.acquiring import NAME, FarShop, far_shop
from tests.gateway import clock_of, refund
from tillway.commands import pretending
from tillway.commands.expiry import expire
from tillway.commands.outcomes import give_up, resolve_call, resolve_late, resolve_reversals
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback, Connector, Operation
from tillway.domain.outcomes import Declined, Outcome, Pending
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.pretended import PretendedState
from tillway.domain.published import BY_CODE
from tillway.domain.reasons import Reason
from tillway.domain.refunds import RefundState
from tillway.queries import payments

pytestmark = pytest.mark.anyio


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Dying:
    """A connector whose process dies at its next call: before the far side is reached, or before its answer is."""

    connector: Connector
    reaches: bool
    limit_seconds: float = 5.0

    async def begin(self, operation: Operation) -> Outcome:
        if self.reaches:
            await self.connector.begin(operation)
        raise Killed

    async def look_up(self, operation: Operation) -> Outcome:
        raise Killed

    async def reverse(self, operation: Operation) -> Outcome:
        if self.reaches:
            await self.connector.reverse(operation)
        raise Killed

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        if self.reaches:
            await self.connector.refund(operation, refunded_id)
        raise Killed

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        raise Killed


@pytest.fixture
async def shop(tools: Tools) -> AsyncIterator[FarShop]:
    async with far_shop(tools) as made:
        yield made


@pytest.fixture
def other(shop: FarShop, second: Tools) -> Tools:
    """Another process of the same gateway."""
    return replace(second, connectors=shop.tools.connectors, methods=shop.tools.methods)


def dying(shop: FarShop, *, reaches: bool) -> Tools:
    """The tools of a process that is about to die."""
    return replace(shop.tools, connectors={NAME: Dying(shop.tools.connectors[NAME], reaches)})


async def test_killed_before_the_acquirer_was_asked_the_payment_is_barred_there_and_open_again(
    shop: FarShop, other: Tools
) -> None:
    opened = await shop.open()
    with pytest.raises(Killed):
        await shop.begin(opened, tools=dying(shop, reaches=False))
    cut_short = await shop.attempt(opened.payment.id)
    assert cut_short.state is AttemptState.OPEN
    assert await pretending.look_up(shop.tools, cut_short.operation_id) is None
    await shop.resolve(tools=other)
    standing = await shop.standing(opened.payment.id)
    assert standing.payment.state is PaymentState.SEEN
    assert standing.attempts[-1].reason == Reason.NEVER_RECEIVED
    late = Operation(cut_short.operation_id, "", 250_00, "NOK", "card", journey=shop.journey)
    assert isinstance(await shop.tools.connectors[NAME].begin(late), Declined)
    await shop.at_the_acquirer("paid", standing)
    await shop.tell()
    assert (await shop.standing(opened.payment.id)).payment.paid == 250_00


async def test_killed_before_the_answer_was_kept_a_look_up_finds_where_the_payer_has_to_go(
    shop: FarShop, other: Tools
) -> None:
    opened = await shop.open()
    with pytest.raises(Killed):
        await shop.begin(opened, tools=dying(shop, reaches=True))
    assert (await shop.attempt(opened.payment.id)).step_url == ""
    await shop.resolve(tools=other)
    found = await shop.attempt(opened.payment.id)
    assert found.state is AttemptState.OPEN
    assert found.step_url.startswith(shop.acquirer)
    await pretending.enter_card(shop.tools, found.operation_id, BY_CODE["paid"])
    await shop.tell()
    assert (await shop.standing(opened.payment.id)).payment.state is PaymentState.BOOKED


async def test_killed_before_the_answer_was_kept_the_acquirer_may_tell_first(shop: FarShop, other: Tools) -> None:
    opened = await shop.open()
    with pytest.raises(Killed):
        await shop.begin(opened, tools=dying(shop, reaches=True))
    operation = (await shop.attempt(opened.payment.id)).operation_id
    await pretending.enter_card(shop.tools, operation, BY_CODE["paid"])
    await shop.tell()
    await shop.resolve(tools=other)
    standing = await shop.standing(opened.payment.id)
    assert (standing.payment.state, standing.payment.paid) == (PaymentState.BOOKED, 250_00)


async def test_a_payment_whose_process_died_is_not_begun_a_second_time_beside_it(shop: FarShop, other: Tools) -> None:
    opened = await shop.open()
    with pytest.raises(Killed):
        await shop.begin(opened, tools=dying(shop, reaches=True))
    await give_up(other, opened.payment.id)
    standing = await shop.standing(opened.payment.id)
    assert standing.payment.state is PaymentState.SEEN
    [first] = standing.attempts
    await shop.at_the_acquirer("paid", standing)
    await pretending.enter_card(shop.tools, first.operation_id, BY_CODE["paid"])
    await shop.tell()
    assert (await shop.known_there(first.operation_id)).state is PretendedState.CANCELLED
    assert (await shop.standing(opened.payment.id)).payment.paid == 250_00


async def test_an_acquirer_that_died_before_it_called_calls_once_it_is_back(shop: FarShop, second: Tools) -> None:
    begun = await shop.at_the_acquirer("paid")
    operation = begun.attempts[-1].operation_id
    taken = await pretending.take_calls(second, operation)
    assert taken is not None
    assert len(taken.calls) == 1
    await shop.tell(4)
    assert shop.hears.came == []
    await shop.tell(1)
    assert (await shop.standing(begun.payment.id)).payment.state is PaymentState.BOOKED


async def test_an_acquirer_that_died_after_it_called_calls_again_and_nothing_happens_twice(
    shop: FarShop, second: Tools
) -> None:
    begun = await shop.at_the_acquirer("paid")
    operation = begun.attempts[-1].operation_id
    clock = clock_of(shop.tools)
    await shop.tell()
    once = await shop.standing(begun.payment.id)
    known = await shop.known_there(operation)
    assert known.calls == ()
    again = await shop.at_the_acquirer("told_twice")
    taken = await pretending.take_calls(second, again.attempts[-1].operation_id)
    assert taken is not None
    clock.advance(5)
    await shop.tell()
    assert [one.believed for one in shop.hears.came] == [True] * 3
    assert (await shop.standing(again.payment.id)).payment.paid == 250_00
    assert await shop.standing(begun.payment.id) == once


@pytest.mark.parametrize("reaches", [False, True])
async def test_killed_while_a_refund_is_asked_for_it_is_given_once(shop: FarShop, other: Tools, reaches: bool) -> None:
    standing = await shop.paid()
    with pytest.raises(Killed):
        await refund(dying(shop, reaches=reaches), shop.client, standing.payment.id, 100_00)
    await shop.resolve(tools=other)
    [given] = await payments.refunds(shop.tools.store, standing.payment.id)
    assert given.state is RefundState.BOOKED
    [there] = (await shop.known_there(standing.attempts[-1].operation_id)).refunds
    assert (there.amount, there.state) == (100_00, PretendedState.PAID)


@pytest.mark.parametrize("reaches", [False, True])
async def test_killed_while_an_expired_payment_is_undone_it_is_undone_by_another(
    shop: FarShop, other: Tools, reaches: bool
) -> None:
    begun = await shop.begin(await shop.open(lasts_seconds=600))
    clock_of(shop.tools).advance(601)
    await expire(shop.tools, begun.payment.id)
    await resolve_call(shop.tools, begun.payment.id, may_begin=False)
    with pytest.raises(Killed):
        await resolve_reversals(dying(shop, reaches=reaches), begun.payment.id)
    await shop.resolve(tools=other)
    standing = await shop.standing(begun.payment.id)
    assert standing.payment.state is PaymentState.PROCESSING_EXPIRED
    assert standing.attempts[-1].state is AttemptState.WITHDRAWN
    assert (await shop.known_there(standing.attempts[-1].operation_id)).state is PretendedState.CANCELLED


@pytest.mark.parametrize("reaches", [False, True])
async def test_killed_while_late_money_is_given_back_it_goes_back_once(
    shop: FarShop, other: Tools, reaches: bool
) -> None:
    begun = await shop.at_the_acquirer("paid_late", await shop.open(lasts_seconds=600))
    await shop.resolve(601)
    await shop.tell(2)
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.LATE
    with pytest.raises(Killed):
        await resolve_late(dying(shop, reaches=reaches), begun.payment.id)
    await shop.resolve(tools=other)
    attempt = await shop.attempt(begun.payment.id)
    assert attempt.state is AttemptState.RETURNED
    [there] = (await shop.known_there(attempt.operation_id)).refunds
    assert there.amount == 250_00


async def test_a_payer_who_waits_while_processes_die_is_never_charged_twice(shop: FarShop, other: Tools) -> None:
    opened = await shop.open()
    with pytest.raises(Killed):
        await shop.begin(opened, tools=dying(shop, reaches=False))
    attempt = await shop.attempt(opened.payment.id)
    operation = Operation(attempt.operation_id, "", 250_00, "NOK", "card", journey=shop.journey)
    assert isinstance(await shop.tools.connectors[NAME].begin(operation), Pending)
    await pretending.enter_card(shop.tools, attempt.operation_id, BY_CODE["never_told"])
    for _ in range(3):
        await shop.resolve(tools=other)
    standing = await shop.standing(opened.payment.id)
    assert (standing.payment.state, standing.payment.paid) == (PaymentState.BOOKED, 250_00)
