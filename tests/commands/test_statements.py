"""Bank entries find their payments, and nothing of them is ever booked twice, or lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests import gateway
from tests.bank_account import PAYER, Account, bank_account, told
from tests.banking import bank_shop
from tests.gateway import clock_of
from tillway.commands import entries, expiry, statements
from tillway.commands import orders as order_commands
from tillway.commands.tools import Tools
from tillway.domain.entry_refusals import EntryDiffers, EntryNotDecidable, EntryUnknown
from tillway.domain.ordering import OrderChange
from tillway.domain.payment_orders import OrderStatus
from tillway.domain.payments import PaymentState
from tillway.domain.reviewing import Verb
from tillway.domain.schedules import DAY
from tillway.domain.statements import EntryState, Handling
from tillway.queries import ledger
from tillway.queries import statements as queries
from tillway.store.committer import Committer

pytestmark = pytest.mark.anyio

E, P = EntryState, PaymentState
BALANCES = {"account", "unmatched", "payable", "receivable"}


@pytest.fixture
async def account(tools: Tools) -> AsyncIterator[Account]:
    made = await bank_account(tools)
    yield made
    verdict = await ledger.verify(tools.store)
    assert verdict.is_sound, verdict.violations


async def money(account: Account) -> dict[str, int]:
    """What the accounts have come to, without those at nothing."""
    found = await ledger.balances(account.tools.store)
    return {
        f"{one.kind}:{one.owner}" if one.kind == "receivable" else one.kind: one.minor for one in found if one.minor
    }


async def test_a_transfer_with_the_variable_symbol_books_the_payment(account: Account) -> None:
    order = await account.order()
    entry = await account.told_of(told(100_00, variable_symbol="0000007001"))
    after = await account.standing(order.order.id)
    assert (entry.state, entry.settled, entry.payment_id) == (E.MATCHED, 100_00, order.payments[0].id)
    assert (after.payments[0].state, after.terms.status) == (P.BOOKED, OrderStatus.PAID)
    assert after.instructions[0].debtor_iban == PAYER
    assert await money(account) == {"account": -100_00, "payable": 100_00}


@pytest.mark.parametrize(
    "said",
    [
        {"reference": "INV 2026/7"},
        {"remittance": "Thanks, INV 2026/7"},
        {"remittance": "INV 2026/7"},
        {"end_to_end_id": "INV 2026/7"},
    ],
)
async def test_a_reference_is_found_where_banks_put_it(account: Account, said: dict[str, str]) -> None:
    spaced = "," not in str(said)
    order = await account.order(reference="INV 2026/7" if spaced else "2026/7")
    entry = await account.told_of(told(100_00, **said))
    assert (entry.state, entry.payment_id) == (E.MATCHED, order.payments[0].id)


async def test_the_payments_own_id_is_the_surest_name(account: Account) -> None:
    await account.order()
    order = await account.order()
    named = order.payments[0].id.replace("-", "").upper()
    entry = await account.told_of(told(100_00, variable_symbol="7001", end_to_end_id=named))
    assert (entry.state, entry.payment_id, entry.score) == (E.MATCHED, order.payments[0].id, 100)


async def test_the_same_file_and_an_overlapping_one_change_nothing(account: Account) -> None:
    await account.order()
    first = [told(100_00, variable_symbol="7001"), told(1_00), told(1_00), told(2_00, bank_reference="R-1")]
    taken = await account.tell(*first, digest="one")
    assert [one.is_fresh for one in taken] == [True] * 4
    before = await money(account)
    again = await account.tell(*first, digest="one")
    assert [one.is_fresh for one in again] == [False] * 4
    later = told(2_00, bank_reference="R-1", remittance="in other words")
    overlapping = await account.tell(first[2], later, first[0], first[1], told(5_00))
    assert [one.is_fresh for one in overlapping] == [False] * 4 + [True]
    assert (await money(account))["account"] == before["account"] - 5_00


async def test_many_imports_of_one_file_at_once_book_it_once(account: Account) -> None:
    await account.order()
    file = [told(100_00, variable_symbol="7001"), *(told(number) for number in range(1, 200))]
    others = [replace(account, tools=gateway.tools_on(account.tools.store, clock_of(account.tools))) for _ in range(4)]
    told_by_all = await asyncio.gather(*(other.tell(*file, digest="one") for other in others))
    assert sum(one.is_fresh for taken in told_by_all for one in taken) == len(file)
    assert (await money(account))["account"] == -100_00 - sum(range(1, 200))
    for other in others:
        await other.tools.committer.close()


async def test_two_payments_that_fit_as_well_are_left_to_a_person(account: Account) -> None:
    orders = [await account.order(), await account.order()]
    entry = await account.told_of(told(100_00, variable_symbol="7001"))
    assert (entry.state, entry.cause, entry.settled) == (E.REVIEW, "near", 0)
    assert await queries.waiting(account.tools.store, account.client.merchant_id, 10) == [entry]
    decided = await entries.match_payment(account.tools, entry.id, orders[1].payments[0].id)
    assert (decided.state, decided.settled) == (E.MATCHED, 100_00)
    assert (await account.standing(orders[1].order.id)).payments[0].state is P.BOOKED


async def test_of_payments_with_one_symbol_the_one_that_expects_the_amount_gets_it(account: Account) -> None:
    orders = [await account.order(amount) for amount in (10_00, 20_00, 30_00)]
    entry = await account.told_of(told(20_00, variable_symbol="7001"))
    assert entry.payment_id == orders[1].payments[0].id
    entry = await account.told_of(told(10_00, variable_symbol="7001"))
    assert entry.payment_id == orders[0].payments[0].id


async def test_a_specific_symbol_that_differs_leaves_it_to_a_person(account: Account) -> None:
    await account.order(variable_symbol="7001", specific_symbol="5")
    entry = await account.told_of(told(100_00, variable_symbol="7001", specific_symbol="6"))
    assert (entry.state, entry.cause) == (E.REVIEW, "near")


async def test_money_like_nothing_we_know_waits_and_finds_its_order_later(account: Account) -> None:
    entry = await account.told_of(told(100_00, variable_symbol="7001"))
    assert entry.state is E.UNMATCHED
    assert (await money(account))["unmatched"] == 100_00
    order = await account.order()
    (again,) = await statements.match_again(account.tools, (account.client.id,), [entry])
    assert (again.entry.state, again.entry.payment_id) == (E.MATCHED, order.payments[0].id)


async def test_what_another_merchant_is_owed_is_not_touched(account: Account) -> None:
    other = await bank_account(account.tools, "Another shop")
    order = await other.order()
    named = order.payments[0].id.replace("-", "")
    entry = await account.told_of(told(100_00, variable_symbol="7001", end_to_end_id=named))
    assert entry.state is E.UNMATCHED
    with pytest.raises(Exception, match="no payment"):
        await entries.match_payment(account.tools, entry.id, order.payments[0].id)


async def test_part_of_the_amount_is_held_unless_the_merchant_says_otherwise(account: Account) -> None:
    order = await account.order()
    entry = await account.told_of(told(40_00, variable_symbol="7001"))
    assert (entry.state, entry.cause, entry.payment_id) == (E.REVIEW, "part", order.payments[0].id)
    assert (await account.standing(order.order.id)).terms.status is OrderStatus.UNPAID


async def test_a_part_that_is_accepted_leaves_the_rest_to_a_further_payment(account: Account) -> None:
    await account.handles(part=Handling.ACCEPT)
    order = await account.order()
    await account.told_of(told(40_00, variable_symbol="7001"))
    after = await account.standing(order.order.id)
    assert (after.payments[0].state, after.payments[0].amount) == (P.BOOKED, 40_00)
    assert after.terms.status is OrderStatus.PARTIALLY_PAID
    change = OrderChange(100_00, None, account.tools.now() + DAY)
    updated = await order_commands.update_order(account.tools, account.client, order.order.id, change)
    assert (updated.payments[1].state, updated.payments[1].amount) == (P.CREATED, 60_00)
    await account.told_of(told(60_00, variable_symbol="7001"))
    assert (await account.standing(order.order.id)).terms.status is OrderStatus.PAID


@pytest.mark.parametrize(
    ("over", "state", "unmatched", "payable"),
    [
        (Handling.HOLD, E.REVIEW, 5_00, 100_00),
        (Handling.ACCEPT, E.MATCHED, 0, 105_00),
        (Handling.REFUND, E.RETURNING, 5_00, 100_00),
    ],
)
async def test_too_much_is_handled_as_the_merchant_says(
    account: Account, over: Handling, state: EntryState, unmatched: int, payable: int
) -> None:
    await account.handles(over=over)
    order = await account.order()
    entry = await account.told_of(told(105_00, variable_symbol="7001"))
    assert (entry.state, entry.settled) == (state, 100_00)
    assert (await account.standing(order.order.id)).terms.status is OrderStatus.PAID
    found = await money(account)
    assert (found.get("unmatched", 0), found["payable"]) == (unmatched, payable)


@pytest.mark.parametrize(
    ("late", "state"), [(Handling.HOLD, E.REVIEW), (Handling.ACCEPT, E.MATCHED), (Handling.REFUND, E.RETURNING)]
)
@pytest.mark.parametrize("ends", ["expired", "withdrawn", "paid"])
async def test_late_money_is_handled_as_the_merchant_says(
    account: Account, late: Handling, state: EntryState, ends: str
) -> None:
    await account.handles(late=late)
    order = await account.order()
    if ends == "expired":
        clock_of(account.tools).advance(2 * 86_400)
        await expiry.expire(account.tools, order.payments[0].id)
    elif ends == "withdrawn":
        await order_commands.withdraw_order(account.tools, account.client, order.order.id)
    else:
        await account.told_of(told(100_00, variable_symbol="7001"))
    before = await account.standing(order.order.id)
    entry = await account.told_of(told(100_00, variable_symbol="7001", remittance="late"))
    assert (entry.state, entry.settled, entry.payment_id) == (state, 0, order.payments[0].id)
    assert await account.standing(order.order.id) == before


async def test_money_goes_back_by_a_file_and_is_back_once_a_statement_shows_it(account: Account) -> None:
    await account.handles(over=Handling.REFUND)
    await account.order()
    entry = await account.told_of(told(105_00, variable_symbol="7001"))
    batch = await account.export()
    assert batch is not None
    ((line),) = batch.lines
    assert (line.amount, line.creditor_iban, line.entry_id) == (5_00, PAYER, entry.id)
    assert await account.export() is None
    with pytest.raises(EntryNotDecidable):
        await entries.decide(account.tools, entry.id, Verb.REOPEN)
    wrong = await account.told_of(told(4_00, is_credit=0, end_to_end_id=line.end_to_end_id))
    assert (wrong.state, wrong.cause) == (E.REVIEW, "differs")
    debit = await account.told_of(told(5_00, is_credit=0, end_to_end_id=line.end_to_end_id))
    assert (debit.state, debit.returns) == (E.MATCHED, entry.id)
    assert (await account.entry(entry)).state is E.RETURNED
    second = await account.told_of(told(5_00, is_credit=0, end_to_end_id=line.end_to_end_id, remittance="again"))
    assert second.state is E.REVIEW


async def test_a_return_without_its_name_is_told_by_a_person(account: Account) -> None:
    entry = await account.told_of(told(9_00))
    with pytest.raises(EntryUnknown):
        await entries.decide(account.tools, "0" * 32, Verb.REFUND)
    returning = await entries.decide(account.tools, entry.id, Verb.REFUND)
    assert returning.state is E.RETURNING
    reopened = await entries.decide(account.tools, entry.id, Verb.REOPEN)
    assert reopened.state is E.REVIEW
    await entries.decide(account.tools, entry.id, Verb.REFUND)
    debit = await account.told_of(told(9_00, is_credit=0))
    assert debit.state is E.UNMATCHED
    with pytest.raises(EntryNotDecidable):
        await entries.match_return(account.tools, debit.id, debit.id)
    matched = await entries.match_return(account.tools, debit.id, entry.id)
    assert (matched.state, (await account.entry(entry)).state) == (E.MATCHED, E.RETURNED)


async def test_nobody_knows_where_money_without_an_account_goes_back_to(account: Account) -> None:
    await account.handles(late=Handling.REFUND)
    order = await account.order()
    await order_commands.withdraw_order(account.tools, account.client, order.order.id)
    entry = await account.told_of(told(100_00, variable_symbol="7001", counterparty_iban=""))
    assert (entry.state, entry.cause) == (E.REVIEW, "nameless")
    with pytest.raises(EntryDiffers):
        await entries.decide(account.tools, entry.id, Verb.REFUND)
    kept = await entries.decide(account.tools, entry.id, Verb.ACCEPT)
    assert (kept.state, kept.kept) == (E.MATCHED, 100_00)
    with pytest.raises(EntryNotDecidable):
        await entries.decide(account.tools, entry.id, Verb.IGNORE)


async def test_what_a_merchant_pays_others_is_set_aside_or_borne(account: Account) -> None:
    fee = await account.told_of(told(3_00, is_credit=0))
    assert (fee.state, await money(account)) == (E.UNMATCHED, {"account": 3_00, "unmatched": -3_00})
    borne = await entries.decide(account.tools, fee.id, Verb.ACCEPT)
    assert borne.state is E.MATCHED
    assert await money(account) == {"account": 3_00, "payable": -3_00}
    rent = await account.told_of(told(700_00, is_credit=0))
    assert (await entries.decide(account.tools, rent.id, Verb.IGNORE)).state is E.IGNORED


async def test_a_reversal_is_always_left_to_a_person(account: Account) -> None:
    await account.order()
    await account.told_of(told(100_00, variable_symbol="7001"))
    taken_back = await account.told_of(told(100_00, variable_symbol="7001", is_credit=0, is_reversal=1))
    assert (taken_back.state, taken_back.cause) == (E.REVIEW, "reversal")


async def test_a_refund_goes_out_by_file_and_is_booked_once_a_statement_shows_it(account: Account) -> None:
    order = await account.order()
    await account.told_of(told(100_00, variable_symbol="7001"))
    refund = (await account.refund(order.order.id, 30_00)).refund
    batch = await account.export()
    assert batch is not None
    ((line),) = batch.lines
    assert (line.payment_id, line.creditor_iban, line.amount) == (refund.id, PAYER, 30_00)
    assert (await account.standing(order.order.id)).refunds[0].state is P.PROCESSING
    debit = await account.told_of(told(30_00, is_credit=0, end_to_end_id=line.end_to_end_id))
    assert (debit.state, debit.settled) == (E.MATCHED, 30_00)
    after = await account.standing(order.order.id)
    assert (after.refunds[0].state, after.terms.status) == (P.BOOKED, OrderStatus.PAID)
    assert await money(account) == {"account": -70_00, "payable": 70_00}


async def test_of_two_exports_at_once_one_has_the_refund(account: Account) -> None:
    order = await account.order()
    await account.told_of(told(100_00, variable_symbol="7001"))
    refund = (await account.refund(order.order.id, 30_00)).refund
    made = await asyncio.gather(*(account.export([refund.id]) for _ in range(3)))
    assert len([batch for batch in made if batch is not None]) == 1


async def test_a_refund_that_was_transferred_by_hand_is_matched_by_hand(account: Account) -> None:
    order = await account.order()
    await account.told_of(told(100_00, variable_symbol="7001"))
    refund = (await account.refund(order.order.id, 30_00)).refund
    debit = await account.told_of(told(30_00, is_credit=0))
    with pytest.raises(EntryDiffers):
        await entries.match_payment(account.tools, debit.id, order.payments[0].id)
    matched = await entries.match_payment(account.tools, debit.id, refund.id)
    assert matched.state is E.MATCHED
    assert (await account.standing(order.order.id)).refunds[0].state is P.BOOKED


async def test_a_killed_import_is_finished_by_another(account: Account) -> None:
    await account.order()
    file = [told(number) for number in range(1, 300)] + [told(100_00, variable_symbol="7001")]
    cut = asyncio.create_task(account.tell(*file, digest="one"))
    for _ in range(40):
        await asyncio.sleep(0)
    cut.cancel()
    await asyncio.wait((cut,))
    await account.tools.committer.close()
    tools = replace(account.tools, committer=Committer(account.tools.store))
    account.tools = tools
    await account.tell(*file, digest="one")
    assert (await money(account))["account"] == -100_00 - sum(range(1, 300))
    await tools.committer.close()


async def test_what_a_bank_reported_is_settled_by_its_entry(tools: Tools) -> None:
    async with bank_shop(tools) as shop:
        paid = await shop.paid("books")
        account = Account(shop.tools, shop.client)
        named = paid.payment.id.replace("-", "")
        creditor = (await account.standing(paid.order.id)).instructions[0].creditor_iban
        head = told(250_00, account=creditor, end_to_end_id=named)
        before = await money(account)
        assert before["receivable:berlin"] == -250_00
        entry = await account.told_of(head)
        assert (entry.state, entry.attempt) == (E.MATCHED, 1)
        assert await money(account) == {"account": -250_00, "payable": 250_00}
        twice = await account.told_of(replace(head, remittance="paid twice"))
        assert (twice.state, twice.cause) == (E.REVIEW, "late")
        assert (await ledger.verify(tools.store)).is_sound
