"""Money in doubt: whatever an issuer does or does not say, it ends in one place, and the books say where."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests import gateway
from tests.commands.doubt import Till, with_far_issuer
from tests.connectors.issuer import Fault, PretendIssuer
from tests.gateway import clock_of
from tillway.commands import expiry, payments, refunds
from tillway.commands.cards import IssuedCard
from tillway.commands.outcomes import resolve_call, resolve_refund
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Operation
from tillway.connectors.simulator import FAILING, SILENT_AND_NEVER_RECEIVED, SILENT_BUT_PAID
from tillway.domain.ids import PaymentId
from tillway.domain.outcomes import Outcome, Paid, Pending
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.refunding import Giving, Returned
from tillway.domain.refunds import RefundState
from tillway.domain.refusals import IssuerFailed, IssuerSilent
from tillway.domain.schedules import DAY, LOOK_UPS, SECOND
from tillway.queries import notices

pytestmark = pytest.mark.anyio


@pytest.fixture
async def till(tools: Tools) -> Till:
    return Till(tools, await gateway.client(tools))


async def test_a_card_of_an_issuer_that_agrees_pays_at_once(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 200_00, connector="simulator", marker="00")
    payment = await till.open(150_00)
    assert (await till.pay(payment, [card])).payment.state is PaymentState.BOOKED
    assert await till.money(card) == (50_00, 0)
    await till.proves_sound()


async def test_a_failing_issuer_gives_the_card_back_at_once_and_the_payer_may_try_again(till: Till) -> None:
    (bad,) = await gateway.cards(till.tools, 200_00, connector="simulator", marker=FAILING)
    (good,) = await gateway.cards(till.tools, 200_00)
    payment = await till.open(150_00)
    with pytest.raises(IssuerFailed):
        await till.pay(payment, [bad])
    assert await till.money(bad) == (200_00, 0)
    assert (await till.pay(payment, [good])).payment.state is PaymentState.BOOKED
    await till.proves_sound()


async def test_a_silent_issuer_that_took_the_money_completes_the_payment_later(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 200_00, connector="simulator", marker=SILENT_BUT_PAID)
    payment = await till.open(150_00)
    with pytest.raises(IssuerSilent):
        await till.pay(payment, [card])
    assert (await till.standing(payment)).payment.state is PaymentState.PROCESSING
    assert await till.money(card) == (50_00, 150_00)
    await till.proves_sound()
    await till.resolve()
    assert (await till.standing(payment)).payment.state is PaymentState.BOOKED
    assert await till.money(card) == (50_00, 0)
    assert len(await notices.notices(till.tools.store, notices.Filter())) == 1
    await till.proves_sound()


async def test_a_silent_issuer_that_never_heard_of_it_gives_the_money_back_later(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 200_00, connector="simulator", marker=SILENT_AND_NEVER_RECEIVED)
    payment = await till.open(150_00)
    with pytest.raises(IssuerSilent):
        await till.pay(payment, [card])
    await till.resolve()
    standing = await till.standing(payment)
    assert standing.payment.state is PaymentState.SEEN
    assert [attempt.state for attempt in standing.attempts] == [AttemptState.DECLINED]
    assert await till.money(card) == (200_00, 0)
    await till.proves_sound()


@pytest.mark.parametrize("marker", [SILENT_BUT_PAID, SILENT_AND_NEVER_RECEIVED])
async def test_a_payment_withdrawn_while_in_doubt_is_reversed(till: Till, marker: str) -> None:
    (card,) = await gateway.cards(till.tools, 200_00, connector="simulator", marker=marker)
    payment = await till.open(150_00)
    with pytest.raises(IssuerSilent):
        await till.pay(payment, [card])
    await payments.withdraw(till.tools, till.client, payment)
    await till.proves_sound()
    await till.resolve()
    standing = await till.standing(payment)
    assert standing.payment.state is PaymentState.WITHDRAWN
    assert [attempt.state for attempt in standing.attempts] == [AttemptState.WITHDRAWN]
    assert await till.money(card) == (200_00, 0)
    await till.proves_sound()


async def test_a_payment_that_expires_while_in_doubt_is_reversed(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 200_00, connector="simulator", marker=SILENT_BUT_PAID)
    payment = await till.open(150_00)
    with pytest.raises(IssuerSilent):
        await till.pay(payment, [card])
    clock_of(till.tools).advance(DAY / SECOND)
    await expiry.expire(till.tools, payment)
    await till.resolve()
    standing = await till.standing(payment)
    assert standing.payment.state is PaymentState.PROCESSING_EXPIRED
    assert await till.money(card) == (200_00, 0)
    await till.proves_sound()


async def test_a_retry_of_the_call_asks_again_instead_of_charging_again(tools: Tools) -> None:
    async with with_far_issuer(tools) as (till, issuer):
        (card,) = await gateway.cards(till.tools, 200_00, connector="far")
        payment = await till.open(150_00)
        issuer.fault = Fault.HANGS
        with pytest.raises(IssuerSilent):
            await till.pay(payment, [card], key="k")
        issuer.fault = None
        assert (await till.pay(payment, [card], key="k")).payment.state is PaymentState.BOOKED
        assert (await till.pay(payment, [card], key="k")).payment.state is PaymentState.BOOKED
        assert issuer.taken() == 1
        assert await till.money(card) == (50_00, 0)
        await till.proves_sound()


async def test_a_call_cut_short_before_its_issuer_was_asked_is_taken_up_by_its_retry(tools: Tools) -> None:
    async with with_far_issuer(tools) as (till, issuer):
        (card,) = await gateway.cards(till.tools, 200_00, connector="far")
        payment = await till.open(150_00)
        issuer.deaf, issuer.fault = True, Fault.HANGS
        await _cut_short(till, issuer, payment, card)
        issuer.deaf, issuer.fault = False, None
        assert (await till.pay(payment, [card], key="k")).payment.state is PaymentState.BOOKED
        assert issuer.taken() == 1
        await till.proves_sound()


async def test_a_call_cut_short_that_nobody_retries_ends_with_the_money_back(tools: Tools) -> None:
    async with with_far_issuer(tools) as (till, issuer):
        (card,) = await gateway.cards(till.tools, 200_00, connector="far")
        payment = await till.open(150_00)
        issuer.deaf, issuer.fault = True, Fault.HANGS
        await _cut_short(till, issuer, payment, card)
        issuer.deaf, issuer.fault = False, None
        await till.resolve()
        assert (await till.standing(payment)).payment.state is PaymentState.SEEN
        assert issuer.taken() == 0
        assert await till.money(card) == (200_00, 0)
        await till.proves_sound()


async def _cut_short(till: Till, issuer: PretendIssuer, payment: PaymentId, card: IssuedCard) -> None:
    """Begin a call and kill it while the issuer is asked: everything it would have done afterwards is lost."""
    task = asyncio.create_task(till.pay(payment, [card], key="k"))
    await asyncio.wait_for(issuer.asked.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (attempt,) = (await till.standing(payment)).attempts
    assert (attempt.state, attempt.look_ups) == (AttemptState.OPEN, 0)


async def test_one_no_gives_back_all_cards_of_the_call_also_far_away(tools: Tools) -> None:
    async with with_far_issuer(tools) as (till, issuer):
        (far,) = await gateway.cards(till.tools, 100_00, connector="far")
        (own,) = await gateway.cards(till.tools, 100_00)
        (bad,) = await gateway.cards(till.tools, 100_00, connector="simulator", marker=FAILING)
        payment = await till.open(250_00)
        with pytest.raises(IssuerFailed):
            await till.pay(payment, [far, own, bad], amount=100_00)
        await till.proves_sound()
        await till.resolve(0)
        assert issuer.taken() == 0
        for card in (far, own, bad):
            assert await till.money(card) == (100_00, 0)
        await till.proves_sound()


async def test_after_a_silent_issuer_the_next_one_of_the_call_is_not_asked(tools: Tools) -> None:
    async with with_far_issuer(tools) as (till, issuer):
        cards = await gateway.cards(till.tools, 100_00, 100_00, connector="far")
        payment = await till.open(150_00)
        issuer.fault = Fault.HANGS
        with pytest.raises(IssuerSilent):
            await till.pay(payment, cards, amount=100_00)
        assert len(issuer.authorisations) == 1
        issuer.fault = None
        await till.resolve()
        assert (await till.standing(payment)).payment.state is PaymentState.SEEN
        assert issuer.taken() == 0
        assert [await till.money(card) for card in cards] == [(100_00, 0)] * 2
        await till.proves_sound()


async def test_a_refund_that_was_not_answered_is_sent_again_and_arrives_once(tools: Tools) -> None:
    async with with_far_issuer(tools) as (till, issuer):
        (card,) = await gateway.cards(till.tools, 200_00, connector="far")
        payment = await till.open(150_00)
        await till.pay(payment, [card])
        issuer.fault = Fault.CLOSES
        returned = await refunds.refund(till.tools, till.client, payment, Giving(60_00))
        assert isinstance(returned, Returned)
        assert returned.refund.state is RefundState.PROCESSING
        await till.proves_sound()
        issuer.fault = None
        await till.resolve()
        after = await resolve_refund(till.tools, payment, 1)
        assert after.refund.state is RefundState.BOOKED
        assert next(iter(issuer.authorisations.values())).amount == 90_00
        assert await till.money(card) == (110_00, 0)
        await till.proves_sound()


async def test_a_refund_the_issuer_refuses_is_the_merchants_again(tools: Tools) -> None:
    async with with_far_issuer(tools) as (till, issuer):
        (card,) = await gateway.cards(till.tools, 200_00, connector="far")
        payment = await till.open(150_00)
        await till.pay(payment, [card])
        next(iter(issuer.authorisations.values())).amount = 0
        returned = await refunds.refund(till.tools, till.client, payment, Giving(60_00))
        assert isinstance(returned, Returned)
        assert returned.refund.state is RefundState.FAILED
        assert (await till.standing(payment)).payment.refunded == 0
        assert await till.money(card) == (50_00, 0)
        await till.proves_sound()


class BrokenConnector:
    """Fails in the given way, whatever it is asked."""

    limit_seconds = 1.0

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    async def begin(self, operation: Operation) -> Outcome:
        raise self._fault

    async def look_up(self, operation: Operation) -> Outcome:
        raise self._fault

    async def reverse(self, operation: Operation) -> Outcome:
        raise self._fault

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        raise self._fault


async def test_a_connector_that_breaks_leaves_the_outcome_open_and_its_words_unlogged(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 200_00, connector="broken")
    broken = BrokenConnector(ValueError(f"cannot charge {card.number}"))
    till = Till(replace(till.tools, connectors={"broken": broken}), till.client)
    payment = await till.open(150_00)
    with capture_logs() as logs, pytest.raises(IssuerSilent):
        await till.pay(payment, [card])
    assert logs[0]["fault"] == "ValueError"
    assert card.number not in str(logs)


async def test_a_connector_that_this_process_does_not_have_leaves_the_outcome_open(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 200_00, connector="gone")
    payment = await till.open(150_00)
    with capture_logs() as logs, pytest.raises(IssuerSilent):
        await till.pay(payment, [card])
    assert [log["event"] for log in logs] == ["connector missing"]


async def test_an_outcome_that_stays_open_is_looked_up_ever_more_rarely_for_thirty_days(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 200_00, connector="gone")
    payment = await till.open(150_00)
    begun = till.tools.now()
    with pytest.raises(IssuerSilent):
        await till.pay(payment, [card])
    waited: list[int] = []
    while (attempt := (await till.standing(payment)).attempts[0]).next_look_up_at:
        waited.append(attempt.next_look_up_at - till.tools.now())
        clock_of(till.tools).time = attempt.next_look_up_at
        await resolve_call(till.tools, payment, may_begin=False)
    assert waited[:7] == [*LOOK_UPS.waits, LOOK_UPS.then, LOOK_UPS.then]
    assert 30 * DAY <= till.tools.now() - begun < 31 * DAY
    await till.proves_sound()


class TalkativeConnector:
    """Remembers what it was asked."""

    limit_seconds = 1.0

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def begin(self, operation: Operation) -> Outcome:
        self.asked.append(f"begin {operation.instrument}")
        return Pending()

    async def look_up(self, operation: Operation) -> Outcome:
        self.asked.append(f"look up {operation.id}")
        return Paid()

    async def reverse(self, operation: Operation) -> Outcome:
        self.asked.append("reverse")
        return Paid()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        self.asked.append("refund")
        return Paid()


async def test_only_a_caller_begins_and_the_resolver_looks_up(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 200_00, connector="talks")
    talks = TalkativeConnector()
    till = Till(replace(till.tools, connectors={"talks": talks}), till.client)
    payment = await till.open(150_00)
    with pytest.raises(IssuerSilent):
        await till.pay(payment, [card])
    await till.resolve(9)
    assert talks.asked == [f"begin {card.number}"]
    await till.resolve(2)
    assert talks.asked == [f"begin {card.number}", f"look up {payment}-1"]
