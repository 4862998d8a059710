"""Paying without a payer: the helper calls that do in one step what a payer would do on the pages of a payment."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field

from tillway.commands import cards, pretending
from tillway.commands.cards import CardPlan
from tillway.commands.giftcards import CardPart
from tillway.commands.outcomes import resolve_call
from tillway.commands.tendering import tender
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Journey
from tillway.domain.clients import Client, Issuer, Surface
from tillway.domain.methods import offered
from tillway.domain.payments import GIFT_CARD_METHOD, Attempt, AttemptState, PaymentState
from tillway.domain.published import Challenge
from tillway.domain.reasons import Reason
from tillway.domain.refusals import CardRefusal, NotInThatState, PaymentUnknown
from tillway.domain.schedules import DAY
from tillway.domain.spending import Rest
from tillway.domain.standing import Standing
from tillway.queries import payments
from tillway.queries.registry import Registry
from tillway.store.committer import Recall
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.payment_links import payment_link
from tillway.surfaces.sandbox.helpers import PREFIX, HelperRefused
from tillway.surfaces.sandbox.ordering import IssuerMarks
from tillway.surfaces.sandbox.outcomes import AWAY, DeclineReason, Outcome, at_the_bank, code_of, number_of
from tillway.surfaces.sandbox.paying_by_bank import BankOutcome, BankPayer, BankReason, check_open

BANK: Final = "fjord"
"""The pretended bank that helpers choose."""

Method = Literal["card", "bank", "ideal", "bancontact", "gift_card"]

_AS_ORDERS_SAY: Final = {"paid": "booked", "pending": "processing", "declined": "failed"}
"""What web payments call it, and payment orders another way."""


class PayRequest(BaseModel):
    """How the payer pays, and what comes of it."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    method: Annotated[Method, Field(examples=["card"])]
    outcome: Annotated[
        Outcome | BankOutcome,
        Field(
            description="What comes of it; a gift card is paid, declined or pending, a payment order processing, "
            "confirmed, booked or failed.",
            examples=["declined"],
        ),
    ]
    reason: Annotated[
        DeclineReason | BankReason | None,
        Field(
            description="Why it is declined, or failed; for a payment order also its own reason codes.",
            examples=["insufficient_funds"],
        ),
    ] = None


class SettleRequest(BaseModel):
    """What comes of what is pending."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    outcome: Annotated[Literal["paid", "declined"], Field(examples=["paid"])]
    reason: DeclineReason | BankReason | None = None


class AttemptMade(BaseModel):
    """The payer's last try."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    operationId: str  # noqa: N815
    """The id that the acquirer knows it by."""
    method: str
    state: str
    reason: str
    """Why it was declined; else empty."""


