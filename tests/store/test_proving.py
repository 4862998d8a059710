"""The proof of the books finds every kind of damage, on both databases, and finds none where there is none."""

import shutil
from collections.abc import AsyncGenerator, Generator, Mapping

import pytest
from sqlalchemy import text

from tests import gateway
from tests.postgresql import PostgresServer
from tillway.commands import giftcards, payments
from tillway.commands.giftcards import CardPart
from tillway.commands.settlement import roll_up_next_day
from tillway.commands.tools import Tools
from tillway.connectors.simulator import FAILING, SILENT_BUT_PAID
from tillway.domain.clients import Client
from tillway.domain.proof import MEANINGS, Rule, Verdict
from tillway.domain.refusals import IssuerFailed, IssuerSilent
from tillway.queries import ledger
from tillway.store.balances import find_all_balances
from tillway.store.opening import open_store
from tillway.store.protocol import Store
from tillway.store.proving import MOST_SHOWN, RANGE, prove
from tillway.store.sqlite import SqliteStore
from tillway.store.steps import Execute, Program

pytestmark = pytest.mark.anyio

_BOOKED = "(SELECT id FROM payments WHERE state = 'BOOKED' AND refunded = 0 ORDER BY id LIMIT 1)"
_REFUNDED = "(SELECT min(id) FROM payments WHERE refunded > 0)"
_LAST_REFUNDED = "(SELECT max(payment_id) FROM refunds)"
_HELD = "(SELECT payment_id FROM attempts WHERE state = 'HELD')"
_OPEN = "(SELECT payment_id FROM attempts WHERE state = 'OPEN')"
_DECLINED = "(SELECT payment_id FROM attempts WHERE state = 'DECLINED')"
_ANY_CARD = "(SELECT id FROM gift_cards ORDER BY id LIMIT 1)"
_NEW = "'01999999-0000-7000-8000-000000000001'"
_ELSEWHERE = "'01999999-0000-7000-8000-000000000000'"


def _copied_transfer(kind: str, **changes: str) -> str:
    """A statement that adds a transfer like the first one of a kind, but for the changes."""
    columns = ("kind", "amount", "currency", "source", "target", "payment_id", "attempt", "refund", "at")
    values = ", ".join(changes.get(column, column) for column in columns)
    return (
        f"INSERT INTO transfers (id, {', '.join(columns)}) SELECT {changes.get('id', _NEW)}, {values} "
        f"FROM transfers WHERE kind = '{kind}' ORDER BY id LIMIT 1"
    )


