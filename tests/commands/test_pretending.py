"""Every published behaviour of the pretend acquirer, from the payer's number to the gateway's books."""

from collections.abc import AsyncIterator

import pytest

from tests.acquiring import FarShop, far_shop
from tests.gateway import refund
from tillway.commands import pretending
from tillway.commands.outcomes import give_up, resolve_call
from tillway.commands.tools import Tools
from tillway.domain.giftcards import passes_luhn
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.pretended import PAGE_LASTS, PretendedState
from tillway.domain.published import BEHAVIOURS, BY_CODE, PROCESSES, PUBLISHED, UNDECIDED, Challenge
from tillway.domain.reasons import Reason
from tillway.domain.refunds import RefundState
from tillway.domain.schedules import SECOND
from tillway.queries import payments

pytestmark = pytest.mark.anyio

DECLINES = [one.behaviour.reason for one in PUBLISHED if one.behaviour.reason and one.challenge is Challenge.NONE]


@pytest.fixture
async def shop(tools: Tools) -> AsyncIterator[FarShop]:
    async with far_shop(tools) as made:
        yield made


async def test_a_payer_is_sent_to_the_acquirers_page_and_the_payment_waits(shop: FarShop) -> None:
    begun = await shop.begin(await shop.open())
    assert begun.payment.state is PaymentState.PROCESSING
    assert begun.attempts[-1].step_url.startswith(f"{shop.acquirer}/pay/")
    assert begun.attempts[-1].reference.startswith("PRETEND-")


@pytest.mark.parametrize("scheme", ["Visa", "Mastercard"])
async def test_a_card_that_pays_is_told_with_its_brand_and_last_digits(shop: FarShop, scheme: str) -> None:
    number = next(one for one in PUBLISHED if one.behaviour.code == "paid" and one.scheme == scheme)
    begun = await shop.begin(await shop.open())
    await pretending.enter_card(shop.tools, begun.attempts[-1].operation_id, number)
    await shop.tell()
    attempt = await shop.attempt(begun.payment.id)
    assert (attempt.state, attempt.scheme, attempt.mask) == (AttemptState.PAID, scheme, number.number[-4:])
    assert (await shop.standing(begun.payment.id)).payment.state is PaymentState.BOOKED


@pytest.mark.parametrize("reason", dict.fromkeys(DECLINES))
async def test_a_declined_card_says_why_and_the_payer_may_try_again(shop: FarShop, reason: Reason) -> None:
    begun = await shop.at_the_acquirer(reason)
    await shop.tell()
    standing = await shop.standing(begun.payment.id)
    assert standing.payment.state is PaymentState.SEEN
    assert (standing.attempts[-1].state, standing.attempts[-1].reason) == (AttemptState.DECLINED, reason)
    await shop.at_the_acquirer("paid", standing)
    await shop.tell()
    assert (await shop.standing(begun.payment.id)).payment.state is PaymentState.BOOKED


async def test_a_challenge_that_is_passed_pays(shop: FarShop) -> None:
    begun = await shop.at_the_acquirer("challenge")
    await shop.tell()
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.OPEN
    await pretending.prove(shop.tools, begun.attempts[-1].operation_id)
    await shop.tell()
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.PAID


async def test_a_challenge_that_is_refused_declines(shop: FarShop) -> None:
    begun = await shop.at_the_acquirer("challenge")
    await pretending.refuse(shop.tools, begun.attempts[-1].operation_id, Reason.AUTHENTICATION_FAILED)
    await shop.tell()
    assert (await shop.attempt(begun.payment.id)).reason == Reason.AUTHENTICATION_FAILED


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("challenge_failed", Reason.AUTHENTICATION_FAILED),
        ("challenge_then_declined", Reason.INSUFFICIENT_FUNDS),
    ],
)
async def test_a_challenge_that_is_answered_may_still_decline(shop: FarShop, code: str, reason: Reason) -> None:
    begun = await shop.at_the_acquirer(code)
    await pretending.prove(shop.tools, begun.attempts[-1].operation_id)
    await shop.tell()
    assert (await shop.attempt(begun.payment.id)).reason == reason


async def test_a_challenge_that_nobody_answers_declines_when_the_time_is_over(shop: FarShop) -> None:
    begun = await shop.at_the_acquirer("challenge_abandoned")
    await pretending.prove(shop.tools, begun.attempts[-1].operation_id)
    await shop.tell()
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.OPEN
    await shop.tell(PAGE_LASTS / SECOND)
    assert (await shop.attempt(begun.payment.id)).reason == Reason.AUTHENTICATION_ABANDONED


async def test_a_payer_who_does_nothing_is_too_slow(shop: FarShop) -> None:
    begun = await shop.begin(await shop.open())
    await shop.tell(PAGE_LASTS / SECOND)
    assert (await shop.attempt(begun.payment.id)).reason == Reason.PAYER_TOO_SLOW


@pytest.mark.parametrize(
    ("code", "state"),
    [("processing", AttemptState.PAID), ("processing_then_declined", AttemptState.DECLINED)],
)
async def test_what_takes_a_while_is_open_until_then(shop: FarShop, code: str, state: AttemptState) -> None:
    begun = await shop.at_the_acquirer(code)
    await resolve_call(shop.tools, begun.payment.id, may_begin=False)
    await shop.tell(14)
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.OPEN
    await shop.tell(1)
    assert (await shop.attempt(begun.payment.id)).state is state


