"""What a payer does on the page of any payment: look, pay what the page says, cancel."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from tillway.commands import payments
from tillway.domain.refusals import NotInThatState
from tillway.surfaces.checkout.entering import Door, Entrance
from tillway.surfaces.checkout.spending import pay_with_cards
from tillway.surfaces.checkout.tendering import pay_by_any_method
from tillway.surfaces.checkout.tray import Tray
from tillway.surfaces.checkout.viewing import is_by_any_method, summary
from tillway.surfaces.checkout.views import CancelPage
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other


@dataclass(frozen=True, slots=True)
class Checkout:
    """The handlers of the payment's own page; only the payer of a payment with gift cards alone may cancel it."""

    entrance: Entrance

    def routes(self) -> Sequence[PageRoute]:
        """Every page and form target."""
        page = f"/{self.entrance.door.value}/{{token}}"
        own = (PageRoute("GET", page, self.look), PageRoute("POST", f"{page}/perform", self.pay))
        if self.entrance.door is Door.FRAME:
            return own
        return (
            *own,
            PageRoute("GET", f"{page}/cancel", self.ask_to_cancel),
            PageRoute("POST", f"{page}/cancel", self.cancel),
        )

    async def look(self, visit: Visit) -> PageReply:
        """The payment as it stands; the first look moves it on."""
        opened = await self.entrance.open(visit, first_look=True)
        return opened if isinstance(opened, PageReply) else self.entrance.page(visit, opened)

    async def pay(self, visit: Visit) -> PageReply:
        """Take what the page said it would take, once, and complete the payment."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        pay = pay_by_any_method if is_by_any_method(opened.standing.order) else pay_with_cards
        return await pay(self.entrance, visit, opened)

    async def ask_to_cancel(self, visit: Visit) -> PageReply:
        """Ask once more before the payment is given up."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        if is_by_any_method(opened.standing.order) or not opened.standing.payment.is_open(self.entrance.tools.now()):
            return see_other(opened.links.page)
        return self.entrance.page(visit, opened, CancelPage(summary(opened.shown)))

    async def cancel(self, visit: Visit) -> PageReply:
        """Give the payment up; one that ended otherwise meanwhile shows how."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        if is_by_any_method(opened.standing.order):
            return see_other(opened.links.page)
        with contextlib.suppress(NotInThatState):
            await payments.withdraw(self.entrance.tools, opened.client, opened.payment_id)
        return await self.entrance.back(visit, opened, Tray())
