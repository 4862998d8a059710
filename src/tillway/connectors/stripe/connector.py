"""The connector to Stripe (docs/stripe.md): asks for payment intents and refunds, and keeps nothing itself.

Stripe keeps an idempotency key for 24 hours only. So an intent is always created from the same parameters, which
follow from the operation alone, and whatever may be asked about later is found by its reference or by the operation id
in its metadata.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import msgspec
import stripe
import structlog

from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Callback, Operation
from tillway.connectors.stripe.amounts import NotPossible, at_stripe
from tillway.connectors.stripe.callbacks import read_event
from tillway.connectors.stripe.reading import (
    OPERATION,
    Intent,
    IntentsPage,
    Refunded,
    RefundsPage,
    outcome_of,
    outcome_of_error,
    outcome_of_refund,
    read,
    reason_of,
)
from tillway.connectors.stripe.transport import REPLAYED, client
from tillway.domain.outcomes import Confirmed, Declined, Outcome, Paid, Pending
from tillway.domain.reasons import Reason

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, RefundListParams

NAME: Final = "stripe"
"""What attempts that Stripe serves are marked with, and the last part of its page below the payment's."""

LIMIT_SECONDS: Final = 20.0
CALL_SECONDS: Final = 8.0
"""An operation takes one call, seldom more than three; what is not done in time is pending."""

_PAGE: Final = 100

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StripeAccount:
    """Whose money it is: the secret API key, the secret that events are signed with, and where Stripe listens."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_base: str = "https://api.stripe.com"


@dataclass(frozen=True, slots=True)
class Form:
    """What Stripe's form in the payer's browser needs; `reason` says why the last try in it failed, empty if none."""

    client_secret: str = field(repr=False)
    reason: str


class NotFound(Exception):
    """Stripe does not show us the one intent that we mean."""


class StripeConnector:
    """Has payers pay payment intents; their card numbers go from their browsers to Stripe and never reach us."""

    def __init__(self, account: StripeAccount, outbound: Outbound, call_seconds: float = CALL_SECONDS) -> None:
        self.limit_seconds = LIMIT_SECONDS
        self._webhook_secret = account.webhook_secret
        stripe_client = client(account.secret_key, account.api_base, outbound, call_seconds)
        self._intents = stripe_client.v1.payment_intents
        self._refunds = stripe_client.v1.refunds

    async def begin(self, operation: Operation) -> Outcome:
        """Create an intent, and send the payer to our page with Stripe's form for it."""
        try:
            asked = _asked(operation)
        except NotPossible:
            return Declined(Reason.NOT_PERMITTED)
        try:
            intent, is_replay = await self._create(operation, asked)
            if is_replay:
                intent = await self._retrieve(intent.id)
        except stripe.StripeError as error:
            _tell(error, operation, "begin")
            return outcome_of_error(error, Reason.FAILED)
        except msgspec.ValidationError:
            return Pending()
        outcome = _plain(intent, operation)
        if outcome != Pending(intent.id) or not intent.is_payable:
            return outcome
        if not intent.offers(operation.method):
            undone = await self.reverse(replace(operation, reference=intent.id))
            return Declined(Reason.NOT_PERMITTED, intent.id) if isinstance(undone, Paid) else outcome
        return Pending(intent.id, f"{operation.journey.page_url}/{NAME}") if operation.journey else outcome

    async def look_up(self, operation: Operation) -> Outcome:
        """How the intent stands.

        Without a reference we were cut short before we knew it: nobody was ever shown a form for that intent, so nobody
        can have paid it, and it is cancelled.
        """
        try:
            if operation.reference:
                return _plain(await self._retrieve(operation.reference), operation)
            outcome = _plain(await self._cancel((await self._find(operation)).id), operation)
        except (stripe.StripeError, msgspec.ValidationError, NotPossible) as error:
            _tell(error, operation, "look-up")
            return Declined(Reason.NOT_PERMITTED) if isinstance(error, NotPossible) else Pending()
        return Declined(Reason.NEVER_RECEIVED, outcome.reference) if isinstance(outcome, Declined) else outcome

    async def reverse(self, operation: Operation) -> Outcome:
        """Cancel the intent; one that was paid before cannot be, and can only be refunded."""
        try:
            reference = operation.reference or (await self._find(operation)).id
            outcome = _plain(await self._cancel(reference), operation)
        except NotPossible:
            return Paid()
        except (stripe.StripeError, msgspec.ValidationError) as error:
            _tell(error, operation, "reverse")
            return Pending()
        match outcome:
            case Declined():
                return Paid()
            case Paid():
                return Declined(Reason.TAKEN, reference)
            case Confirmed() | Pending():
                return outcome

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Give back all or part of what the intent took, never more than is left of it.

        Refunds are asked about for longer than Stripe keeps a key, so ours is first looked for among those made.
        """
        try:
            amount = at_stripe(operation.amount, operation.currency)
            reference = operation.reference or await self._searched(refunded_id)
            made = await self._made(reference)
            own = next((refund for refund in made if (refund.metadata or {}).get(OPERATION) == operation.id), None)
            if own is not None:
                return outcome_of_refund(own)
            intent = await self._retrieve(reference)
        except NotPossible:
            return Declined(Reason.REFUND_REFUSED)
        except (stripe.StripeError, msgspec.ValidationError, NotFound) as error:
            _tell(error, operation, "refund")
            return Pending()
        if intent.metadata.get(OPERATION) != refunded_id or intent.status != "succeeded":
            _log.error("refund of an intent that has not paid this", operation=operation.id, status=intent.status)
            return Pending()
        back = sum(refund.amount for refund in made if refund.status not in {"failed", "canceled"})
        if amount > intent.amount - back:
            return Declined(Reason.REFUND_REFUSED)
        return await self._give_back(operation, reference, amount)

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """What an event tells, if Stripe signed it at most five minutes from `now`. Raises CallbackRefused."""
        return read_event(headers.get("stripe-signature", ""), body, self._webhook_secret, now)

    async def form_of(self, reference: str) -> Form | None:
        """What the payer's browser needs to pay an intent; None if it cannot be paid any more, or Stripe is silent."""
        try:
            intent = await self._retrieve(reference)
        except (stripe.StripeError, msgspec.ValidationError) as error:
            _log.warning("stripe gave no form", reference=reference, fault=type(error).__name__)
            return None
        if intent.id != reference or not intent.is_payable or not intent.client_secret:
            return None
        return Form(intent.client_secret, reason_of(intent.last_payment_error))

    async def _create(self, operation: Operation, asked: "PaymentIntentCreateParams") -> tuple[Intent, bool]:
        """The operation's intent, and whether it is as it was when Stripe first made it, not as it is now."""
        made = await self._intents.create_async(asked, {"idempotency_key": operation.id})
        answer = made.last_response
        is_replay = answer is not None and REPLAYED in answer.headers
        return read(Intent, made.to_dict()), is_replay

    async def _find(self, operation: Operation) -> Intent:
        """The operation's intent, of which we know no reference; one that never arrived is made here, to be cancelled.

        For 24 hours the key finds it. Later the key makes another, which is cancelled at once, and the first is
        searched for; where Stripe offers no search there is none, which leaves an intent that nobody can pay.
        Raises StripeError, ValidationError, and NotPossible where there cannot be one.
        """
        try:
            intent, is_replay = await self._create(operation, _asked(operation))
        except stripe.InvalidRequestError as error:
            if isinstance(outcome_of_error(error, Reason.FAILED), Declined):
                raise NotPossible from None
            raise
        if is_replay:
            return intent
        try:
            others = [one for one in await self._search(operation.id) if one.id != intent.id]
        except stripe.InvalidRequestError:
            return intent
        if not others:
            return intent
        await self._cancel(intent.id)
        return others[0]

    async def _search(self, operation_id: str) -> list[Intent]:
        """The intents of an operation; one that was made within the last minute may be missing."""
        found = await self._intents.search_async({"query": f"metadata['{OPERATION}']:'{operation_id}'"})
        return read(IntentsPage, found.to_dict()).data

    async def _searched(self, operation_id: str) -> str:
        """The reference of an operation that we know no reference of. Raises StripeError, ValidationError, NotFound."""
        paid = [one.id for one in await self._search(operation_id) if one.status == "succeeded"]
        if len(paid) != 1:
            raise NotFound
        return paid[0]

    async def _retrieve(self, reference: str) -> Intent:
        found = await self._intents.retrieve_async(reference, {"expand": ["latest_charge"]})
        return read(Intent, found.to_dict())

    async def _cancel(self, reference: str) -> Intent:
        """The intent after we tried to cancel it; what cannot be cancelled stands as it did."""
        try:
            cancelled = await self._intents.cancel_async(reference)
        except stripe.InvalidRequestError:
            return await self._retrieve(reference)
        return read(Intent, cancelled.to_dict())

    async def _made(self, reference: str) -> list[Refunded]:
        """Every refund of an intent; a payment of ours has at most `MOST_REFUNDS`."""
        made: list[Refunded] = []
        while True:
            asked: RefundListParams = {"payment_intent": reference, "limit": _PAGE}
            if made:
                asked["starting_after"] = made[-1].id
            page = read(RefundsPage, (await self._refunds.list_async(asked)).to_dict())
            made += page.data
            if not page.has_more or not page.data:
                return made

    async def _give_back(self, operation: Operation, reference: str, amount: int) -> Outcome:
        try:
            made = await self._refunds.create_async(
                {"payment_intent": reference, "amount": amount, "metadata": {OPERATION: operation.id}},
                {"idempotency_key": operation.id},
            )
            return outcome_of_refund(read(Refunded, made.to_dict()))
        except stripe.StripeError as error:
            _tell(error, operation, "refund")
            return outcome_of_error(error, Reason.REFUND_REFUSED)
        except msgspec.ValidationError:
            return Pending()


