"""The proof of the books finds every kind of damage to payment orders and bank entries, on both databases."""

from collections.abc import AsyncGenerator

import pytest

from tests import gateway
from tests.bank_account import Account, bank_account, told
from tests.store.damage_of_orders import PLANTS
from tests.store.tampering import verdict_after
from tillway.commands import entries
from tillway.commands.tools import Tools
from tillway.domain.proof import Rule
from tillway.domain.reviewing import Verb
from tillway.domain.statements import Handling
from tillway.queries import ledger
from tillway.store.opening import open_store
from tillway.store.protocol import Store

pytestmark = pytest.mark.anyio

H = Handling


def _plants() -> list[tuple[Rule, str]]:
    return [(rule, statement) for rule, statements in PLANTS.items() for statement in statements]


async def _fill(tools: Tools) -> None:
    """Orders that are open, paid, paid in part and given back, and entries in every state."""
    account = await bank_account(tools)
    await account.order()
    await account.handles(part=H.ACCEPT, over=H.ACCEPT, late=H.REFUND)
    paid = await account.order(variable_symbol="1")
    await account.told_of(told(105_00, variable_symbol="1"))
    await account.order(variable_symbol="2")
    await account.told_of(told(40_00, variable_symbol="2"))
    await account.refund(paid.order.id, 30_00)
    await account.told_of(told(100_00, variable_symbol="1", remittance="late"))
    await _give_back(account)
    await account.told_of(told(7_00, variable_symbol="1", remittance="later still"))
    await account.tell(told(11_00), told(12_00, is_credit=0), told(100_00, remittance="near"))
    fee = await account.told_of(told(3_00, is_credit=0))
    await entries.decide(tools, fee.id, Verb.ACCEPT)
    rent = await account.told_of(told(4_00, is_credit=0))
    await entries.decide(tools, rent.id, Verb.IGNORE)


async def _give_back(account: Account) -> None:
    batch = await account.export()
    assert batch is not None
    assert len(batch.lines) == 2
    await account.tell(*(told(one.amount, is_credit=0, end_to_end_id=one.end_to_end_id) for one in batch.lines))


@pytest.fixture(scope="module")
async def books(anyio_backend: str, books_database: str) -> AsyncGenerator[Store]:
    """Books with payment orders and bank entries, which every test leaves as it found them."""
    store = open_store(books_database)
    tools = gateway.tools_on(store)
    await _fill(tools)
    await tools.committer.close()
    yield store
    await store.close()


async def test_books_that_nobody_touched_keep_every_rule(books: Store) -> None:
    verdict = await ledger.verify(books)
    assert verdict.is_sound, verdict.violations
    assert verdict.checked["entries"] == 11
    assert verdict.checked["batch_lines"] == 2


@pytest.mark.parametrize(("rule", "statement"), _plants(), ids=lambda value: str(value)[:60])
async def test_damage_is_found_under_the_rule_that_it_breaks(books: Store, rule: Rule, statement: str) -> None:
    verdict = await verdict_after(books, statement)
    assert rule in verdict.found
    assert {violation.rule for violation in verdict.violations} == set(verdict.found)


@pytest.mark.parametrize("length", [1, 2, 5])
async def test_damage_is_found_wherever_ranges_begin_and_end(books: Store, length: int) -> None:
    assert not (await verdict_after(books, length=length)).found
    broken = await verdict_after(books, "UPDATE instructions SET amount = amount + 1", length=length)
    assert broken.found[Rule.INSTRUCTION_MIRROR] == 4
