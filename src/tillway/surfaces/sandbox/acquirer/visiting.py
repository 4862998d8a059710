"""What a payer does on the pretend acquirer's pages: give a test card or choose a bank, prove it, or turn back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tillway.commands import pretending
from tillway.commands.tools import Tools
from tillway.domain.money import Money
from tillway.domain.pretended import CARD, Pretended, PretendedState, Step
from tillway.domain.published import BY_NUMBER, PAYS, PROCESSES, PUBLISHED, Challenge
from tillway.domain.reasons import Reason
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other
from tillway.surfaces.sandbox.acquirer.drawing import draw
from tillway.surfaces.sandbox.acquirer.protocol import PAGE
from tillway.surfaces.sandbox.acquirer.views import (
    BankPage,
    CardPage,
    Ending,
    EndPage,
    Fault,
    FrontPage,
    Page,
    ProofPage,
    Summary,
)

BANKS: Final = {"fjord": "Fjord Bank", "delta": "Delta Bank", "tatra": "Tatra Bank"}

_ANSWERS = {"agree": PAYS, "later": PROCESSES}
_LONGEST_TYPED = 40


@dataclass(frozen=True, slots=True)
class PayDesk:
    """The handlers of the pages."""

    tools: Tools
    pages: Pages

    def routes(self) -> Sequence[PageRoute]:
        """Every page and form target."""
        page = PAGE + "{token}"
        return (
            PageRoute("GET", "/", self.publish),
            PageRoute("GET", page, self.show),
            PageRoute("GET", f"{page}/card", self.show),
            PageRoute("POST", f"{page}/card", self.take_card),
            PageRoute("GET", f"{page}/bank", self.show),
            PageRoute("POST", f"{page}/bank", self.take_bank),
            PageRoute("POST", f"{page}/proof", self.take_proof),
            PageRoute("POST", f"{page}/refusal", self.turn_back),
        )

    async def publish(self, visit: Visit) -> PageReply:
        """Every test number, and what it does."""
        return PageReply(200, draw(self.pages, FrontPage(PUBLISHED), visit.language(), ""))

    async def show(self, visit: Visit) -> PageReply:
        """Whatever the payer has to do next."""
        return self._page(visit, await self._payment(visit), None)

    async def take_card(self, visit: Visit) -> PageReply:
        """The payer gives a card's number. One that is not published is not taken, not kept and not shown again."""
        typed = visit.form.get("chosen") or visit.form.get("number", "")
        number = BY_NUMBER.get("".join(typed[:_LONGEST_TYPED].split()))
        payment = await self._payment(visit)
        if number is None or payment is None:
            return self._page(visit, payment, Fault.NOT_PUBLISHED)
        return self._next(visit, await pretending.enter_card(self.tools, payment.id, number))

    async def take_bank(self, visit: Visit) -> PageReply:
        """The payer chooses a bank."""
        bank = visit.form.get("bank", "")
        payment = await self._payment(visit)
        if bank not in BANKS or payment is None:
            return self._page(visit, payment, Fault.NO_BANK)
        return self._next(visit, await pretending.choose_bank(self.tools, payment.id, bank))

    async def take_proof(self, visit: Visit) -> PageReply:
        """The payer agrees at the bank, or does not."""
        payment = await self._payment(visit)
        if payment is None:
            return self._page(visit, None, None)
        behaviour = _ANSWERS.get(visit.form.get("answer", ""))
        if behaviour is None:
            refused = Reason.PAYER_CANCELLED if payment.bank else Reason.AUTHENTICATION_FAILED
            return self._next(visit, await pretending.refuse(self.tools, payment.id, refused))
        told = behaviour if payment.bank else None
        return self._next(visit, await pretending.prove(self.tools, payment.id, told))

    async def turn_back(self, visit: Visit) -> PageReply:
        """The payer gives up before anything is decided."""
        payment = await self._payment(visit)
        if payment is None:
            return self._page(visit, None, None)
        return self._next(visit, await pretending.refuse(self.tools, payment.id, Reason.PAYER_CANCELLED))

    async def _payment(self, visit: Visit) -> Pretended | None:
        identity = pretending.payment_of_page(self.tools, visit.path["token"])
        return None if identity is None else await pretending.look_up(self.tools, identity)

    def _next(self, visit: Visit, payment: Pretended | None) -> PageReply:
        """Back to the shop once there is nothing more to do here."""
        terms = None if payment is None else payment.terms
        if payment is None or terms is None or payment.is_waiting or not terms.return_url:
            return see_other(PAGE + visit.path["token"])
        return see_other(terms.return_url)

    def _page(self, visit: Visit, payment: Pretended | None, fault: Fault | None) -> PageReply:
        if payment is None or payment.terms is None:
            view = FrontPage(PUBLISHED)
            return PageReply(404, draw(self.pages, view, visit.language(), ""))
        view = _view(payment, fault)
        language = visit.language(payment.terms.language)
        return PageReply(422 if fault else 200, draw(self.pages, view, language, PAGE + visit.path["token"]))


def _view(payment: Pretended, fault: Fault | None) -> Page:
    terms = payment.terms
    assert terms is not None
    summary = Summary(Money(terms.amount, terms.currency), terms.description, terms.return_url)
    if not payment.is_waiting:
        return EndPage(summary, _ENDINGS[payment.state], payment.reason)
    if payment.step is Step.PROVING:
        answers = payment.challenge is not Challenge.UNANSWERED
        return ProofPage(summary, BANKS.get(payment.bank, ""), payment.mask, answers)
    if terms.method == CARD:
        return CardPage(summary, PUBLISHED, fault)
    return BankPage(summary, tuple(BANKS.items()), fault)


_ENDINGS = {
    PretendedState.PENDING: Ending.PROCESSING,
    PretendedState.PAID: Ending.PAID,
    PretendedState.DECLINED: Ending.DECLINED,
    PretendedState.CANCELLED: Ending.CANCELLED,
}