def _asked(operation: Operation) -> "PaymentIntentCreateParams":
    """The parameters of the operation's intent: the same whenever they are asked for. Raises NotPossible."""
    return {
        "amount": at_stripe(operation.amount, operation.currency),
        "currency": operation.currency.lower(),
        "capture_method": "automatic",
        "allowed_payment_method_types": [operation.method],
        "metadata": {OPERATION: operation.id},
    }


def _plain(intent: Intent, operation: Operation) -> Outcome:
    """What became of the operation's intent; nothing is believed of an intent that is another's, or of another sum."""
    amount = at_stripe(operation.amount, operation.currency)
    expected = (operation.id, amount, operation.currency.lower())
    if (intent.metadata.get(OPERATION), intent.amount, intent.currency) != expected:
        _log.error("stripe told of another intent", operation=operation.id, reference=intent.id)
        return Pending()
    outcome = outcome_of(intent)
    if isinstance(outcome, Paid) and intent.amount_received not in {None, amount}:
        _log.error("stripe took another amount", operation=operation.id, reference=intent.id)
        return Pending()
    return outcome


def _tell(error: Exception, operation: Operation, act: str) -> None:
    """Log what went wrong without the error's text, which may quote what was sent."""
    status = error.http_status if isinstance(error, stripe.StripeError) else None
    code = error.code if isinstance(error, stripe.StripeError) else None
    _log.warning(
        "stripe did not answer plainly",
        act=act,
        operation=operation.id,
        fault=type(error).__name__,
        status=status,
        code=code,
    )
