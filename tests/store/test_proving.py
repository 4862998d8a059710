"""The proof of the books finds every kind of damage, on both databases, and finds none where there is none."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import text

from tests import gateway
from tests.commands.far import Loses, with_far_sides
from tests.far_side import Wish
from tests.store import damage_of_orders
from tests.store.damage import PLANTS
from tests.store.tampering import verdict_after
from tillway.commands import giftcards, outcomes, payments, refunds
from tillway.commands.giftcards import CardPart
from tillway.commands.settlement import roll_up_next_day
from tillway.commands.tools import Tools
from tillway.connectors.simulator import FAILING, SILENT_BUT_PAID, IssuerSimulator
from tillway.domain.clients import Client
from tillway.domain.proof import MEANINGS, Rule
from tillway.domain.refunding import Giving
from tillway.domain.refusals import IssuerFailed, IssuerSilent
from tillway.queries import ledger
from tillway.store.balances import find_all_balances
from tillway.store.opening import open_store
from tillway.store.protocol import Store
from tillway.store.proving import MOST_SHOWN
from tillway.store.steps import Execute, Program

pytestmark = pytest.mark.anyio

UNHURRIED_SECONDS = 0.5
"""How long the issuer simulator may take here: two databases are filled once, however busy the machine."""


def _plants() -> list[tuple[Rule, str]]:
    return [(rule, statement) for rule, statements in PLANTS.items() for statement in statements]


async def _fill(tools: Tools) -> None:
    """Payments in many states: paid at once, in two steps, in part, withdrawn, given back, and in an issuer's hands."""
    till = await gateway.client(tools)
    first, second, third = await gateway.cards(tools, 300_00, 300_00, 300_00)
    await _perform(tools, till, 250_00, CardPart(first.number, "", 100_00), CardPart(second.number, "", 0))
    stepwise = await _perform(tools, till, 50_00, CardPart(first.number, "", 20_00), final=False)
    await giftcards.perform(tools, till, stepwise, [CardPart(second.number, "", 0)], (gateway.PREFIX,))
    await _perform(tools, till, 50_00, CardPart(third.number, "", 20_00), final=False)
    given_up = await _perform(tools, till, 50_00, CardPart(third.number, "", 20_00), final=False)
    await payments.withdraw(tools, till, given_up)
    given_back = await _perform(tools, till, 30_00, CardPart(third.number, "", 0))
    await refunds.refund(tools, till, given_back, Giving(10_00))
    await gateway.payment(tools, till, 10_00)
    await _with_issuers(tools, till)
    await _with_far_sides(tools)
    gateway.clock_of(tools).advance(2 * 86_400)
    assert await roll_up_next_day(tools)


async def _with_issuers(tools: Tools, till: Client) -> None:
    (agreeing,) = await gateway.cards(tools, 100_00, connector="simulator")
    paid = await _perform(tools, till, 40_00, CardPart(agreeing.number, "", 0))
    await refunds.refund(tools, till, paid, Giving(0))
    (silent,) = await gateway.cards(tools, 100_00, connector="simulator", marker=SILENT_BUT_PAID)
    with pytest.raises(IssuerSilent):
        await _perform(tools, till, 40_00, CardPart(silent.number, "", 0))
    (failing,) = await gateway.cards(tools, 100_00, connector="simulator", marker=FAILING)
    with pytest.raises(IssuerFailed):
        await _perform(tools, till, 40_00, CardPart(failing.number, "", 0))


async def _with_far_sides(tools: Tools) -> None:
    """Paid with a gift card for part, given back, refused, on the way, declined, open, to be undone, late, returned."""
    page = await with_far_sides(tools)
    (card,) = await gateway.cards(tools, 100_00)
    mixed = await page.asked(gateway.part(card, 30_00), wish=Wish.TAKES)
    await page.refund(mixed, 25_00)
    page.far.agrees = False
    await page.refund(mixed, 5_00)
    page.far.loses = Loses.ANSWERS
    await page.refund(mixed, 5_00)
    page.far.loses = Loses.NOTHING
    await page.asked(wish=Wish.DECLINES)
    await page.asked()
    for comes, returns in ((False, False), (True, False), (True, True)):
        payment = await page.asked()
        await payments.withdraw(page.tools, page.client, payment)
        if comes:
            page.far.books.settle(f"{payment}-1", agrees=True)
            await page.call_back(payment)
        else:
            page.far.loses = Loses.ANSWERS
            await outcomes.resolve_call(page.tools, payment, may_begin=False)
        page.far.agrees = returns
        await outcomes.resolve_late(page.tools, payment)
        page.far.loses = Loses.NOTHING


