"""Two processes that wait for one row on PostgreSQL: whoever comes second decides on what the first has left."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg
import pytest

from tests import gateway
from tests.gateway import money_on, part
from tillway.commands.tools import Tools
from tillway.domain.book import Book, Needs
from tillway.domain.decision import Decision
from tillway.domain.ids import order_of
from tillway.domain.payments import Payment, PaymentState
from tillway.domain.refusals import CardEmpty
from tillway.domain.standing import Standing

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["postgresql"], indirect=True)]

DEADLINE_SECONDS = 20


class _Row:
    """A row that somebody else has locked, and who waits for it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def waits(self, call: Awaitable[Any], waiting: int) -> "asyncio.Task[Any]":
        """Begin a call, and return once so many wait."""
        task = asyncio.ensure_future(call)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while await self._waiting() < waiting:
                pass
        return task

    async def _waiting(self) -> int:
        return cast(
            "int", await self._connection.fetchval("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        )


@asynccontextmanager
async def _held(database: str, table: str, identity: str) -> AsyncGenerator[_Row]:
    connection = cast("asyncpg.Connection", await asyncpg.connect(database))
    try:
        async with connection.transaction():
            await connection.execute(f"SELECT id FROM {table} WHERE id = '{identity}' FOR UPDATE")
            yield _Row(connection)
    finally:
        await connection.close()


async def _answers(*tasks: "asyncio.Task[Any]") -> list[Any]:
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_payment_that_was_withdrawn_while_its_order_was_waited_for_is_found_withdrawn(
    database: str, tools: Tools, second: Tools
) -> None:
    till = await gateway.client(tools)
    opened = await gateway.payment(tools, till, 10_00)
    payment = opened.payment.id

    def look(book: Book) -> Decision[Payment | None]:
        return Decision(book.find(Payment, payment))

    async with _held(database, "orders", order_of(payment)) as order:
        withdrawn = await order.waits(gateway.withdraw(tools, till, payment), 1)
        looked = await order.waits(second.committer.run(Needs(orders=(order_of(payment),)), look), 2)
    standing, found = await _answers(withdrawn, looked)
    assert found == standing.payment
    assert found.state is PaymentState.WITHDRAWN


async def test_a_card_that_was_emptied_while_it_was_waited_for_gives_nothing(
    database: str, tools: Tools, second: Tools
) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    first, other = [(await gateway.payment(tools, till, 100_00)).payment.id for _ in range(2)]
    async with _held(database, "gift_cards", card.card.id) as row:
        emptied = await row.waits(gateway.perform(tools, till, first, part(card)), 1)
        late = await row.waits(gateway.perform(second, till, other, part(card)), 2)
    answers = await _answers(emptied, late)
    assert [type(answer) for answer in answers] == [Standing, CardEmpty]
    assert await money_on(tools, card) == [(0, 0)]
