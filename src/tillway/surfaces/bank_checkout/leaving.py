"""Going without having paid: asked once more, and then the payment has failed and the payer is back at the merchant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tillway.commands import banking
from tillway.domain.reasons import Reason
from tillway.domain.refusals import NotInThatState
from tillway.surfaces.bank_checkout.entering import Entrance, Opened
from tillway.surfaces.bank_checkout.viewing import summary
from tillway.surfaces.bank_checkout.views import LeavePage, Leaving
from tillway.surfaces.common.payment_links import BANK_ROOM
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other

_REASONS = {Leaving.CANCEL: Reason.LEFT_THE_PAGE, Leaving.NO_BANK: Reason.BANK_NOT_FOUND}
_WORDS = {leaving.value: leaving for leaving in Leaving}


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The handlers of the page that asks, and of the form that answers it."""

    entrance: Entrance

    def routes(self) -> Sequence[PageRoute]:
        """The page and its form's target."""
        page = f"/{BANK_ROOM}/{{token}}/leave"
        return (PageRoute("GET", page, self.ask), PageRoute("POST", page, self.leave))

    async def ask(self, visit: Visit) -> PageReply:
        """Ask once more before the payment is given up."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        if not self._may_leave(opened):
            return see_other(opened.links.page)
        leaving = _leaving(visit.query)
        return self.entrance.page(opened, LeavePage(summary(opened.shown), leaving, not opened.shown.is_outgoing))

    async def leave(self, visit: Visit) -> PageReply:
        """Give the payment up, and go back to the merchant; one that ended otherwise meanwhile shows how."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        if not self._may_leave(opened):
            return see_other(opened.links.page)
        try:
            stands = await banking.give_up(self.entrance.tools, opened.payment_id, _REASONS[_leaving(visit.form)])
        except NotInThatState:
            return see_other(opened.links.page)
        return self.entrance.to_merchant(opened.standing_now(stands))

    def _may_leave(self, opened: Opened) -> bool:
        return opened.shown.payment.is_open(self.entrance.tools.now()) and not opened.shown.is_external


def _leaving(fields: Mapping[str, str]) -> Leaving:
    return _WORDS.get(fields.get("why", ""), Leaving.CANCEL)
