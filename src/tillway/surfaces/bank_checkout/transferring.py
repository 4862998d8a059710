"""Paying by an ordinary transfer: the payer asks for the details, and the payment waits longer for the money."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from tillway.commands import banking
from tillway.domain.refusals import NotInThatState
from tillway.surfaces.bank_checkout.entering import Entrance, Opened
from tillway.surfaces.bank_checkout.viewing import transfer_page
from tillway.surfaces.common.payment_links import BANK_ROOM
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other


@dataclass(frozen=True, slots=True)
class Transferring:
    """The handlers of the page with the details of a transfer; a refund is authorised at a bank, never transferred."""

    entrance: Entrance

    def routes(self) -> Sequence[PageRoute]:
        """The page, and the form that leads to it."""
        page = f"/{BANK_ROOM}/{{token}}/transfer"
        return (PageRoute("GET", page, self.look), PageRoute("POST", page, self.wait))

    async def look(self, visit: Visit) -> PageReply:
        """The details, and until when the money has to be there."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        if not self._may_transfer(opened):
            return see_other(opened.links.page)
        return self.entrance.page(opened, transfer_page(opened.shown))

    async def wait(self, visit: Visit) -> PageReply:
        """Have the payment wait for a transfer, which takes longer than an authorisation, and show the details."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        if not self._may_transfer(opened):
            return see_other(opened.links.page)
        with contextlib.suppress(NotInThatState):
            await banking.await_transfer(self.entrance.tools, opened.payment_id)
        return see_other(opened.links.transfer)

    def _may_transfer(self, opened: Opened) -> bool:
        return opened.shown.payment.is_open(self.entrance.tools.now()) and not opened.shown.is_outgoing