@pytest.mark.parametrize("reason", [None, Reason.LOST_CARD])
async def test_what_is_undecided_waits_until_somebody_decides(shop: FarShop, reason: Reason | None) -> None:
    begun = await shop.at_the_acquirer(UNDECIDED.code)
    await shop.tell(7200)
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.OPEN
    await pretending.settle(shop.tools, begun.attempts[-1].operation_id, reason)
    await shop.tell()
    wanted = AttemptState.DECLINED if reason else AttemptState.PAID
    assert (await shop.attempt(begun.payment.id)).state is wanted


async def test_what_is_told_twice_happens_once(shop: FarShop) -> None:
    standing = await shop.paid("told_twice")
    assert len(shop.hears.came) == 2
    assert (standing.payment.state, standing.payment.paid) == (PaymentState.BOOKED, 250_00)


async def test_old_news_after_the_outcome_change_nothing(shop: FarShop) -> None:
    standing = await shop.paid("told_out_of_order")
    await shop.tell(2)
    assert b'"pending"' in shop.hears.came[-1].body
    assert await shop.standing(standing.payment.id) == standing


async def test_what_is_never_told_is_found_out_by_asking(shop: FarShop) -> None:
    begun = await shop.at_the_acquirer("never_told")
    await shop.tell(5)
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.OPEN
    await shop.resolve()
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.PAID
    assert shop.hears.came == []


async def test_what_is_paid_after_the_payment_expired_goes_back_by_itself(shop: FarShop) -> None:
    begun = await shop.at_the_acquirer("paid_late", await shop.open(lasts_seconds=600))
    await shop.resolve(601)
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.REVERSING
    await shop.tell(2)
    await shop.resolve()
    standing = await shop.standing(begun.payment.id)
    assert standing.payment.state is PaymentState.PROCESSING_EXPIRED
    assert standing.attempts[-1].state is AttemptState.RETURNED
    [given] = (await shop.known_there(standing.attempts[-1].operation_id)).refunds
    assert (given.amount, given.state) == (250_00, PretendedState.PAID)


async def test_what_the_payer_has_not_finished_is_cancelled_when_the_payment_expires(shop: FarShop) -> None:
    begun = await shop.begin(await shop.open(lasts_seconds=600))
    await shop.resolve(601)
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.WITHDRAWN
    operation = begun.attempts[-1].operation_id
    await pretending.enter_card(shop.tools, operation, BY_CODE["paid"])
    assert (await shop.known_there(operation)).state is PretendedState.CANCELLED


async def test_a_payer_who_turns_to_another_way_cannot_be_charged_by_the_first(shop: FarShop) -> None:
    begun = await shop.begin(await shop.open())
    given_up = await give_up(shop.tools, begun.payment.id)
    assert given_up.payment.state is PaymentState.SEEN
    await pretending.enter_card(shop.tools, begun.attempts[-1].operation_id, BY_CODE["paid"])
    assert (await shop.known_there(begun.attempts[-1].operation_id)).state is PretendedState.CANCELLED


async def test_a_payer_who_has_paid_cannot_turn_to_another_way(shop: FarShop) -> None:
    begun = await shop.at_the_acquirer("paid")
    assert (await give_up(shop.tools, begun.payment.id)).payment.state is PaymentState.BOOKED


@pytest.mark.parametrize(
    ("code", "seconds", "state"),
    [
        ("paid", 0, RefundState.BOOKED),
        ("refund_failed", 3, RefundState.FAILED),
        ("refund_pending", 10, RefundState.BOOKED),
    ],
)
async def test_a_refund_ends_as_the_number_says_and_is_told(
    shop: FarShop, code: str, seconds: int, state: RefundState
) -> None:
    standing = await shop.paid(code)
    before = len(shop.hears.came)
    given = await refund(shop.tools, shop.client, standing.payment.id, 100_00)
    assert given.refund.state is (RefundState.PROCESSING if seconds else state)
    await shop.tell(seconds)
    assert len(shop.hears.came) == before + bool(seconds)
    [refunded] = await payments.refunds(shop.tools.store, standing.payment.id)
    assert refunded.state is state
    left = await shop.standing(standing.payment.id)
    assert left.payment.refunded == (0 if state is RefundState.FAILED else 100_00)


@pytest.mark.parametrize("method", ["bank", "ideal", "bancontact"])
async def test_a_bank_pays_what_its_customer_agrees_to(shop: FarShop, method: str) -> None:
    begun = await shop.begin(await shop.open(), method)
    operation = begun.attempts[-1].operation_id
    await pretending.choose_bank(shop.tools, operation, "fjord")
    await pretending.prove(shop.tools, operation, PROCESSES)
    await shop.tell(15)
    attempt = await shop.attempt(begun.payment.id)
    assert (attempt.state, attempt.method, attempt.mask) == (AttemptState.PAID, method, "")


async def test_a_gateway_that_does_not_listen_is_told_again(shop: FarShop) -> None:
    begun = await shop.at_the_acquirer("paid")
    shop.hears.deaf = True
    await shop.tell()
    shop.hears.deaf = False
    await shop.tell(4)
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.OPEN
    await shop.tell(1)
    assert (await shop.attempt(begun.payment.id)).state is AttemptState.PAID
    assert (await shop.known_there(begun.attempts[-1].operation_id)).calls == ()


def test_no_published_number_can_be_a_real_card() -> None:
    for one in PUBLISHED:
        assert len(one.number) == 16
        assert one.number.startswith("9999")
        assert passes_luhn(one.number)
    assert len({one.number for one in PUBLISHED}) == len(PUBLISHED)
    assert set(BEHAVIOURS) == set(BY_CODE)
