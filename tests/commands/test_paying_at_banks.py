"""Paying at the pretend banks: every published behaviour from the order to its end, and what is cut short between."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.banking import BankShop, bank_shop
from tests.gateway import clock_of
from tillway.commands import banking, pretend_banking
from tillway.commands.outcomes import resolve_call
from tillway.commands.tools import Tools
from tillway.connectors.protocol import StepKind
from tillway.domain.banks import Bank
from tillway.domain.ids import is_outgoing, order_of
from tillway.domain.payment_orders import OrderStatus
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.pretended_banks import BANKS, USERS, Approach, accounts_of
from tillway.domain.pretended_transfers import code_of
from tillway.domain.reasons import Reason
from tillway.domain.refusals import DebtorMissing
from tillway.domain.standing import Standing

pytestmark = pytest.mark.anyio

P = PaymentState

AT_ONCE = {
    "books": (P.BOOKED, ""),
    "confirms": (P.CONFIRMED, ""),
    "fails": (P.CONFIRMED, ""),
    "nomoney": (P.FAILED, Reason.INSUFFICIENT_FUNDS),
    "aml": (P.FAILED, Reason.AML_BLOCKED),
    "rejected": (P.FAILED, Reason.DECLINED),
    "cancels": (P.FAILED, Reason.PAYER_CANCELLED),
    "silent": (P.PROCESSING, ""),
    "late": (P.PROCESSING, ""),
    "wavers": (P.BOOKED, ""),
    "pending": (P.PROCESSING, ""),
    "confirmed": (P.CONFIRMED, ""),
}
"""How a payment stands when its payer has come back, and why it failed."""

IN_A_MINUTE = AT_ONCE | {"confirms": (P.BOOKED, ""), "fails": (P.FAILED, Reason.DECLINED)}
IN_A_WEEK = IN_A_MINUTE | {
    "silent": (P.PROCESSING_EXPIRED, ""),
    "late": (P.PROCESSING_EXPIRED, ""),
    "pending": (P.PROCESSING_EXPIRED, ""),
}


@pytest.fixture
async def shop(tools: Tools) -> AsyncIterator[BankShop]:
    async with bank_shop(tools) as made:
        yield made


@pytest.mark.parametrize("user", [user.name for user in USERS])
async def test_every_customer_leads_where_the_bank_has_published(shop: BankShop, user: str) -> None:
    begun = await shop.at_the_bank(user)
    assert begun.payment.state is P.PROCESSING
    assert begun.attempts[-1].step_url.startswith(f"{shop.url}/bank/")
    back = await shop.back(begun)
    assert (back.payment.state, await reason_of(shop, begun)) == AT_ONCE[user]
    for _ in range(6):
        await shop.pass_time()
    assert await shown(shop, begun) == IN_A_MINUTE[user]
    for _ in range(7):
        await shop.pass_time(86_400)
    assert await shown(shop, begun) == IN_A_WEEK[user]


async def shown(shop: BankShop, standing: Standing) -> tuple[PaymentState, str]:
    return (await shop.standing(standing.payment.id)).payment.state, await reason_of(shop, standing)


async def reason_of(shop: BankShop, standing: Standing) -> str:
    payment = standing.payment
    return (await shop.orders.standing(order_of(payment.id))).instruction_of(payment.id).reason


async def test_a_booked_order_is_paid_and_knows_the_account_that_paid(shop: BankShop) -> None:
    paid = await shop.paid("books")
    order = await shop.orders.standing(paid.order.id)
    assert order.terms.status is OrderStatus.PAID
    told = order.instruction_of(paid.payment.id)
    assert (told.debtor_iban, told.bank_id) == (accounts_of("karpatska")[0].iban, "karpatska")
    known = await shop.known_there(paid)
    assert known.terms.remittance == "/VS0012345678/KS0308"
    assert known.terms.end_to_end_id == paid.payment.id.replace("-", "")
    assert (known.terms.amount, known.terms.currency) == (250_00, "EUR")


async def test_money_that_is_booked_after_the_payment_expired_stays_in_the_books_as_late(shop: BankShop) -> None:
    begun = await shop.at_the_bank("late")
    for _ in range(7):
        await shop.pass_time(86_400)
    standing = await shop.standing(begun.payment.id)
    assert standing.payment.state is P.PROCESSING_EXPIRED
    attempt = standing.attempts[-1]
    assert (attempt.state, attempt.reason) == (AttemptState.LATE, Reason.REFUND_REFUSED)
    assert attempt.next_look_up_at == 0
    assert (await shop.orders.standing(begun.order.id)).terms.status is OrderStatus.UNPAID


async def test_older_news_of_a_booked_payment_changes_nothing(shop: BankShop) -> None:
    paid = await shop.paid("wavers")
    clock_of(shop.tools).advance(10)
    known = await shop.known_there(paid)
    assert known.shown_status(shop.tools.now()) == "ACSP"
    assert (await shop.back(paid)).payment.state is P.BOOKED


@pytest.mark.parametrize("bank", [one.bank for one in BANKS], ids=[one.bank.id for one in BANKS])
async def test_every_bank_can_be_paid_from(shop: BankShop, bank: Bank) -> None:
    debtor = accounts_of(bank.id)[0].iban if bank.needs_iban else ""
    begun = await shop.begin(await shop.open(), bank.id, debtor)
    await pretend_banking.act(shop.tools, begun.attempts[-1].reference, "books")
    assert (await shop.back(begun)).payment.state is P.BOOKED


@pytest.mark.parametrize(("currency", "bank_id"), [("CZK", "vltavska"), ("PLN", "baltycki"), ("HUF", "moravska")])
async def test_other_currencies_are_paid_by_a_banks_domestic_product(
    shop: BankShop, currency: str, bank_id: str
) -> None:
    begun = await shop.begin(await shop.open(1_234_50, currency), bank_id)
    known = await shop.known_there(begun)
    assert (known.terms.amount, known.terms.currency) == (1_234_50, currency)
    assert known.terms.product.endswith("-credit-transfers")


async def test_a_bank_without_a_domestic_product_takes_no_other_currency(shop: BankShop) -> None:
    begun = await shop.begin(await shop.open(1_000, "CZK"), "karpatska")
    assert (begun.payment.state, await reason_of(shop, begun)) == (P.FAILED, Reason.NOT_PERMITTED)
    assert shop.wire.asked == []


async def test_a_bank_that_wants_the_account_is_not_asked_without_it(shop: BankShop) -> None:
    with pytest.raises(DebtorMissing):
        await shop.begin(await shop.open(), "wislany")
    assert shop.wire.asked == []


async def test_a_payer_who_turns_back_at_the_bank_has_cancelled(shop: BankShop) -> None:
    begun = await shop.begin(await shop.open())
    await pretend_banking.turn_back(shop.tools, begun.attempts[-1].reference)
    assert (await shop.back(begun)).payment.state is P.FAILED
    assert await reason_of(shop, begun) == Reason.PAYER_CANCELLED


async def test_a_payer_who_never_comes_to_the_bank_has_abandoned_it(shop: BankShop) -> None:
    begun = await shop.begin(await shop.open())
    await shop.pass_time(31 * 60)
    assert await shown(shop, begun) == (P.FAILED, Reason.AUTHENTICATION_ABANDONED)


async def test_an_empty_account_pays_nothing(shop: BankShop) -> None:
    begun = await shop.begin(await shop.open())
    reference = begun.attempts[-1].reference
    await pretend_banking.log_in(shop.tools, reference, "books")
    await pretend_banking.choose_account(shop.tools, reference, accounts_of("karpatska")[2].iban)
    await pretend_banking.prove(shop.tools, reference)
    await shop.back(begun)
    assert await shown(shop, begun) == (P.FAILED, Reason.INSUFFICIENT_FUNDS)


async def test_choosing_a_bank_twice_is_one_payment_there(shop: BankShop) -> None:
    opened = await shop.open()
    first, second = await shop.begin(opened), await shop.begin(opened)
    assert first.attempts == second.attempts
    assert len([1 for method, _ in shop.wire.asked if method == "POST"]) == 1


async def test_a_payment_whose_making_was_cut_short_is_cancelled_there_and_has_failed(shop: BankShop) -> None:
    shop.wire.loses = frozenset({"POST"})
    begun = await shop.begin(await shop.open())
    assert (begun.payment.state, begun.attempts[-1].reference) == (P.PROCESSING, "")
    shop.wire.loses = frozenset()
    await shop.pass_time()
    assert await shown(shop, begun) == (P.FAILED, Reason.NEVER_RECEIVED)
    known = await shop.known_there(await shop.standing(begun.payment.id))
    assert known.status == "CANC"


async def test_a_cancellation_whose_answer_is_lost_is_believed_once_the_bank_says_so(shop: BankShop) -> None:
    shop.wire.loses = frozenset({"POST"})
    begun = await shop.begin(await shop.open())
    shop.wire.loses = frozenset({"DELETE"})
    await shop.pass_time()
    assert await shown(shop, begun) == (P.FAILED, Reason.CANCELLED)


async def test_a_refund_is_a_payment_the_other_way(shop: BankShop) -> None:
    paid = await shop.paid("books")
    refund = await shop.open_refund(paid, 100_00)
    assert is_outgoing(refund.payment.id)
    begun = await shop.begin(refund, "donau")
    await pretend_banking.act(shop.tools, begun.attempts[-1].reference, "books")
    assert (await shop.back(begun)).payment.state is P.BOOKED
    known = await shop.known_there(begun)
    assert known.terms.creditor_iban == accounts_of("karpatska")[0].iban


async def test_a_payer_is_led_through_an_embedded_authorisation(shop: BankShop) -> None:
    begun = await shop.begin(await shop.open(), "rheinspar")
    assert begun.attempts[-1].step_url == ""

    async def give(**values: str) -> tuple[StepKind, list[str]]:
        step = await banking.authorise(shop.tools, begun.payment.id, values, shop.journey)
        assert step is not None
        return step.kind, [asked.name for asked in step.inputs]

    login = (StepKind.INPUT, ["psuId", "password"])
    assert await give() == login
    assert await give(psuId="books", password="4321") == login
    assert await give(psuId="nobody", password="1234") == login
    assert await give(psuId="books", password="1234") == (StepKind.INPUT, ["authenticationMethodId"])
    assert await give() == (StepKind.INPUT, ["password"])
    assert await give(password="1234") == (StepKind.INPUT, ["authenticationMethodId"])
    assert await give(authenticationMethodId="sms") == (StepKind.INPUT, ["scaAuthenticationData"])
    assert await give() == (StepKind.INPUT, ["scaAuthenticationData"])
    assert await give(scaAuthenticationData="wrong") == (StepKind.INPUT, ["scaAuthenticationData"])
    code = code_of(await shop.known_there(begun))
    done = await banking.authorise(shop.tools, begun.payment.id, {"scaAuthenticationData": code}, shop.journey)
    assert done is None
    assert (await shop.standing(begun.payment.id)).payment.state is P.BOOKED


async def test_a_payer_agrees_in_the_banks_app(shop: BankShop) -> None:
    begun = await shop.begin(await shop.open(), "isar")
    first = await banking.authorise(shop.tools, begun.payment.id, {}, shop.journey)
    assert first is not None
    assert [asked.name for asked in first.inputs] == ["psuId"]
    for values in ({"psuId": "books"}, {}):
        step = await banking.authorise(shop.tools, begun.payment.id, values, shop.journey)
        assert step is not None
        assert step.kind is StepKind.PUSH
        assert "app" in step.description
    clock_of(shop.tools).advance(11)
    assert await banking.authorise(shop.tools, begun.payment.id, {}, shop.journey) is None
    assert (await shop.standing(begun.payment.id)).payment.state is P.BOOKED


async def test_a_payer_of_a_bank_with_pages_is_sent_there(shop: BankShop) -> None:
    begun = await shop.begin(await shop.open())
    step = await banking.authorise(shop.tools, begun.payment.id, {}, shop.journey)
    assert step is not None
    assert (step.kind, step.url) == (StepKind.REDIRECT, begun.attempts[-1].step_url)


async def test_the_gateway_that_was_killed_after_asking_asks_again(shop: BankShop, second: Tools) -> None:
    begun = await shop.at_the_bank("books")
    other = replace(second, connectors=shop.tools.connectors)
    after = await resolve_call(other, begun.payment.id, may_begin=False)
    assert after.payment.state is P.BOOKED


def test_there_are_banks_of_five_countries_and_every_way_to_authenticate() -> None:
    assert {one.bank.country for one in BANKS} == {"SK", "CZ", "PL", "DE", "AT"}
    assert {one.approach for one in BANKS} == set(Approach)
