"""The web payments API's way to say no: a list of errors, and the table from refusals to status and code."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from tillway.domain import refusals
from tillway.domain.refusals import PaymentUnknown, Refusal, TooManyLogins
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import RefusalEntry
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.web_api.codes import Code, code_of, status_of

FORBIDDEN: Final = {"message": "Forbidden"}
"""What is answered to whoever has no API key: the one body that is not a list of errors."""

TABLE: Final[Mapping[type[Refusal], tuple[int, int]]] = {
    refusals.ClientUnknown: (403, 0),
    refusals.CredentialsRefused: (401, Code.CREDENTIALS),
    refusals.TooManyLogins: (429, Code.TOO_MANY_REQUESTS),
    refusals.LoginRefused: (401, Code.LOGIN_REFUSED),
    refusals.PaymentUnknown: (404, Code.PAYMENT_UNKNOWN),
    refusals.NotYourPayment: (404, Code.PAYMENT_UNKNOWN),
    refusals.NotYourClientsPayment: (404, Code.PAYMENT_UNKNOWN),
    refusals.NotInThatState: (422, Code.NOT_REFUNDABLE),
    refusals.NothingLeftToRefund: (410, Code.ALREADY_REFUNDED),
    refusals.RefundAboveLeft: (422, Code.MORE_THAN_LEFT),
    refusals.KeyReused: (422, Code.KEY_REUSED),
    refusals.Overloaded: (503, 503),
}
"""Status and code of every refusal, in the order in which they are checked; the 403 alone has no code."""

_SAID_OF: Final[Mapping[type[Refusal], type[Refusal]]] = {
    refusals.NotYourPayment: PaymentUnknown,
    refusals.NotYourClientsPayment: PaymentUnknown,
}
"""What exists, but not for the caller, is answered as what does not exist."""

_MEMBERS: Final[Mapping[type[Refusal], str]] = {refusals.RefundAboveLeft: "amount"}

_SECOND = 1_000_000
_encode = msgspec.json.Encoder().encode


def entry_of(refusal: type[Refusal]) -> RefusalEntry:
    """The line of the table for a refusal."""
    status, code = TABLE[refusal]
    message = _said(refusal)
    if not code:
        return RefusalEntry(status, "", "The API key is missing or unknown.", FORBIDDEN)
    return RefusalEntry(status, str(code), message, errors_of([_error(code, message, refusal)])(""))


def refused(refusal: Refusal) -> Reply:
    """The answer to a refusal."""
    kind = type(refusal)
    status, code = TABLE[kind]
    if not code:
        return Reply.json(status, FORBIDDEN)
    reply = told(status, _error(code, _said(kind), kind))
    if isinstance(refusal, TooManyLogins):
        return reply.with_header(b"retry-after", b"%d" % max(-(-refusal.wait // _SECOND), 1))
    return reply


def invalid(faults: Sequence[Fault]) -> Reply:
    """The answer to a body that is at fault: every fault is an error of its own."""
    return told(status_of(faults), *((code_of(fault), fault.message, fault.member) for fault in faults))


def told(status: int, *errors: tuple[int, str, str]) -> Reply:
    """An answer of errors, each a code, a message and the member that is meant; the trace is the request's id."""
    body = errors_of(errors)
    return Reply(status, _encode(body("")), _JSON, lambda request_id: _encode(body(request_id)))


def errors_of(errors: Sequence[tuple[int, str, str]]) -> Callable[[str], dict[str, object]]:
    """What makes the body from the request's id."""

    def body(trace: str) -> dict[str, object]:
        return {
            "errors": [
                {"code": int(code), "message": message, "propertyName": member, "trace": trace}
                for code, message, member in errors
            ]
        }

    return body


def fault_entry(status: int, code: Code, message: str) -> RefusalEntry:
    """A line of the document for a fault of a body."""
    return RefusalEntry(status, str(int(code)), message, errors_of([(code, message, "")])(""))


def _said(refusal: type[Refusal]) -> str:
    return _SAID_OF.get(refusal, refusal).message()


def _error(code: int, message: str, refusal: type[Refusal]) -> tuple[int, str, str]:
    return code, message, _MEMBERS.get(refusal, "")


_JSON = ((b"content-type", b"application/json"),)
