"""Coming back from a bank: one look at what became of it, then on to the merchant, whatever it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillway.commands.outcomes import resolve_call
from tillway.domain.payments import PaymentState
from tillway.surfaces.bank_checkout.entering import Entrance, Opened
from tillway.surfaces.bank_checkout.viewing import standing_page
from tillway.surfaces.common.payment_links import BANK_ROOM
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other


@dataclass(frozen=True, slots=True)
class Returning:
    """The handlers of the way back.

    The bank is asked once, when its customer comes; then the page that waits only reads what we know, since workers ask
    on, and banks tell by themselves.
    """

    entrance: Entrance

    def routes(self) -> Sequence[PageRoute]:
        """Where banks send people, and where those wait who are ahead of their bank."""
        page = f"/{BANK_ROOM}/{{token}}"
        return (
            PageRoute("GET", f"{page}/return", self.come_back),
            PageRoute("GET", f"{page}/outcome", self.wait),
        )

    async def come_back(self, visit: Visit) -> PageReply:
        """Look up once what became of it, and go on; no address says how it went."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        if opened.shown.payment.state is PaymentState.PROCESSING:
            stands = await resolve_call(self.entrance.tools, opened.payment_id, may_begin=False)
            opened = opened.standing_now(stands)
        return self._onward(opened, opened.links.outcome)

    async def wait(self, visit: Visit) -> PageReply:
        """Go on if the outcome is known by now."""
        opened = await self.entrance.open(visit)
        return opened if isinstance(opened, PageReply) else self._onward(opened)

    def _onward(self, opened: Opened, here: str = "") -> PageReply:
        if opened.shown.payment.is_open(self.entrance.tools.now()):
            return see_other(opened.links.page)
        if opened.shown.payment.state is PaymentState.PROCESSING:
            return self.entrance.page(opened, standing_page(opened.shown, returning=True), here)
        return self.entrance.to_merchant(opened)