PLANTS: Mapping[Rule, tuple[str, ...]] = {
    Rule.TRANSFER_AMOUNT: (
        "UPDATE transfers SET amount = -amount WHERE kind = 'spend'",
        "UPDATE transfers SET amount = 0 WHERE kind = 'issue'",
    ),
    Rule.TRANSFER_ACCOUNTS: ("UPDATE transfers SET target = source WHERE kind = 'hold'",),
    Rule.TRANSFER_CURRENCY: (
        "UPDATE transfers SET currency = 'SEK' WHERE kind = 'spend'",
        "UPDATE transfers SET source = replace(source, ':NOK', ':SEK') WHERE kind = 'issue'",
    ),
    Rule.TRANSFER_KIND: (
        "UPDATE transfers SET kind = 'hold' WHERE kind = 'spend'",
        "UPDATE transfers SET kind = 'gift' WHERE kind = 'spend'",
        f"UPDATE transfers SET target = 'held:' || {_ANY_CARD} || '2:NOK' WHERE kind = 'hold'",
    ),
    Rule.TRANSFER_ORPHAN: (
        _copied_transfer("spend", attempt="999"),
        _copied_transfer("spend", payment_id=_ELSEWHERE),
        _copied_transfer("spend", payment_id="''", attempt="0"),
        _copied_transfer("issue", payment_id=_BOOKED, attempt="1"),
        f"DELETE FROM attempts WHERE payment_id = {_BOOKED}",
    ),
    Rule.TRANSFER_OWNER: (
        "UPDATE transfers SET target = 'payable:another:NOK' WHERE kind = 'spend'",
        "UPDATE transfers SET source = 'card:another:NOK' WHERE kind = 'spend'",
        "UPDATE orders SET merchant_id = 'another'",
    ),
    Rule.CARD_BALANCE: (
        f"UPDATE gift_cards SET balance = balance + 1 WHERE id = {_ANY_CARD}",
        "UPDATE gift_cards SET held = held - 1 WHERE held > 0",
        f"DELETE FROM gift_cards WHERE id = {_ANY_CARD}",
        f"UPDATE gift_cards SET currency = 'SEK' WHERE id = {_ANY_CARD}",
        "DELETE FROM transfers WHERE kind = 'issue'",
        _copied_transfer("issue"),
    ),
    Rule.CARD_ISSUER: (
        f"UPDATE gift_cards SET issuer_id = 'nobody' WHERE id = {_ANY_CARD}",
        "UPDATE issuers SET currency = 'SEK'",
    ),
    Rule.ATTEMPT_TRANSFERS: (
        "DELETE FROM transfers WHERE kind = 'spend'",
        "DELETE FROM transfers WHERE kind = 'void'",
        "DELETE FROM transfers WHERE kind = 'hold'",
        _copied_transfer("spend"),
        _copied_transfer("capture"),
        "UPDATE transfers SET amount = amount - 1 WHERE kind = 'spend'",
        "UPDATE attempts SET amount = amount + 1 WHERE state = 'HELD'",
        "UPDATE attempts SET state = 'PAID' WHERE state = 'HELD'",
        "UPDATE attempts SET state = 'HELD' WHERE state = 'PAID'",
        "UPDATE attempts SET state = 'DECLINED' WHERE state = 'OPEN'",
        "UPDATE attempts SET state = 'OPEN' WHERE state = 'WITHDRAWN'",
        "UPDATE attempts SET state = 'LOST' WHERE state = 'OPEN'",
        "UPDATE transfers SET refund = 0, kind = 'hold' WHERE kind = 'refund'",
    ),
    Rule.REFUND_TRANSFERS: (
        "DELETE FROM transfers WHERE kind = 'refund'",
        _copied_transfer("refund"),
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 'refund'",
        "UPDATE transfers SET refund = refund + 1 WHERE kind = 'refund'",
        "UPDATE refund_parts SET state = 'PROCESSING'",
        "UPDATE refund_parts SET state = 'FAILED'",
        "UPDATE refund_parts SET connector = 'simulator'",
        "DELETE FROM transfers WHERE kind = 'refund_sent'",
        "UPDATE transfers SET refund = 1 WHERE kind = 'spend'",
    ),
    Rule.REFUND_PARTS: (
        "UPDATE refunds SET amount = amount + 1",
        "UPDATE refunds SET state = 'PROCESSING'",
        "DELETE FROM refund_parts",
    ),
    Rule.PAYMENT_PAID: (
        f"UPDATE payments SET paid = paid - 1 WHERE id = {_BOOKED}",
        f"UPDATE payments SET paid = 0 WHERE id = {_HELD}",
        "UPDATE payments SET paid = 1 WHERE state = 'CREATED'",
    ),
    Rule.PAYMENT_REFUNDED: (
        "UPDATE payments SET refunded = refunded + 1 WHERE state = 'BOOKED'",
        "UPDATE attempts SET refunded = refunded - 1 WHERE refunded > 0",
        "UPDATE refund_parts SET amount = amount + 1",
    ),
    Rule.PAYMENT_ENDED: (
        f"UPDATE payments SET state = 'EXPIRED' WHERE id = {_BOOKED}",
        f"UPDATE payments SET state = 'BOOKED' WHERE id = {_HELD}",
    ),
    Rule.PAYMENT_COUNTS: (
        f"UPDATE payments SET attempt_count = attempt_count + 1 WHERE id = {_BOOKED}",
        "UPDATE payments SET refund_count = 0",
        f"UPDATE attempts SET number = number + 1 WHERE payment_id = {_HELD}",
    ),
    Rule.PAYMENT_ORPHAN: (
        f"DELETE FROM payments WHERE id = {_BOOKED}",
        f"DELETE FROM payments WHERE id = {_REFUNDED}",
        f"UPDATE attempts SET payment_id = {_NEW} WHERE payment_id = {_DECLINED}",
        f"UPDATE refunds SET payment_id = {_NEW} WHERE payment_id = {_LAST_REFUNDED}",
        "DELETE FROM refunds",
        f"DELETE FROM attempts WHERE payment_id = {_REFUNDED}",
    ),
    Rule.ORDER_PAYMENTS: (
        "DELETE FROM orders WHERE payment_count = 1",
        "UPDATE orders SET payment_count = 2",
        f"DELETE FROM payments WHERE id = {_BOOKED}",
        f"UPDATE payments SET currency = 'SEK' WHERE id = {_BOOKED}",
    ),
    Rule.ORDER_OWNER: ("UPDATE orders SET client_id = 'nobody'", "UPDATE clients SET merchant_id = 'another'"),
    Rule.PAYMENT_STATE: (
        f"UPDATE payments SET state = 'CONFIRMED' WHERE id = {_BOOKED}",
        "UPDATE payments SET state = 'SEEN' WHERE state = 'CREATED'",
        "DELETE FROM transitions WHERE target = 'BOOKED'",
    ),
    Rule.TRANSITION_CHAIN: (
        "UPDATE transitions SET source = 'CONFIRMED' WHERE target = 'BOOKED'",
        "UPDATE transitions SET source = 'FAILED' WHERE number = 1",
        (
            f"INSERT INTO transitions SELECT subject, number + 100, target, 'SEEN', at FROM transitions "
            f"WHERE subject = {_BOOKED}"
        ),
    ),
    Rule.TRANSITION_ORPHAN: (
        f"UPDATE transitions SET subject = {_NEW} WHERE subject = {_BOOKED}",
        "INSERT INTO transitions SELECT id, 7, 'BOOKED', 'FAILED', 1 FROM refunds",
        f"DELETE FROM payments WHERE id = {_BOOKED}",
    ),
    Rule.SUCCESS_LOGGED: (
        "DELETE FROM events WHERE kind = 'payment.succeeded'",
        (
            f"INSERT INTO events SELECT {_NEW}, kind, client_id, payment_id, sequence, event, at FROM events "
            f"WHERE payment_id = {_BOOKED}"
        ),
        f"UPDATE events SET kind = 'payment.succeeded' WHERE payment_id = {_HELD}",
    ),
    Rule.NOTICE_EVENT: (
        "DELETE FROM events WHERE kind = 'payment.succeeded'",
        f"UPDATE notices SET event_id = {_NEW}",
    ),
    Rule.DAILY_BALANCE: (
        "UPDATE daily_balances SET balance = balance + 1 WHERE account LIKE 'payable:%'",
        "DELETE FROM daily_balances WHERE account LIKE 'payable:%'",
        "INSERT INTO daily_balances SELECT 'transit:x:NOK', day, 1 FROM daily_balances WHERE account = ''",
        _copied_transfer("spend"),
    ),
}
"""For every rule, statements of which each one breaks it."""


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
    await giftcards.refund(tools, till, given_back, 10_00, "")
    await gateway.payment(tools, till, 10_00)
    await _with_issuers(tools, till)
    gateway.clock_of(tools).advance(2 * 86_400)
    assert await roll_up_next_day(tools)