async def _perform(tools: Tools, till: Client, amount: int, *parts: CardPart, final: bool = True) -> str:
    opened = await gateway.payment(tools, till, amount)
    await giftcards.perform(tools, till, opened.payment.id, parts, (gateway.PREFIX,), final=final)
    return opened.payment.id


@pytest.fixture(scope="module")
async def books(anyio_backend: str, books_database: str) -> AsyncGenerator[Store]:
    """Books with all kinds of payments, which every test leaves as it found them."""
    store = open_store(books_database)
    tools = gateway.tools_on(store, asked=IssuerSimulator(UNHURRIED_SECONDS))
    await _fill(tools)
    await tools.committer.close()
    yield store
    await store.close()


async def test_books_that_nobody_touched_keep_every_rule(books: Store) -> None:
    verdict = await ledger.verify(books)
    assert verdict.is_sound, verdict.violations
    assert verdict.violations == ()


async def test_the_rows_that_were_checked_are_counted(books: Store) -> None:
    checked = (await ledger.verify(books)).checked
    assert checked["orders"] == checked["payments"] == 15
    assert checked["gift_cards"] == 7
    assert checked["refunds"] == 5


@pytest.mark.parametrize(("rule", "statement"), _plants(), ids=lambda value: str(value)[:60])
async def test_damage_is_found_under_the_rule_that_it_breaks(books: Store, rule: Rule, statement: str) -> None:
    verdict = await verdict_after(books, statement)
    assert rule in verdict.found
    assert {violation.rule for violation in verdict.violations} == set(verdict.found)


def test_every_rule_has_damage_to_be_found() -> None:
    assert PLANTS.keys() | damage_of_orders.PLANTS.keys() == set(Rule) == set(MEANINGS)


@pytest.mark.parametrize("length", [1, 2, 5])
async def test_damage_is_found_wherever_ranges_begin_and_end(books: Store, length: int) -> None:
    assert not (await verdict_after(books, length=length)).found
    broken = await verdict_after(books, "UPDATE payments SET paid = paid + 1", length=length)
    assert broken.found[Rule.PAYMENT_PAID] == 15
    assert len({violation.subject for violation in broken.violations if violation.rule is Rule.PAYMENT_PAID}) == 15


async def test_only_the_first_of_many_violations_are_listed_but_all_are_counted(books: Store) -> None:
    many = [
        f"INSERT INTO notices SELECT '01999999-0000-7000-8000-{number:012x}', 'gone', client_id, payment_id, schedule, "
        f"url, host, body, state, tries, next_try_at, leased_until, created_at, settled_at FROM notices "
        f"WHERE id = (SELECT min(id) FROM notices)"
        for number in range(MOST_SHOWN + 20)
    ]
    verdict = await verdict_after(books, *many)
    assert verdict.found == {Rule.NOTICE_EVENT: MOST_SHOWN + 20}
    assert len(verdict.violations) == MOST_SHOWN


async def test_an_empty_database_keeps_every_rule(store: Store) -> None:
    assert (await ledger.verify(store)).is_sound


async def test_the_balances_of_all_accounts_add_up_to_nothing(books: Store) -> None:
    balances = await ledger.balances(books)
    assert sum(balance.minor for balance in balances) == 0
    kinds = {"card", "held", "issuer", "late", "payable", "receivable", "transit"}
    assert {balance.kind for balance in balances} == kinds


async def test_balances_are_those_of_the_payments(books: Store) -> None:
    (payable,) = await ledger.balances(books, "payable:")
    assert payable.minor == 250_00 + 50_00 + 30_00 - 10_00 + 100_00 - 25_00 - 5_00
    (held,) = await ledger.balances(books, "held:*")
    assert held.minor == 20_00 + 40_00
    (issued,) = await ledger.balances(books, "issuer:sandbox")
    assert issued.minor == -1300_00
    (transit,) = await ledger.balances(books, "transit:")
    assert transit.minor == 5_00
    (late,) = await ledger.balances(books, "late:")
    assert late.minor == 100_00
    (far,) = await ledger.balances(books, "receivable:far")
    assert far.minor == -70_00 + 25_00 - 100_00


async def test_balances_are_the_same_with_and_without_the_daily_roll_up(books: Store) -> None:
    rolled_up = await ledger.balances(books)

    def plain() -> Program[None]:
        yield Execute(text("DELETE FROM daily_balances"))
        raise _Found((yield from find_all_balances()))

    with pytest.raises(_Found) as found:
        await books.write(plain())
    assert found.value.balances == {balance.account: balance.minor for balance in rolled_up}


class _Found(Exception):
    """Ends a transaction that is not to be kept, with the balances in it."""

    def __init__(self, balances: dict[str, int]) -> None:
        self.balances = balances
