"""The sandbox's page for bank statements: a visitor has a file taken in, and sees what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from tillway.commands.statement_files import FileRefused, StatementTaken, TakesFilesIn
from tillway.commands.tools import Tools
from tillway.domain.clients import Client, RecordState, Surface
from tillway.domain.money import Money, exponent
from tillway.domain.statements import BankEntry, Statement
from tillway.queries import records, statements
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit
from tillway.surfaces.sandbox.drawing import draw
from tillway.surfaces.sandbox.pretended_statements import PretendedEntry, written
from tillway.surfaces.sandbox.views import FileFault, FileRefusal, StatementsPage

PATH: Final = "/statements"
MOST_SHOWN: Final = 20
"""Statements, and entries that wait, on the page."""

_LONGEST_ACCOUNT = 34
_EXAMPLE_MAJOR = 10
_STATUS: Final = {None: 200, FileFault.MISSING: 422, FileFault.REFUSED: 422, FileFault.TOO_LARGE: 413}


@dataclass(frozen=True, slots=True)
class StatementDesk:
    """The handlers of the page; `takes_in` reads a file and books it, as for the command line."""

    tools: Tools
    pages: Pages
    takes_in: TakesFilesIn

    def routes(self) -> Sequence[PageRoute]:
        """The page and its form's target."""
        return (
            PageRoute("GET", PATH, self.ask_for_a_file),
            PageRoute("POST", PATH, self.take_in, with_file=True),
        )

    async def ask_for_a_file(self, visit: Visit) -> PageReply:
        """The empty form, and what was taken in before."""
        return await self._page(visit, "", None, ())

    async def take_in(self, visit: Visit) -> PageReply:
        """Take the file in, or say why nothing of it was booked. The same file again changes nothing."""
        account = "".join(visit.form.get("account", "").split()).upper()[:_LONGEST_ACCOUNT]
        taken: list[StatementTaken] = []
        refusal: FileRefusal | None = None
        if visit.upload is None:
            refusal = FileRefusal(FileFault.MISSING)
        elif visit.upload.is_too_large:
            refusal = FileRefusal(FileFault.TOO_LARGE)
        else:
            try:
                await self.takes_in(self.tools, BytesIO(visit.upload.content), None, account, taken.append)
            except FileRefused as refused:
                refusal = FileRefusal(FileFault.REFUSED, str(refused))
        return await self._page(visit, account, refusal, tuple(taken))

    async def _page(
        self, visit: Visit, account: str, refusal: FileRefusal | None, taken: tuple[StatementTaken, ...]
    ) -> PageReply:
        known = await statements.newest(self.tools.store, MOST_SHOWN)
        view = StatementsPage(account, refusal, taken, tuple(known), await self._waiting(known), await self._example())
        status = _STATUS[refusal.fault if refusal else None]
        # What is left of a file that is too large is not waited for.
        headers = ((b"connection", b"close"),) if visit.upload and visit.upload.is_too_large else ()
        return PageReply(status, draw(self.pages, view, visit.language()), headers)

    async def _waiting(self, known: Sequence[Statement]) -> tuple[BankEntry, ...]:
        """What waits for a person, of the merchants whose statements are shown."""
        found: list[BankEntry] = []
        for merchant in dict.fromkeys(one.merchant_id for one in known):
            found += await statements.waiting(self.tools.store, merchant, MOST_SHOWN)
        return tuple(found[:MOST_SHOWN])

    async def _example(self) -> bytes:
        """A statement to begin with: money that came to an account of this sandbox, and belongs to nothing yet."""
        for client in await records.clients(self.tools.store):
            if _is_paid_by_bank(client):
                stamp = self.tools.stamp()
                money = Money(_EXAMPLE_MAJOR * 10 ** exponent(client.currency), client.currency)
                return written(PretendedEntry(stamp.unique.replace("-", ""), client.ibans.split()[0], money, stamp.now))
        return b""


def _is_paid_by_bank(client: Client) -> bool:
    return client.surface is Surface.ORDER and client.state is RecordState.ACTIVE and bool(client.ibans.split())
