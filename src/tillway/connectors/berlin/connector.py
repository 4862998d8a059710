"""The connector to all banks that speak the standard; the operation says which of them is asked."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tillway.connectors.berlin import reading
from tillway.connectors.berlin.aspsps import Aspsp
from tillway.connectors.berlin.authorising import lead
from tillway.connectors.berlin.payments import FarPayment
from tillway.connectors.berlin.reading import Standing
from tillway.connectors.berlin.transport import Said, Wire
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Callback, CallbackRefused, Operation, Step, StepKind
from tillway.domain.outcomes import Confirmed, Declined, Outcome, Paid, Pending
from tillway.domain.reasons import Reason

LIMIT_SECONDS: Final = 9.0
"""Less than the first look-up waits, so that no look-up meets a payment that is being made."""

EXCHANGE_SECONDS: Final = 8.0

_STARTS = "startAuthorisation"
"""What the name of every link begins with by which a bank wants an authorisation to be begun."""


class BerlinConnector:
    """Asks banks for credit transfers; nothing is believed but their plain words.

    `home` is our own address, where payers come back to whom nobody waits for.
    """

    def __init__(
        self,
        banks: Iterable[Aspsp],
        outbound: Outbound,
        wall_clock: Callable[[], float],
        home: str,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self.limit_seconds = limit_seconds
        self._home = home
        self._banks = {bank.id: bank for bank in banks}
        self._wire = Wire(outbound, wall_clock, min(EXCHANGE_SECONDS, limit_seconds))

    async def begin(self, operation: Operation) -> Outcome:
        """Initiate the payment, and learn where the payer has to go; a repeated initiation is the same payment."""
        far = self._far(operation)
        if far is None:
            return Pending()
        if not far.product:
            return Declined(Reason.NOT_PERMITTED)
        said = await far.initiate()
        if said is not None and said.is_refused and reading.refuses_payment(said.members):
            return Declined(reading.reason_of(said.members) or Reason.DECLINED)
        identity = _made(said)
        if said is None or not identity:
            return Pending()
        outcome = await self._outcome(far, identity, said)
        if isinstance(outcome, Pending) and outcome.reference:
            return Pending(identity, await self._page(far, identity, said))
        return outcome

    async def look_up(self, operation: Operation) -> Outcome:
        """Ask how the payment stands.

        Whose payment has no reference was never sent to the bank's page, whether or not the bank heard of it. It is
        made under the same request id as before, which is the same payment if there is one, and cancelled.
        """
        far = self._far(operation)
        if far is None:
            return Pending()
        if operation.reference:
            return await self._look_at(far, operation.reference)
        if not far.product:
            return Declined(Reason.NOT_PERMITTED)
        said = await far.initiate()
        if said is not None and said.is_refused and reading.refuses_payment(said.members):
            return Declined(Reason.NEVER_RECEIVED)
        identity = _made(said)
        if not identity:
            return Pending()
        stands = await self._stands(far, identity)
        if not isinstance(stands, Pending) or not stands.reference:
            return stands
        cancelled = await far.cancel(identity)
        if cancelled is not None and cancelled.status == _NO_CONTENT:
            return Declined(Reason.NEVER_RECEIVED, identity)
        return await self._stands(far, identity)

    async def reverse(self, operation: Operation) -> Outcome:
        """Cancel the payment, also one that never arrived; what is booked stays booked."""
        far = self._far(operation)
        if far is None:
            return Pending()
        if not far.product:
            return Paid()
        identity = operation.reference
        if not identity:
            said = await far.initiate()
            if said is not None and said.is_refused and reading.refuses_payment(said.members):
                return Paid()
            identity = _made(said)
            if not identity:
                return Pending()
        cancelled = await far.cancel(identity)
        if cancelled is not None and cancelled.status == _NO_CONTENT:
            return Paid()
        match await self._stands(far, identity):
            case Paid():
                return Declined(Reason.TAKEN)
            case Declined():
                return Paid()
            case Confirmed() | Pending():
                return Pending()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Say no: a bank gives nothing back that way. Who pays back makes a payment the other way."""
        return Declined(Reason.REFUND_REFUSED)

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """Refuse whatever comes: the standard leaves it to each bank whether and how it signs what it tells."""
        raise CallbackRefused("banks are asked, and not heard")

    async def authorise(self, operation: Operation, values: Mapping[str, str]) -> Step:
        """Give the bank what the payer gave, and learn the next step."""
        far = self._far(operation)
        if far is None or not far.product:
            return Step(StepKind.NEXT)
        return await lead(far, operation.reference, values)

    def _far(self, operation: Operation) -> FarPayment | None:
        """How to ask about an operation; None if its bank is none of ours."""
        transfer = operation.transfer
        bank = self._banks.get(transfer.bank_id) if transfer is not None else None
        if transfer is None or bank is None:
            return None
        product = bank.product_for(operation.currency)
        return FarPayment(self._wire, bank, product, operation, transfer, self._home)

    async def _look_at(self, far: FarPayment, identity: str) -> Outcome:
        """How a payment stands whose payer was sent to the bank; one that the payer turned down there is cancelled."""
        stands = await self._stands(far, identity)
        if not isinstance(stands, Pending) or not stands.reference or not await far.is_turned_down(identity):
            return stands
        cancelled = await far.cancel(identity)
        if cancelled is not None and cancelled.status == _NO_CONTENT:
            return Declined(Reason.PAYER_CANCELLED, identity)
        return await self._stands(far, identity)

    async def _stands(self, far: FarPayment, identity: str) -> Outcome:
        said = await far.status(identity)
        return Pending() if said is None or not said.is_done else await self._outcome(far, identity, said)

    async def _outcome(self, far: FarPayment, identity: str, said: Said) -> Outcome:
        """What an answer that tells a status means; Pending without a reference if it means nothing."""
        match reading.standing_of(said.members):
            case Standing.SETTLED:
                return Paid(identity, debtor_iban=await self._debtor(far, identity))
            case Standing.PROMISED:
                if not await far.is_authorised(identity):
                    return Pending(identity)
                return Confirmed(identity, await self._debtor(far, identity))
            case Standing.REFUSED:
                return Declined(await self._why(far, identity, said, Reason.AUTHENTICATION_ABANDONED), identity)
            case Standing.CANCELLED:
                return Declined(await self._why(far, identity, said, Reason.PAYER_CANCELLED), identity)
            case Standing.WAITING:
                return Pending(identity)
            case None:
                return Pending()

    async def _why(self, far: FarPayment, identity: str, said: Said, turned_down: Reason) -> Reason:
        """Why the bank says no: in its code, or else because the payer has `turned_down` the authorisation."""
        told = reading.reason_of(said.members)
        if told is not None:
            return told
        if await far.is_turned_down(identity):
            return turned_down
        return Reason.CANCELLED if reading.standing_of(said.members) is Standing.CANCELLED else Reason.DECLINED

    async def _debtor(self, far: FarPayment, identity: str) -> str:
        """The account that pays; empty if the bank does not tell. What we told the bank ourselves is known already."""
        if far.transfer.debtor_iban:
            return ""
        said = await far.detail(identity)
        return reading.debtor_iban_in(said.members) if said is not None and said.is_done else ""

    async def _page(self, far: FarPayment, identity: str, said: Said) -> str:
        """The bank's page for a payment that was made; some banks have one only once an authorisation is begun."""
        links = reading.links_of(said.members)
        if any(name.startswith(_STARTS) for name in links) and "scaRedirect" not in links and _is_redirect(said):
            begun = await far.authorise(identity)
            if begun is None or not begun.is_done:
                return ""
            links = reading.links_of(begun.members)
        return reading.page_in(links, far.bank.pages)


_NO_CONTENT = 204
"""Cancelled; 202 says that the payer would have to authorise the cancellation, which nobody will."""


def _made(said: Said | None) -> str:
    """The bank's id of a payment that was made; empty if it was not."""
    return reading.identity_in(said.members, "paymentId") if said is not None and said.is_done else ""


def _is_redirect(said: Said) -> bool:
    """Whether the bank leads payers to its page, as far as it says how it authenticates them."""
    return said.headers.get("ASPSP-SCA-Approach", "REDIRECT").upper() == "REDIRECT"
