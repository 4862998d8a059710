"""Issuing gift cards, paying with them, giving back and asking for balances, through the commands on both databases."""

from collections import Counter

import pytest

from tests import gateway
from tests.gateway import PREFIXES, clock_of, money_on, part, recall
from tests.store.watched import every
from tillway.commands import cards, giftcards, refunds
from tillway.commands.cards import CardPlan
from tillway.commands.tools import Tools
from tillway.connectors.simulator import FAILING, SILENT_BUT_PAID
from tillway.domain.giftcards import CardState, passes_luhn
from tillway.domain.ids import CardId
from tillway.domain.issuing import MOST_IN_A_CALL
from tillway.domain.machine import MoveNotAllowed
from tillway.domain.notices import Notice, NoticeState
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.refunding import Giving, Returned
from tillway.domain.refunds import RefundState
from tillway.domain.refusals import (
    BalanceTooLow,
    CardExpired,
    CardNotActive,
    CardNumberInvalid,
    CardUnknown,
    CvcRefused,
    IssuerFailed,
    IssuerSilent,
    KeyReused,
    VendorNotAccepted,
)
from tillway.domain.replays import Replay
from tillway.domain.schedules import DAY, SECOND
from tillway.queries import ledger
from tillway.queries import payments as queries
from tillway.store.committer import Recall

pytestmark = pytest.mark.anyio


async def _balance(tools: Tools, account: str) -> int:
    return {one.account: one.minor for one in await ledger.balances(tools.store)}.get(account, 0)


async def test_issued_cards_are_the_issuers_liability(tools: Tools) -> None:
    issued = await gateway.cards(tools, 100_00, 250_00, 0)
    assert await _balance(tools, "issuer:sandbox:NOK") == -350_00
    assert await money_on(tools, *issued) == [(100_00, 0), (250_00, 0), (0, 0)]
    for one in issued:
        assert passes_luhn(one.number)
        assert one.number.startswith(PREFIXES)
        assert len(one.cvc) == 3
        assert cards.revealed(tools, one.card) == one
        assert one.number not in repr(one)
        assert one.card.id == tools.vault.card_id(one.number)


async def test_many_cards_are_issued_in_one_call(tools: Tools) -> None:
    issuer = await gateway.issuer(tools)
    plan = CardPlan(1_00, tools.now() + DAY)
    issued = await cards.issue(tools, issuer, plan, MOST_IN_A_CALL)
    assert len({one.number for one in issued}) == MOST_IN_A_CALL
    with pytest.raises(ValueError, match="at most"):
        await cards.issue(tools, issuer, plan, MOST_IN_A_CALL + 1)


async def test_cards_begin_with_their_issuers_prefix_and_marker(tools: Tools) -> None:
    other = await gateway.issuer(tools, "other", "7")
    (plain, marked) = (*await gateway.cards(tools, 1, by=other), *await gateway.cards(tools, 1, by=other, marker="53"))
    assert plain.number.startswith("7")
    assert marked.number.startswith("753")


async def test_only_an_active_card_can_be_used(tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00, state=CardState.INACTIVE)
    opened = await gateway.payment(tools, till, 1_00)
    for state in (CardState.INACTIVE, CardState.BLOCKED):
        assert (await cards.set_state(tools, card.card.id, state)).state is state
        with pytest.raises(CardNotActive):
            await gateway.perform(tools, till, opened.payment.id, part(card))
    for _ in range(2):
        assert (await cards.set_state(tools, card.card.id, CardState.ACTIVE)).state is CardState.ACTIVE
    await gateway.perform(tools, till, opened.payment.id, part(card))
    with pytest.raises(MoveNotAllowed):
        await cards.set_state(tools, card.card.id, CardState.INACTIVE)


async def test_an_expired_card_can_be_used_again_when_it_was_extended(tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00, expires_at=tools.now() + DAY)
    clock_of(tools).advance(DAY / SECOND)
    opened = await gateway.payment(tools, till, 1_00)
    with pytest.raises(CardExpired):
        await gateway.perform(tools, till, opened.payment.id, part(card))
    await cards.extend(tools, card.card.id, tools.now() + DAY)
    await gateway.perform(tools, till, opened.payment.id, part(card))
    with pytest.raises(CardUnknown):
        await cards.extend(tools, CardId("unknown"), 0)


async def test_two_cards_pay_for_one_payment_and_the_merchant_is_told(tools: Tools) -> None:
    till = await gateway.client(tools)
    first, second = await gateway.cards(tools, 30_00, 100_00)
    opened = await gateway.payment(tools, till, 50_00)
    standing = await gateway.perform(tools, till, opened.payment.id, part(first, 30_00), part(second))
    assert standing.payment.state is PaymentState.BOOKED
    assert await queries.standing_of(tools.store, till, opened.payment.id) == standing
    assert await money_on(tools, first, second) == [(0, 0), (80_00, 0)]
    assert await _balance(tools, f"payable:{till.merchant_id}:NOK") == 50_00

    (notice,) = await tools.store.read(every(Notice))
    assert (notice.state, notice.url, notice.payment_id) == (NoticeState.DUE, gateway.WEBHOOK_URL, opened.payment.id)
    assert f'"paymentId":"{opened.payment.id}"' in notice.body
    assert first.number not in notice.body


async def test_a_refused_call_leaves_nothing(tools: Tools) -> None:
    till = await gateway.client(tools)
    first, second = await gateway.cards(tools, 30_00, 19_99)
    opened = await gateway.payment(tools, till, 50_00)
    with pytest.raises(BalanceTooLow):
        await gateway.perform(tools, till, opened.payment.id, part(first, 30_00), part(second))
    assert await queries.standing(tools.store, opened.payment.id) == opened
    assert await money_on(tools, first, second) == [(30_00, 0), (19_99, 0)]