async def _with_issuers(tools: Tools, till: Client) -> None:
    (agreeing,) = await gateway.cards(tools, 100_00, connector="simulator")
    paid = await _perform(tools, till, 40_00, CardPart(agreeing.number, "", 0))
    await giftcards.refund(tools, till, paid, 0, "")
    (silent,) = await gateway.cards(tools, 100_00, connector="simulator", marker=SILENT_BUT_PAID)
    with pytest.raises(IssuerSilent):
        await _perform(tools, till, 40_00, CardPart(silent.number, "", 0))
    (failing,) = await gateway.cards(tools, 100_00, connector="simulator", marker=FAILING)
    with pytest.raises(IssuerFailed):
        await _perform(tools, till, 40_00, CardPart(failing.number, "", 0))


async def _perform(tools: Tools, till: Client, amount: int, *parts: CardPart, final: bool = True) -> str:
    opened = await gateway.payment(tools, till, amount)
    await giftcards.perform(tools, till, opened.payment.id, parts, (gateway.PREFIX,), final=final)
    return opened.payment.id


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def books_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """A database of each kind for the whole module."""
    if request.param == "sqlite":
        yield str(shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path_factory.mktemp("books")))
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    database = postgres.create_database(request.getfixturevalue("migrated_postgres"))
    yield database
    postgres.drop_database(database)


