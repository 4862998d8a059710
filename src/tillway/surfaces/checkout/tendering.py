"""Paying by any method: begin it, send the payer on to the far side's page, take them back, or let them turn back."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillway.commands.outcomes import give_up, resolve_call
from tillway.commands.tendering import tender
from tillway.connectors.protocol import Journey
from tillway.domain.payments import Attempt, AttemptState, PaymentState
from tillway.domain.refusals import CardRefusal, KeyReused, NotInThatState, PaymentRefusal
from tillway.domain.replays import Replay
from tillway.domain.spending import Rest
from tillway.domain.standing import Standing
from tillway.queries import payments as payment_queries
from tillway.store.committer import Recall
from tillway.surfaces.checkout.entering import Door, Entrance, Opened
from tillway.surfaces.checkout.offering import Offering
from tillway.surfaces.checkout.spending import LONGEST_KEY, PAY_KEY_PREFIX, card_parts, recall_of
from tillway.surfaces.checkout.viewing import covers, return_address
from tillway.surfaces.checkout.views import Setback
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, lead_elsewhere, see_elsewhere, see_other


@dataclass(frozen=True, slots=True)
class Tendering:
    """The handlers of ways back from a far side."""

    entrance: Entrance

    def routes(self) -> Sequence[PageRoute]:
        """Where far sides send the payer, and where the payer turns back."""
        page = f"/{self.entrance.door.value}/{{token}}"
        return (
            PageRoute("GET", f"{page}/return", self.come_back),
            PageRoute("POST", f"{page}/turn-back", self.turn_back),
        )

    async def come_back(self, visit: Visit) -> PageReply:
        """Look up once what became of it, and go on: to the page by itself, or from a shop's frame to the shop.

        No address says how it went: whoever wants to know asks us.
        """
        opened = await self.entrance.open(visit, late=True)
        if isinstance(opened, PageReply):
            return opened
        if opened.standing.payment.state is PaymentState.PROCESSING:
            await resolve_call(self.entrance.tools, opened.payment_id, may_begin=False)
        if self.entrance.door is Door.LINK:
            return see_other(opened.links.page)
        return lead_elsewhere(return_address(opened.standing))

    async def turn_back(self, visit: Visit) -> PageReply:
        """Have undone what was begun, so that the payer may pay in another way; what cannot be is waited for."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        stands = await give_up(self.entrance.tools, opened.payment_id)
        waits = stands.payment.state is PaymentState.PROCESSING
        tray = opened.tray.held_up(Setback.NOT_UNDONE) if waits else opened.tray.settled()
        return await self.entrance.back(visit, opened, tray)


async def pay_by_any_method(entrance: Entrance, visit: Visit, opened: Opened) -> PageReply:
    """Take what the page said, once: from its cards, and the rest by the method whose form this is.

    Where the far side wants to see the payer, that is where the answer leads.
    """
    stands, offer = opened.standing, opened.shown.offer
    key, method = visit.form.get("pay_key", ""), visit.form.get("method", "")
    if not stands.payment.is_open(entrance.tools.now()):
        return await _onward(entrance, visit, opened, stands, f"{key}.{method}")
    parts = covers(stands.payment.due, opened.shown.cards)
    left = stands.payment.due - sum(parts)
    rest = Offering(entrance.tools, entrance.registry).rest(method, offer)
    as_said = (visit.form.get("amount"), visit.form.get("rest")) == (str(sum(parts)), str(left))
    if not as_said or (rest is None) != (left == 0) or not 0 < len(key) <= LONGEST_KEY:
        return await entrance.back(visit, opened, opened.tray.held_up(Setback.CHANGED))
    recall = recall_of(entrance, opened, f"{key}.{method}", parts)
    tendered = await _tendered(entrance, visit, opened, parts, rest, recall)
    if isinstance(tendered, Setback):
        return await entrance.back(visit, opened, opened.tray.held_up(tendered))
    return await _onward(entrance, visit, opened, tendered, f"{key}.{method}")


async def _tendered(
    entrance: Entrance,
    visit: Visit,
    opened: Opened,
    parts: Sequence[int],
    rest: Rest | None,
    recall: Recall[Standing],
) -> Standing | Setback:
    """How the payment stands now that it was tendered: by this form, by the same one before, or by another one."""
    tools = entrance.tools
    prefixes = (await entrance.registry.issuers()).prefixes
    cards, journey = card_parts(opened, parts), _journey(visit, opened)
    try:
        done = await tender(tools, opened.client, opened.standing, cards, rest, prefixes, journey, recall)
    except NotInThatState:
        return await payment_queries.standing(tools.store, opened.payment_id)
    except (CardRefusal, PaymentRefusal, KeyReused):
        return Setback.CHANGED
    return await payment_queries.standing(tools.store, opened.payment_id) if isinstance(done, Replay) else done


async def _onward(entrance: Entrance, visit: Visit, opened: Opened, stands: Standing, form_key: str) -> PageReply:
    """To the far side's page, where what this very form began wants the payer there; else to how the payment stands.

    A form sent twice may be ahead of the answer to the first: asking the far side once more is how to know. A form with
    a method has left the shop's page, so whoever has paid by it at once is led back there.
    """
    begun = _begun(stands, form_key)
    if begun is not None and not begun.step_url and begun.look_ups == 0:
        journey = _journey(visit, opened)
        begun = _begun(await resolve_call(entrance.tools, opened.payment_id, journey=journey), form_key)
    if begun is not None and begun.step_url:
        return see_elsewhere(begun.step_url, entrance.kept(visit, opened))
    left_the_shop = entrance.door is Door.FRAME and visit.form.get("method", "") != ""
    if left_the_shop and stands.payment.state is PaymentState.BOOKED:
        return lead_elsewhere(return_address(stands))
    return await entrance.back(visit, opened, opened.tray.settled())


def _begun(stands: Standing, form_key: str) -> Attempt | None:
    """What this form began at a far side and nobody knows the outcome of; None if there is no such thing."""
    key = PAY_KEY_PREFIX + form_key
    waiting = (one for one in stands.attempts if one.state is AttemptState.OPEN and one.is_far)
    return next((one for one in waiting if one.call_key.rpartition(" ")[0] == key), None)


def _journey(visit: Visit, opened: Opened) -> Journey:
    order = opened.standing.order
    page = visit.origin + opened.links.page.partition("?")[0]
    return Journey(f"{page}/return", page, opened.language, order.country, order.email, opened.shown.merchant.name)
