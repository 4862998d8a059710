"""The gift-card API's own table from refusals to HTTP status, `error` number and message."""

from collections.abc import Mapping, Sequence
from typing import Final

from tillway.domain import refusals
from tillway.domain.refusals import CardEmpty, CredentialsRefused, KeyReused, Overloaded, Refusal, VendorNotAccepted
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import RefusalEntry
from tillway.surfaces.common.faults import Fault

MISSING_DATA = 950


class VendorNotAcceptedForBalance(VendorNotAccepted):
    """The client does not accept cards of this vendor."""


class CardEmptyForBalance(CardEmpty):
    """The card has no balance."""


NUMBERS: Final[Mapping[type[Refusal], int]] = {
    refusals.RequestInvalid: MISSING_DATA,
    refusals.PaymentUnknown: 259,
    refusals.NotYourPayment: 258,
    refusals.NotYourClientsPayment: 260,
    refusals.NotApiPayment: 257,
    refusals.NotInThatState: 251,
    refusals.CardNumberLength: 400,
    refusals.CardNumberDigits: 401,
    refusals.CardNumberInvalid: 402,
    refusals.CardUnknown: 109,
    VendorNotAcceptedForBalance: 100,
    refusals.VendorNotAccepted: 105,
    refusals.CardExpired: 101,
    CardEmptyForBalance: 102,
    refusals.CardEmpty: 106,
    refusals.CvcRefused: 252,
    refusals.AmountAboveDue: MISSING_DATA,
    refusals.BalanceTooLow: 250,
    refusals.NothingLeftToRefund: 250,
    refusals.RefundAboveLeft: 250,
    refusals.IssuerSilent: 253,
    refusals.CardNotActive: 254,
    refusals.IssuerFailed: 254,
}
"""The `error` of every refusal, in the document's order of precedence; each is HTTP 400."""

STATUSES: Final[Mapping[type[Refusal], int]] = {CredentialsRefused: 401, KeyReused: 422, Overloaded: 503}
"""What is refused before any of that, and has a status of its own and no `error`."""


def entry_of(refusal: type[Refusal]) -> RefusalEntry:
    """The line of the table for a refusal."""
    message = refusal.message()
    number = NUMBERS.get(refusal)
    if number is None:
        return RefusalEntry(STATUSES[refusal], "", message, {"message": message})
    return RefusalEntry(400, str(number), message, {"error": number, "message": message})


def refused(refusal: Refusal) -> Reply:
    """The answer to a refusal."""
    number = NUMBERS.get(type(refusal))
    if number is None:
        return plain(STATUSES[type(refusal)], str(refusal))
    return Reply.json(400, {"error": number, "message": str(refusal)})


def invalid(faults: Sequence[Fault]) -> Reply:
    """The answer to a request whose form is at fault; the message names every fault."""
    told = "; ".join(f"{fault.member or 'body'}: {fault.message}" for fault in faults)
    return Reply.json(400, {"error": MISSING_DATA, "message": told})


def plain(status: int, message: str) -> Reply:
    """An answer that has no `error` number."""
    return Reply.json(status, {"message": message})