@pytest.fixture(scope="module")
async def books(anyio_backend: str, books_database: str) -> AsyncGenerator[Store]:
    """Books with all kinds of payments, which every test leaves as it found them."""
    store = open_store(books_database)
    tools = gateway.tools_on(store)
    await _fill(tools)
    await tools.committer.close()
    yield store
    await store.close()


class _Undone(Exception):
    """Ends a transaction that is not to be kept, with what was found in it."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict


async def _verdict_after(store: Store, *statements: str, length: int = RANGE) -> Verdict:
    """What the proof finds after the statements, which are undone."""

    def tampered() -> Program[None]:
        yield from _without_checks(store)
        for statement in statements:
            yield Execute(text(statement.replace(":", "\\:")))
        raise _Undone((yield from prove(length)))

    with pytest.raises(_Undone) as undone:
        await store.write(tampered())
    return undone.value.verdict


_CHECKS = "SELECT conrelid\\:\\:regclass\\:\\:text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"


def _without_checks(store: Store) -> Program[None]:
    if isinstance(store, SqliteStore):
        yield Execute(text("PRAGMA ignore_check_constraints = ON"))
        return
    for table, name in (yield Execute(text(_CHECKS))):
        yield Execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))


async def test_books_that_nobody_touched_keep_every_rule(books: Store) -> None:
    verdict = await ledger.verify(books)
    assert verdict.is_sound, verdict.violations
    assert verdict.violations == ()


async def test_the_rows_that_were_checked_are_counted(books: Store) -> None:
    checked = (await ledger.verify(books)).checked
    assert checked["orders"] == checked["payments"] == 9
    assert checked["gift_cards"] == 6
    assert checked["refunds"] == 2


@pytest.mark.parametrize(("rule", "statement"), _plants(), ids=lambda value: str(value)[:60])
async def test_damage_is_found_under_the_rule_that_it_breaks(books: Store, rule: Rule, statement: str) -> None:
    verdict = await _verdict_after(books, statement)
    assert rule in verdict.found
    assert {violation.rule for violation in verdict.violations} == set(verdict.found)


def test_every_rule_has_damage_to_be_found() -> None:
    assert set(PLANTS) == set(Rule) == set(MEANINGS)


@pytest.mark.parametrize("length", [1, 2, 5])
async def test_damage_is_found_wherever_ranges_begin_and_end(books: Store, length: int) -> None:
    assert not (await _verdict_after(books, length=length)).found
    broken = await _verdict_after(books, "UPDATE payments SET paid = paid + 1", length=length)
    assert broken.found[Rule.PAYMENT_PAID] == 9
    assert len({violation.subject for violation in broken.violations if violation.rule is Rule.PAYMENT_PAID}) == 9


async def test_only_the_first_of_many_violations_are_listed_but_all_are_counted(books: Store) -> None:
    many = [
        f"INSERT INTO notices SELECT '01999999-0000-7000-8000-{number:012x}', 'gone', client_id, payment_id, schedule, "
        f"url, host, body, state, tries, next_try_at, leased_until, created_at, settled_at FROM notices "
        f"WHERE id = (SELECT min(id) FROM notices)"
        for number in range(MOST_SHOWN + 20)
    ]
    verdict = await _verdict_after(books, *many)
    assert verdict.found == {Rule.NOTICE_EVENT: MOST_SHOWN + 20}
    assert len(verdict.violations) == MOST_SHOWN


async def test_an_empty_database_keeps_every_rule(store: Store) -> None:
    assert (await ledger.verify(store)).is_sound


async def test_the_balances_of_all_accounts_add_up_to_nothing(books: Store) -> None:
    balances = await ledger.balances(books)
    assert sum(balance.minor for balance in balances) == 0
    assert {balance.kind for balance in balances} == {"card", "held", "issuer", "payable", "transit"}


async def test_balances_are_those_of_the_payments(books: Store) -> None:
    (payable,) = await ledger.balances(books, "payable:")
    assert payable.minor == 250_00 + 50_00 + 30_00 - 10_00
    (held,) = await ledger.balances(books, "held:*")
    assert held.minor == 20_00 + 40_00
    (issued,) = await ledger.balances(books, "issuer:sandbox")
    assert issued.minor == -1200_00


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
