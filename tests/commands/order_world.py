"""The world of one payment order for machines: a gateway on a database, a bank, and hooks of its client."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from tests import gateway
from tests.bank_account import SHOP, Account, bank_account
from tests.bank_books import BankBooks
from tests.commands.far import FarConnector
from tillway.commands import hooks
from tillway.commands.tools import Tools
from tillway.domain.hooking import HookAsked
from tillway.domain.hooks import HookType
from tillway.store.committer import Committer
from tillway.store.opening import open_store

Answer = TypeVar("Answer")

HOOKS = {HookType.PAYMENT_STATUS_CHANGE: 2, HookType.ORDER_STATUS_CHANGE: 1}


class World:
    """A gateway on a database and a bank, driven from ordinary functions by a loop of its own."""

    def __init__(self, database: str) -> None:
        self._runner = asyncio.Runner()
        self.books = BankBooks()
        self.bank = FarConnector(self.books)
        self.account: Account = self.run(self._open(database))

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer of a command."""
        return self._runner.run(work)

    async def _open(self, database: str) -> Account:
        tools = gateway.tools_on(open_store(database))
        made = await bank_account(replace(tools, connectors={**tools.connectors, "bank": self.bank}))
        kinds = [kind for kind, count in HOOKS.items() for _ in range(count)]
        for number, kind in enumerate(kinds):
            await hooks.add(tools, made.client.id, HookAsked(kind, f"{SHOP}hooks/{number}"), sandbox=False)
        return made

    @property
    def tools(self) -> Tools:
        """Those of the process that is alive."""
        return self.account.tools

    async def die_and_come_back(self) -> None:
        """End this process, as far as it is one, and begin another on the same store."""
        await self.tools.committer.close()
        self.account.tools = replace(self.tools, committer=Committer(self.tools.store))

    async def close(self) -> None:
        """Let go of the database."""
        await self.tools.committer.close()
        await self.tools.store.close()
