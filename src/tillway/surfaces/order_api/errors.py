"""The payment orders API's way to say no: an envelope of errors, and the table from refusals to status and code."""

from collections.abc import Mapping, Sequence
from typing import Final

from tillway.domain import refusals
from tillway.domain.reasons import Reason
from tillway.domain.refusals import BankRefused, Refusal
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import RefusalEntry
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.order_api.codes import (
    INVALID,
    NOT_UNDERSTOOD,
    TOO_LITTLE,
    TWO_NAMES,
    UNDERSTOOD,
    Code,
    code_of,
    status_of,
)

TABLE: Final[Mapping[type[Refusal], tuple[int, Code]]] = {
    refusals.CredentialsMissing: (401, Code.INVALID_AUTH_HEADER),
    refusals.CredentialsRefused: (401, Code.INVALID_ACCESS_TOKEN),
    refusals.GrantMissing: (401, Code.NOT_AUTHORIZED),
    refusals.AccountNotAllowed: (400, Code.UNKNOWN_BANK_ACCOUNT),
    refusals.BankUnknown: (400, Code.UNSUPPORTED_BANK),
    refusals.ReturnUrlNotAllowed: (400, Code.REDIRECT_URL_NOT_ALLOWED),
    refusals.OrderUnknown: (400, Code.ORDER_NOT_FOUND),
    refusals.PaymentUnknown: (400, Code.PAYMENT_NOT_FOUND),
    refusals.RefundUnknown: (400, Code.REFUND_NOT_FOUND),
    refusals.CurrencyDiffers: (422, Code.REQUEST_VALIDATION_ERROR),
    refusals.InstructionProcessed: (400, Code.PAYMENT_ALREADY_PROCESSED),
    refusals.InstructionDiffers: (422, Code.REQUEST_VALIDATION_ERROR),
    refusals.AmountBelowPaid: (400, Code.INVALID_ORDER_AMOUNT),
    refusals.OrderNotUpdatable: (400, Code.ORDER_CANNOT_BE_UPDATED),
    refusals.OrderNotWithdrawable: (400, Code.ORDER_CANNOT_BE_WITHDRAWN),
    refusals.RefundNotPossible: (400, Code.REFUND_CANNOT_BE_CREATED),
    refusals.CreditorMissing: (400, Code.REQUEST_VALIDATION_ERROR),
    refusals.RefundDuplicated: (400, Code.REFUND_DUPLICATED),
    refusals.RefundAboveLimit: (400, Code.REFUND_LIMIT_EXCEEDED),
    refusals.NotInThatState: (400, Code.PAYMENT_ALREADY_PROCESSED),
    refusals.DebtorMissing: (400, Code.MISSING_SENDER_IBAN),
    refusals.BankRefused: (400, Code.PAYMENT_FAILED),
    refusals.SearchTooBroad: (422, Code.REQUEST_VALIDATION_ERROR),
    refusals.Overloaded: (503, Code.SERVICE_UNAVAILABLE),
}
"""Status and code of every refusal, in the order in which they are checked."""

MEMBERS: Final[Mapping[type[Refusal], str]] = {
    refusals.InstructionDiffers: "instructionId",
    refusals.CurrencyDiffers: "currency",
    refusals.CreditorMissing: "recipientIban",
}
"""The member that a refusal is about, where its code does not say so."""

_TOO_LITTLE: Final = frozenset({Reason.INSUFFICIENT_FUNDS, Reason.LIMIT_EXCEEDED})


def entry_of(refusal: type[Refusal]) -> RefusalEntry:
    """The line of the table for a refusal."""
    status, code = TABLE[refusal]
    return RefusalEntry(status, code, refusal.message(), _body([_error(code, refusal)]))


def refused(refusal: Refusal) -> Reply:
    """The answer to a refusal."""
    kind = type(refusal)
    status, code = TABLE[kind]
    if isinstance(refusal, BankRefused) and refusal.reason in _TOO_LITTLE:
        return told(status, Code.INSUFFICIENT_AMOUNT, TOO_LITTLE)
    return Reply.json(status, _body([_error(code, kind)]))


def invalid(faults: Sequence[Fault]) -> Reply:
    """The answer to a request that is at fault: every fault is an error of its own."""
    return Reply.json(status_of(faults), _body([_fault(fault) for fault in faults]))


def told(status: int, code: Code, title: str, detail: str = "") -> Reply:
    """An answer of one error."""
    return Reply.json(status, _body([_written(code, title, detail)]))


FAULTS: Final = (
    RefusalEntry(
        400,
        Code.REQUEST_VALIDATION_ERROR,
        NOT_UNDERSTOOD,
        {
            "meta": {"status": "ERROR"},
            "errors": [{"code": Code.REQUEST_VALIDATION_ERROR, "title": INVALID, "detail": "amount: Field required"}],
        },
    ),
    RefusalEntry(
        422,
        Code.REQUEST_VALIDATION_ERROR,
        UNDERSTOOD,
        {
            "meta": {"status": "ERROR"},
            "errors": [
                {"code": Code.REQUEST_VALIDATION_ERROR, "title": INVALID, "detail": "amount: should be at least 0.01"}
            ],
        },
    ),
)
"""What every call with a body may be answered."""


def entry(status: int, code: Code, title: str) -> RefusalEntry:
    """A line of the document that no refusal stands for."""
    return RefusalEntry(status, code, title, _body([_written(code, title, "")]))


def _body(errors: Sequence[Mapping[str, str]]) -> dict[str, object]:
    return {"meta": {"status": "ERROR"}, "errors": errors}


def _written(code: Code, title: str, detail: str) -> dict[str, str]:
    return {"code": code, "title": title, "detail": detail} if detail else {"code": code, "title": title}


def _error(code: Code, refusal: type[Refusal]) -> dict[str, str]:
    member = MEMBERS.get(refusal)
    if member is None:
        return _written(code, refusal.message(), "")
    return _written(code, INVALID, f"{member}: {refusal.message()}")


def _fault(fault: Fault) -> dict[str, str]:
    code = code_of(fault)
    if code is Code.SYMBOLS_WITH_REFERENCE_NOT_ALLOWED:
        return _written(code, TWO_NAMES, "")
    member = fault.member
    return _written(code, INVALID, f"{member}: {fault.message}" if member else fault.message)


BOTH_NAMES: Final = entry(400, Code.SYMBOLS_WITH_REFERENCE_NOT_ALLOWED, TWO_NAMES)
NOT_ENOUGH: Final = entry(400, Code.INSUFFICIENT_AMOUNT, TOO_LITTLE)
