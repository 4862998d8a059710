"""Paying a payment order, or its refund, without a payer: what one would do on our page and at a pretend bank."""

from dataclasses import dataclass
from typing import Final, Literal

from tillway.commands import banking, payments, pretend_banking
from tillway.commands.outcomes import resolve_call
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Journey
from tillway.domain.banks import Bank
from tillway.domain.payment_orders import Instruction
from tillway.domain.payments import WAITING, Attempt, AttemptState
from tillway.domain.pretended_banks import BOOKS, BY_ID, PROMISES, REJECTED, WAITS
from tillway.domain.pretended_transfers import BankTransfer, first_account_of
from tillway.domain.reasons import Reason
from tillway.domain.refusals import NotInThatState
from tillway.domain.standing import Standing
from tillway.queries.payment_orders import PaymentOrders
from tillway.surfaces.common.payment_links import bank_link
from tillway.surfaces.sandbox.helpers import HelperRefused

BankOutcome = Literal["processing", "confirmed", "booked", "failed"]

BankReason = Literal[
    "CANCELED_BY_PAYER_AT_EVERIFIN",
    "BANK_NOT_FOUND",
    "MANUAL_TRANSFER_REQUESTED",
    "CANCELED_BY_PAYER_AT_BANK",
    "INSUFFICIENT_AMOUNT",
    "AML_BLOCKED",
    "REJECTED_BY_BANK",
    "OTHER",
]
"""The reason codes of the payment orders API."""

_ADDRESS: Final = "127.0.0.1"
_BANKS: Final = {"EUR": "karpatska", "PLN": "baltycki"}
_ANY_CURRENCY: Final = "vltavska"

_ON_OUR_PAGE: Final = {
    "CANCELED_BY_PAYER_AT_EVERIFIN": Reason.LEFT_THE_PAGE,
    "BANK_NOT_FOUND": Reason.BANK_NOT_FOUND,
    "MANUAL_TRANSFER_REQUESTED": Reason.TRANSFER_REQUESTED,
}
"""Why a payer leaves our page, before any bank is asked."""

_AT_THE_BANK: Final = {
    "CANCELED_BY_PAYER_AT_BANK": "cancels",
    "INSUFFICIENT_AMOUNT": "nomoney",
    "insufficient_funds": "nomoney",
    "limit_exceeded": "nomoney",
    "AML_BLOCKED": "aml",
}
"""The customer of a pretend bank whose payments fail so; every other reason is that of a bank which gives none."""

_USERS: Final = {"processing": WAITS.name, "confirmed": PROMISES.name, "booked": BOOKS.name}
_OTHER: Final = "OTHER"


@dataclass(frozen=True, slots=True)
class BankPayer:
    """`connector` is the name of the connector to the pretend banks, `origin` where the gateway is."""

    tools: Tools
    orders: PaymentOrders
    connector: str
    origin: str

    async def pay(self, standing: Standing, outcome: BankOutcome, reason: str) -> Standing:
        """Choose a bank, do there what leads to the outcome, and come back."""
        leaves = _ON_OUR_PAGE.get(reason) if outcome == "failed" else None
        payment = standing.payment
        if leaves is not None:
            await payments.see(self.tools, payment.id)
            return await banking.give_up(self.tools, payment.id, leaves)
        if payment.state in WAITING:
            standing = await self._begin(standing)
        transfer = await self._transfer(standing)
        if transfer is None:
            return standing
        await self._act(transfer, outcome, reason)
        return await resolve_call(self.tools, payment.id, may_begin=False)

    async def settle(self, standing: Standing, reason: str | None) -> Standing:
        """Have the bank decide what it works on: booked, or rejected for a reason."""
        transfer = await self._transfer(standing)
        if transfer is None:
            raise HelperRefused("Nothing of this payment is pending at a pretend bank.")
        if transfer.is_waiting:
            raise HelperRefused("The payer has not authorised this payment at the bank yet.")
        await pretend_banking.settle(self.tools, transfer.id, "" if reason is None else _iso_of(reason))
        return await resolve_call(self.tools, standing.payment.id, may_begin=False)

    async def _begin(self, standing: Standing) -> Standing:
        """What a payer does on our page."""
        payment = standing.payment
        await payments.see(self.tools, payment.id)
        told = (await self.orders.standing(standing.order.id)).instruction_of(payment.id)
        bank = self._bank(told, payment.currency)
        page = bank_link(self.tools.vault, self.origin, payment.id, payment.expires_at)
        journey = Journey(f"{page}/return", page, told.language, bank.country, address=_ADDRESS, agent="Sandbox")
        debtor = told.debtor_iban or (first_account_of(bank.id) if bank.needs_iban else "")
        return await banking.begin(self.tools, payment.id, bank, debtor, f"helper {bank.id}", journey)

    def _bank(self, told: Instruction, currency: str) -> Bank:
        """The bank that the order names, if it is a pretend one, or else one for the currency."""
        named = told.bank_id if told.bank_id in BY_ID else _BANKS.get(currency, _ANY_CURRENCY)
        bank = self.tools.banks.find(named)
        if bank is None or bank.connector != self.connector:
            raise HelperRefused(f"There is no pretend bank {named}.")
        return bank

    async def _transfer(self, standing: Standing) -> BankTransfer | None:
        """What the bank knows of the payment; None once nothing of it is open."""
        attempt = _open_attempt(standing, self.connector)
        if attempt is None:
            return None
        if not attempt.reference:
            raise HelperRefused("The pretend bank has not answered yet.")
        return await pretend_banking.look_up(self.tools, attempt.reference)

    async def _act(self, transfer: BankTransfer, outcome: BankOutcome, reason: str) -> None:
        """What a customer does at the bank, and what the bank makes of it."""
        if not transfer.is_waiting:
            await self._decide(transfer, outcome, reason)
        elif outcome == "failed" and reason == _OTHER:
            await pretend_banking.cancel(self.tools, transfer.id)
        else:
            user = _USERS[outcome] if outcome != "failed" else _AT_THE_BANK.get(reason, REJECTED.name)
            await pretend_banking.act(self.tools, transfer.id, user)

    async def _decide(self, transfer: BankTransfer, outcome: BankOutcome, reason: str) -> None:
        if outcome == "confirmed":
            await pretend_banking.promise(self.tools, transfer.id)
        elif outcome != "processing":
            iso = _iso_of(reason) if outcome == "failed" else ""
            await pretend_banking.settle(self.tools, transfer.id, iso)


def check_open(standing: Standing, now: int) -> None:
    """Refuse a payment that has ended. Refuses: NotInThatState."""
    attempts = (one for one in standing.attempts if one.state is AttemptState.OPEN)
    if not standing.payment.is_open(now) and next(attempts, None) is None:
        raise NotInThatState(standing.payment.state)


def _open_attempt(standing: Standing, connector: str) -> Attempt | None:
    waiting = (one for one in standing.attempts if one.state is AttemptState.OPEN)
    return next((one for one in waiting if one.connector == connector), None)


def _iso_of(reason: str) -> str:
    """The bank's code for a reason (ISO 20022)."""
    codes = {"nomoney": "AM04", "aml": "RR04", "cancels": "CUST"}
    return codes.get(_AT_THE_BANK.get(reason, ""), "MS03")