class Made(BaseModel):
    """How the payment stands after it, in the gateway's own words (docs/states.md)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    paymentId: str  # noqa: N815
    state: str
    paid: int
    """In minor units."""
    attempt: AttemptMade


@dataclass(frozen=True, slots=True)
class Payer:
    """The handlers. `acquirer` is the name of the pretend acquirer's connector, `origin` where the gateway is.

    `banks` plays the payers of payment orders.
    """

    tools: Tools
    registry: Registry
    marks: IssuerMarks
    acquirer: str
    origin: str
    banks: BankPayer

    async def pay(self, call: Call[PayRequest, None]) -> Reply:
        """Choose a method, do at the far side what leads to the outcome, and come back."""
        asked = call.body
        standing, client = await self._payment(call.path["id"])
        if standing.order.surface is Surface.ORDER:
            return _made(await self._pay_by_bank(standing, asked))
        if asked.outcome in ("confirmed", "booked") or asked.reason in get_args(BankReason):
            raise HelperRefused("Only payment orders are confirmed and booked, or have such a reason.")
        reason = cast("DeclineReason | None", asked.reason)
        return await self._pay(standing, client, asked.method, asked.outcome, reason)

    async def _pay_by_bank(self, standing: Standing, asked: PayRequest) -> Standing:
        outcome = _AS_ORDERS_SAY.get(asked.outcome, asked.outcome)
        if asked.method != "bank" or outcome not in get_args(BankOutcome):
            raise HelperRefused("A payment order is paid by bank, and is processing, confirmed, booked or failed.")
        check_open(standing, self.tools.now())
        return await self.banks.pay(standing, cast("BankOutcome", outcome), asked.reason or "")

    async def _pay(
        self, standing: Standing, client: Client, method: Method, outcome: Outcome, reason: DeclineReason | None
    ) -> Reply:
        """Pay a web payment."""
        if method == GIFT_CARD_METHOD:
            return _made(await self._pay_with_a_card_of_ours(standing, client, outcome))
        self._check_offered(standing, client, method)
        if outcome == "failed" and standing.order.most_declines == 0:
            raise HelperRefused("This payment never fails: it may be declined any number of times.")
        code = code_of(outcome, reason)
        after = await self._try(standing, client, method, code, comes_back=outcome not in AWAY)
        while outcome == "failed" and after.payment.state is PaymentState.SEEN:
            after = await self._try(after, client, method, code, comes_back=True)
        return _made(after)

    async def settle(self, call: Call[SettleRequest, None]) -> Reply:
        """Decide what is pending at the acquirer, and have the gateway learn of it."""
        standing, _ = await self._payment(call.path["id"])
        if standing.order.surface is Surface.ORDER:
            why = (call.body.reason or "") if call.body.outcome == "declined" else None
            return _made(await self.banks.settle(standing, why))
        if call.body.reason in get_args(BankReason):
            raise HelperRefused("Only payment orders have such a reason.")
        attempt = self._open_attempt(standing)
        if attempt is None:
            raise HelperRefused("Nothing of this payment is pending at the pretend acquirer.")
        declined = call.body.outcome == "declined"
        why = cast("DeclineReason | None", call.body.reason)
        reason = Reason(code_of("declined", why)) if declined else None
        if await pretending.settle(self.tools, attempt.operation_id, reason) is None:
            raise HelperRefused("The pretend acquirer does not know of it yet.")
        return _made(await resolve_call(self.tools, standing.payment.id, may_begin=False))

    async def _payment(self, identity: str) -> tuple[Standing, Client]:
        standing = await payments.standing(self.tools.store, identity)
        client = await self.registry.client(standing.order.client_id)
        if client is None:
            raise PaymentUnknown
        if standing.order.surface not in (Surface.WEB, Surface.ORDER):
            raise HelperRefused("Only web payments and payment orders have a payer that this could play.")
        return standing, client

    def _check_offered(self, standing: Standing, client: Client, method: str) -> None:
        there = {one.code for one in offered(standing.order.country, client.currency) if client.offers(one.code)}
        if method not in there:
            raise HelperRefused(f"The method {method} is not offered to the payer of this payment.")
        if self.tools.methods.get(method) != self.acquirer:
            raise HelperRefused(f"The method {method} is not served by the pretend acquirer.")

    async def _try(self, standing: Standing, client: Client, method: str, code: str, *, comes_back: bool) -> Standing:
        """What a payer does: choose the method, act at the acquirer, and come back, or close the page."""
        begun = await self._tender(standing, client, (), Rest(method, self.acquirer))
        attempt = self._open_attempt(begun)
        if attempt is None:
            return begun
        if method == "card":
            await self._act_with_a_card(attempt.operation_id, code)
        else:
            await self._act_at_the_bank(attempt.operation_id, code)
        if not comes_back:
            return begun
        return await resolve_call(self.tools, standing.payment.id, may_begin=False)

    async def _act_with_a_card(self, operation_id: str, code: str) -> None:
        number = number_of(code)
        await pretending.enter_card(self.tools, operation_id, number)
        if number.challenge in {Challenge.ASKED, Challenge.FAILS}:
            await pretending.prove(self.tools, operation_id)

    async def _act_at_the_bank(self, operation_id: str, code: str) -> None:
        await pretending.choose_bank(self.tools, operation_id, BANK)
        if code == "challenge_abandoned":
            return
        made_of_it = at_the_bank(code)
        if isinstance(made_of_it, Reason):
            await pretending.refuse(self.tools, operation_id, made_of_it)
        else:
            await pretending.prove(self.tools, operation_id, made_of_it)

    async def _pay_with_a_card_of_ours(self, standing: Standing, client: Client, outcome: Outcome) -> Standing:
        """Pay with a fresh test gift card that is good for all that is due, from an issuer that behaves so."""
        markers = {"paid": "", "declined": self.marks.failing, "pending": self.marks.silent_but_paid}
        marker = markers.get(outcome)
        if marker is None:
            raise HelperRefused(f"A gift card can be {', '.join(markers)}; it is asked of its issuer within one call.")
        issuer = await self._issuer(client)
        if issuer is None or not client.offers(GIFT_CARD_METHOD):
            raise HelperRefused("The method gift_card is not offered to the payer of this payment.")
        ends_at = self.tools.now() + DAY
        connector = self.marks.connector if marker else ""
        plan = CardPlan(standing.payment.due, ends_at, connector=connector, marker=marker)
        (card,) = await cards.issue(self.tools, issuer, plan, 1)
        return await self._tender(standing, client, (CardPart(card.number, card.cvc, 0),), None)

    async def _issuer(self, client: Client) -> Issuer | None:
        """An issuer of test cards that the client accepts, in its currency."""
        issuers = (await self.registry.issuers()).by_id.values()
        fitting = (
            one for one in issuers if not one.live and client.accepts(one.id) and one.currency == client.currency
        )
        return next(fitting, None)

    async def _tender(
        self, standing: Standing, client: Client, parts: tuple[CardPart, ...], rest: Rest | None
    ) -> Standing:
        payment, order = standing.payment, standing.order
        if not payment.is_open(self.tools.now()):
            raise NotInThatState(payment.state)
        page = payment_link(self.tools.vault, self.origin, payment.id, payment.expires_at)
        journey = Journey(f"{page}/return", page, order.language, order.country, order.email, order.reference)
        stamp = self.tools.stamp()
        recall: Recall[Standing] = Recall(client.id, f"helper {stamp.unique}", "", stamp.now, lambda _: (200, ""))
        prefixes = (await self.registry.issuers()).prefixes
        try:
            done = await tender(self.tools, client, standing, parts, rest, prefixes, journey, recall)
        except CardRefusal as refusal:
            raise HelperRefused(str(refusal)) from None
        assert isinstance(done, Standing)
        return done

    def _open_attempt(self, standing: Standing) -> Attempt | None:
        """What waits for the pretend acquirer."""
        waiting = (one for one in standing.attempts if one.state is AttemptState.OPEN)
        return next((one for one in waiting if one.connector == self.acquirer), None)


def endpoints(payer: Payer) -> tuple[Endpoint[Any, Any], ...]:
    """The table of helper calls about one payment."""
    return (
        Endpoint(
            name="pay",
            method="POST",
            path=f"{PREFIX}/payments/{{id}}/pay",
            summary="Pay as a payer would",
            description="Drives the same code as a payer on the payment's page and at the acquirer, and is followed by "
            "the same postback. `declined` leaves the payment open, `failed` declines until the payment has failed, "
            "`pending` waits for a settlement; every other outcome is a published behaviour of the test numbers. A "
            "payment order, or its refund, is paid at a pretend bank, and may be paid on while it is open: "
            "`processing`, `confirmed`, then `booked` or `failed`.",
            handler=payer.pay,
            request=PayRequest,
            answer=Made,
            refusals=(PaymentUnknown, NotInThatState, HelperRefused),
            public=True,
        ),
        Endpoint(
            name="settle",
            method="POST",
            path=f"{PREFIX}/payments/{{id}}/settle",
            summary="Settle what is pending",
            description="The acquirer, or the bank, decides now, and the gateway learns of it.",
            handler=payer.settle,
            request=SettleRequest,
            answer=Made,
            refusals=(PaymentUnknown, HelperRefused),
            public=True,
        ),
    )


def _made(standing: Standing) -> Reply:
    """How it stands; a payer who left before any bank was asked has made no attempt."""
    last = standing.attempts[-1] if standing.attempts else None
    attempt = {
        "operationId": last.operation_id if last else "",
        "method": last.method if last else "",
        "state": last.state if last else "",
        "reason": last.reason if last else "",
    }
    payment = standing.payment
    return Reply.json(200, {"paymentId": payment.id, "state": payment.state, "paid": payment.paid, "attempt": attempt})