async def test_a_call_under_a_key_takes_the_money_once_and_says_the_same_again(tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = await gateway.payment(tools, till, 50_00)
    parts = [part(card, 20_00)]
    answers = [
        await giftcards.perform(tools, till, opened.payment.id, parts, PREFIXES, final=False, recall=recall(till))
        for _ in range(3)
    ]
    assert answers[1] == answers[2] == Replay(till.id, "key", "asked", 200, "2000", gateway.START)
    assert await money_on(tools, card) == [(80_00, 20_00)]
    with pytest.raises(KeyReused):
        await giftcards.perform(tools, till, opened.payment.id, parts, PREFIXES, recall=recall(till, fingerprint="x"))


async def test_a_refund_under_a_key_gives_back_once(tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = await gateway.payment(tools, till, 50_00)
    await gateway.perform(tools, till, opened.payment.id, part(card))
    kept: Recall[Returned] = Recall(till.id, "key", "asked", tools.now(), lambda returned: (200, returned.refund.id))
    first = await refunds.refund(tools, till, opened.payment.id, Giving(20_00, "broken"), kept)
    assert not isinstance(first, Replay)
    again = await refunds.refund(tools, till, opened.payment.id, Giving(20_00, "broken"), kept)
    assert isinstance(again, Replay)
    assert again.body == first.refund.id
    assert await money_on(tools, card) == [(70_00, 0)]
    assert [one.reference for one in await queries.refunds(tools.store, opened.payment.id)] == ["broken"]


@pytest.mark.parametrize("keyed", [False, True])
async def test_an_issuer_that_fails_gives_everything_back(tools: Tools, keyed: bool) -> None:
    till = await gateway.client(tools)
    (ours,) = await gateway.cards(tools, 30_00)
    (failing,) = await gateway.cards(tools, 100_00, connector="simulator", marker=FAILING)
    opened = await gateway.payment(tools, till, 50_00)
    parts = [part(ours, 30_00), part(failing)]
    for _ in range(2):
        with pytest.raises(IssuerFailed):
            await giftcards.perform(
                tools, till, opened.payment.id, parts, PREFIXES, recall=recall(till) if keyed else None
            )
        assert await money_on(tools, ours, failing) == [(30_00, 0), (100_00, 0)]
    standing = await queries.standing(tools.store, opened.payment.id)
    assert standing.payment.state is PaymentState.SEEN
    states = Counter(attempt.state for attempt in standing.attempts)
    assert states == {AttemptState.DECLINED: 2, AttemptState.WITHDRAWN: 2}


async def test_a_retry_under_its_key_asks_a_silent_issuer_again_and_takes_nothing_twice(tools: Tools) -> None:
    till = await gateway.client(tools)
    (silent,) = await gateway.cards(tools, 100_00, connector="simulator", marker=SILENT_BUT_PAID)
    opened = await gateway.payment(tools, till, 50_00)
    parts = [part(silent)]
    with pytest.raises(IssuerSilent):
        await giftcards.perform(tools, till, opened.payment.id, parts, PREFIXES, recall=recall(till))
    assert await money_on(tools, silent) == [(50_00, 50_00)]
    with pytest.raises(KeyReused):
        await giftcards.perform(tools, till, opened.payment.id, parts, PREFIXES, recall=recall(till, fingerprint="x"))
    answer = await giftcards.perform(tools, till, opened.payment.id, parts, PREFIXES, recall=recall(till))
    assert not isinstance(answer, Replay)
    assert answer.payment.state is PaymentState.BOOKED
    again = await giftcards.perform(tools, till, opened.payment.id, parts, PREFIXES, recall=recall(till))
    assert isinstance(again, Replay)
    assert await money_on(tools, silent) == [(50_00, 0)]


async def test_a_refund_through_an_issuer_is_booked_when_it_agrees(tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00, connector="simulator", marker="00")
    opened = await gateway.payment(tools, till, 50_00)
    await gateway.perform(tools, till, opened.payment.id, part(card))
    returned = await gateway.refund(tools, till, opened.payment.id, 20_00)
    assert returned.refund.state is RefundState.BOOKED
    assert await money_on(tools, card) == [(70_00, 0)]
    assert await _balance(tools, f"transit:{till.merchant_id}:NOK") == 0


async def test_a_balance_is_told_to_who_may_use_the_card(tools: Tools) -> None:
    till = await gateway.client(tools)
    other = await gateway.issuer(tools, "other", "7")
    (card,) = await gateway.cards(tools, 100_00)
    (foreign,) = await gateway.cards(tools, 100_00, by=other)
    assert await giftcards.balance(tools, till, card.number, card.cvc, PREFIXES) == card.card
    assert await giftcards.balance(tools, till, card.number, "", PREFIXES) == card.card
    with pytest.raises(VendorNotAccepted):
        await giftcards.balance(tools, till, foreign.number, "", (*PREFIXES, "7"))
    with pytest.raises(CardNumberInvalid):
        await giftcards.balance(tools, till, foreign.number, "", PREFIXES)


async def test_cvcs_that_are_wrong_or_unreadable_are_refused(tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    (unreadable,) = await gateway.cards(tools, 100_00, readable_cvc=False)
    opened = await gateway.payment(tools, till, 50_00)
    for refused in (part(card, 0, f"{(int(card.cvc) + 1) % 1000:03d}"), part(card, 0, "12"), part(unreadable, 0, "")):
        with pytest.raises(CvcRefused):
            await gateway.perform(tools, till, opened.payment.id, refused)
    await gateway.perform(tools, till, opened.payment.id, part(card, 0, ""))
