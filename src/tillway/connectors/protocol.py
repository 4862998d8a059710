"""What every connector offers to the commands: ask far sides to move money, and say plainly what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from tillway.domain.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Journey:
    """What a far side that shows the payer a page of its own needs for it.

    The payer comes back to `return_url`; `page_url` is the payment's page with us, below which a connector may have a
    page of its own. `language` is ISO 639-1, `country` ISO 3166-1 alpha-2; `address` is the payer's IP address and
    `agent` what the payer's browser calls itself. Texts are empty where they are not known.
    """

    return_url: str
    page_url: str
    language: str = ""
    country: str = ""
    email: str = ""
    description: str = ""
    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """What a bank is told to pay (ISO 20022): to the creditor, from the debtor's account, with what words.

    `bank_id` is the bank of `domain/banks.py` that is asked. The symbols and the reference are never there together.
    Texts are empty where there is nothing.
    """

    bank_id: str
    creditor_iban: str
    creditor_name: str
    creditor_bic: str
    debtor_iban: str
    variable_symbol: str
    constant_symbol: str
    specific_symbol: str
    reference: str
    message: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`amount` minor units of `currency`; `id` is the idempotency key at the far side, `reference` its own name for it.

    `instrument` is a gift card's number in the clear, for the wire only, so it is not shown; it is empty for every
    other `method`. The `journey` is there when an operation begins, and not when it is asked about later.
    """

    id: str
    instrument: str = field(repr=False)
    amount: int
    currency: str
    method: str = ""
    reference: str = ""
    journey: Journey | None = None
    transfer: CreditTransfer | None = None
    """What the bank is to be told; None where no bank is asked."""


@dataclass(frozen=True, slots=True)
class Callback:
    """What a far side told by itself of one operation: of `operation_id`, the idempotency key that we gave it."""

    operation_id: str
    outcome: Outcome


class CallbackRefused(Exception):
    """What came is not from the far side, too old, or cannot be read; nothing of it may be believed."""


class Connector(Protocol):
    """Our side of someone who moves money; it keeps nothing, so any process may ask at any time.

    Every call may be repeated any number of times with the same operation: it happens at most once, and a plain answer
    never changes but by a reversal. Anything that is not a plain yes or no is Pending.
    """

    @property
    def limit_seconds(self) -> float:
        """How long one call may take; who has not answered by then has not answered."""
        ...

    async def begin(self, operation: Operation) -> Outcome:
        """Take the amount, or say where the payer has to go for it (Pending with a `step_url`)."""
        ...

    async def look_up(self, operation: Operation) -> Outcome:
        """What became of an operation that was, or may have been, begun.

        Declined is for good: an operation that never arrived can no longer happen once this was answered.
        """
        ...

    async def reverse(self, operation: Operation) -> Outcome:
        """Undo an operation, whether or not it arrived (an ISO 8583 reversal, or a cancelled payment).

        Paid: it is given back, or will never happen. Declined: it has been taken for good and can only be refunded.
        No gift-card issuer says so; of every other method this is the answer once it was paid, so that whoever heard of
        that, however late, heard what is still true.
        """
        ...

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Give back the amount, which is all or part of what the operation `refunded_id` took.

        The operation's `reference` is that of the operation `refunded_id`.
        """
        ...

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """What a call from the far side tells, if its signature is right at `now` (microseconds UTC).

        Far sides sign by the clock on the wall, so `now` is that clock's, and never the sandbox's, which runs ahead.

        `headers` have lower-case names. Nothing that concerns us is an empty answer. Raises CallbackRefused.
        """
        ...


class StepKind(StrEnum):
    """What whoever authorises a payment has to do next.

    REDIRECT: go to the bank's page; INPUT: say what is asked for; PUSH: agree in the bank's app; NEXT: only come again,
    since the bank is at work, or is done.
    """

    REDIRECT = "REDIRECT"
    INPUT = "INPUT"
    NEXT = "NEXT"
    PUSH = "PUSH"


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a bank asks for: `kind` is TEXT, PASSWORD or SELECT; `options` are values with their labels."""

    name: str
    kind: str
    label: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """The next step of an authorisation; `description` is the bank's own word on it, bounded, empty if it gave none."""

    kind: StepKind
    url: str = ""
    inputs: tuple[Asked, ...] = ()
    description: str = ""


@runtime_checkable
class BankConnector(Connector, Protocol):
    """A connector to banks, which can also be led through an authorisation without the bank's page."""

    async def authorise(self, operation: Operation, values: Mapping[str, str]) -> Step:
        """Give the bank what it asked for in the last step, and learn the next one; `values` are empty at first.

        The bank alone knows how far it is: the same values twice do nothing twice. What came of it, `look_up` tells.
        """
        ...
