"""Authorising on our page, for a bank that has none of its own for it: what it asks for, and its app."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tillway.commands import banking
from tillway.connectors.protocol import Step, StepKind
from tillway.surfaces.bank_checkout.entering import Entrance, Opened
from tillway.surfaces.bank_checkout.viewing import summary
from tillway.surfaces.bank_checkout.views import StepPage
from tillway.surfaces.common.payment_links import BANK_ROOM
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other

VALUE_PREFIX = "value."
"""What the names of the bank's own fields begin with in our forms, so that none is taken for one of ours."""

LONGEST_VALUE = 1000


@dataclass(frozen=True, slots=True)
class Authorising:
    """The handlers of the steps that a bank asks for."""

    entrance: Entrance

    def routes(self) -> Sequence[PageRoute]:
        """The step's page, and its form's target."""
        page = f"/{BANK_ROOM}/{{token}}/steps"
        return (PageRoute("GET", page, self.look), PageRoute("POST", page, self.answer))

    async def look(self, visit: Visit) -> PageReply:
        """What the bank wants next."""
        return await self._go_on(visit, {})

    async def answer(self, visit: Visit) -> PageReply:
        """Give the bank what it asked for; it never stays with us."""
        values = {
            name.removeprefix(VALUE_PREFIX): value[:LONGEST_VALUE]
            for name, value in visit.form.items()
            if name.startswith(VALUE_PREFIX)
        }
        return await self._go_on(visit, values)

    async def _go_on(self, visit: Visit, values: Mapping[str, str]) -> PageReply:
        entrance = self.entrance
        opened = await entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        if not entrance.is_led_here(opened.standing):
            return see_other(opened.links.outcome if opened.standing.attempts else opened.links.page)
        step = await banking.authorise(entrance.tools, opened.payment_id, values, entrance.journey(visit, opened))
        if step is None:
            return see_other(opened.links.outcome)
        if step.kind is StepKind.REDIRECT and step.url:
            return entrance.to_bank(step.url)
        return self._page(opened, step, values)

    def _page(self, opened: Opened, step: Step, values: Mapping[str, str]) -> PageReply:
        bank = self.entrance.tools.banks.find(opened.shown.told.bank_id)
        refused = step.kind is StepKind.INPUT and any(asked.name in values for asked in step.inputs)
        view = StepPage(summary(opened.shown), bank.name if bank else "", step, refused)
        return self.entrance.page(opened, view, opened.links.steps)
