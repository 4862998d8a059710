"""Every way the business says no, as one tree of exceptions whose docstrings are the messages.

Refusal
├── CallRefusal          about the call itself
│   ├── CredentialsMissing
│   ├── CredentialsRefused
│   ├── KeyReused
│   ├── LoginRefused
│   ├── Overloaded
│   ├── RequestInvalid
│   └── TooManyLogins
├── PaymentRefusal       about the payment named
│   ├── PaymentUnknown
│   ├── NotYourPayment
│   ├── NotYourClientsPayment
│   ├── NotApiPayment
│   ├── NotInThatState
│   ├── AmountAboveDue
│   └── RefundAboveLeft
│       └── NothingLeftToRefund
├── CardRefusal          about the gift card named
│   ├── CardNumberLength
│   ├── CardNumberDigits
│   ├── CardNumberInvalid
│   ├── CardUnknown
│   ├── VendorNotAccepted
│   ├── CardExpired
│   ├── CardEmpty
│   ├── CvcRefused
│   ├── BalanceTooLow
│   ├── CardNotActive
│   ├── CardExists
│   └── TooManyTries
├── IssuerRefusal        about what the card's issuer answered
│   ├── IssuerSilent
│   └── IssuerFailed
├── OrderRefusal         about the payment order named, or asked for
│   ├── OrderUnknown
│   ├── AccountNotAllowed
│   ├── BankUnknown
│   ├── ReturnUrlNotAllowed
│   ├── InstructionProcessed
│   ├── InstructionDiffers
│   ├── AmountBelowPaid
│   ├── OrderNotUpdatable
│   ├── OrderNotWithdrawable
│   ├── SearchTooBroad
│   ├── DebtorMissing
│   └── BankRefused
├── OrderRefundRefusal   about a refund of a payment order
│   ├── GrantMissing
│   ├── RefundUnknown
│   ├── CurrencyDiffers
│   ├── CreditorMissing
│   ├── RefundNotPossible
│   ├── RefundDuplicated
│   └── RefundAboveLimit
└── RecordRefusal        about the merchant's own records
    ├── ClientUnknown
    ├── ClientExists
    ├── IssuerUnknown
    ├── IssuerExists
    ├── PrefixTaken
    ├── NoticeUnknown
    ├── SecretUnknown
    └── HookRefusal      in domain/hook_refusals.py
"""


class Refusal(Exception):
    """The request was refused."""

    def __init__(self) -> None:
        super().__init__(self.message())

    @classmethod
    def message(cls) -> str:
        """What a person reads: the docstring of the class."""
        return (cls.__doc__ or "").strip()


class CallRefusal(Refusal):
    """The call cannot be served."""


class CredentialsMissing(CallRefusal):
    """The header with the credentials is missing or malformed."""


class CredentialsRefused(CallRefusal):
    """The credentials are missing or wrong."""


class KeyReused(CallRefusal):
    """This idempotency key was used before with another request."""


class LoginRefused(CallRefusal):
    """Api key authentication failed."""


class Overloaded(CallRefusal):
    """More is waiting than can be served now; try again shortly."""


class RequestInvalid(CallRefusal):
    """A member of the request is missing or has a value that is not allowed."""

    def __init__(self, member: str, problem: str) -> None:
        super().__init__()
        self.member = member
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.member}: {self.problem}"


class TooManyLogins(CallRefusal):
    """Too many logins failed; wait before the next."""

    def __init__(self, wait: int) -> None:
        """`wait` is how long, in microseconds."""
        super().__init__()
        self.wait = wait


class PaymentRefusal(Refusal):
    """The payment cannot be used like this."""


class PaymentUnknown(PaymentRefusal):
    """There is no payment with this id."""


class NotYourPayment(PaymentRefusal):
    """The payment belongs to another merchant."""


class NotYourClientsPayment(PaymentRefusal):
    """The payment was created by another client."""


class NotApiPayment(PaymentRefusal):
    """The payment was not created with access by API."""


class NotInThatState(PaymentRefusal):
    """The state of the payment does not allow this."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self.state = state


class AmountAboveDue(PaymentRefusal):
    """The amounts are more than what is due."""


class RefundAboveLeft(PaymentRefusal):
    """The amount is more than what is left to refund."""


class NothingLeftToRefund(RefundAboveLeft):
    """All of the payment has been refunded already."""


class CardRefusal(Refusal):
    """The card cannot be used like this."""


class CardNumberLength(CardRefusal):
    """A card number has 19 digits."""


class CardNumberDigits(CardRefusal):
    """A card number contains digits only and is a positive number."""


class CardNumberInvalid(CardRefusal):
    """The card number is not valid."""


class CardUnknown(CardRefusal):
    """There is no card with this number."""


class VendorNotAccepted(CardRefusal):
    """The client does not accept cards of this vendor."""


class CardExpired(CardRefusal):
    """The card is expired."""


class CardEmpty(CardRefusal):
    """The card has no balance."""


class CvcRefused(CardRefusal):
    """The card's CVC could not be read or is not right."""


class BalanceTooLow(CardRefusal):
    """The balance does not cover the amount."""


class CardNotActive(CardRefusal):
    """The card is not active or is blocked."""


class CardExists(CardRefusal):
    """A card with this number exists already."""


class TooManyTries(CardRefusal):
    """Too many wrong tries; wait before the next."""


class IssuerRefusal(Refusal):
    """The card's issuer did not approve."""


class IssuerSilent(IssuerRefusal):
    """The card's issuer did not answer; the outcome is being looked up."""


class IssuerFailed(IssuerRefusal):
    """The card's issuer answered with a failure."""


class OrderRefusal(Refusal):
    """The payment order cannot be used like this."""


class OrderUnknown(OrderRefusal):
    """There is no order with this id."""


class AccountNotAllowed(OrderRefusal):
    """The recipient's account is not one that this client may be paid at."""


class BankUnknown(OrderRefusal):
    """There is no bank with this id."""


class ReturnUrlNotAllowed(OrderRefusal):
    """The redirect URL is not one that this client may use."""


class InstructionProcessed(OrderRefusal):
    """The payment with this instruction id is finished."""


class InstructionDiffers(OrderRefusal):
    """This instruction id was used before with other content."""


class AmountBelowPaid(OrderRefusal):
    """The amount is lower than what is paid already."""


class OrderNotUpdatable(OrderRefusal):
    """The amount cannot change while a payment is being looked at or processed."""


class OrderNotWithdrawable(OrderRefusal):
    """A payment or refund that is finished or being authorised cannot be withdrawn."""


class SearchTooBroad(OrderRefusal):
    """Too much would have to be read for this; narrow the search, by createdFrom and createdTo for example."""


class DebtorMissing(OrderRefusal):
    """The bank has to be told the account that pays."""


class BankRefused(OrderRefusal):
    """The bank did not accept the payment."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class OrderRefundRefusal(Refusal):
    """The refund of a payment order cannot be made or used like this."""


class GrantMissing(OrderRefundRefusal):
    """The client may not make refunds, or its token was not asked for with that scope."""


class RefundUnknown(OrderRefundRefusal):
    """There is no refund with this id."""


class CurrencyDiffers(OrderRefundRefusal):
    """A refund is in the currency of its order."""


class CreditorMissing(OrderRefundRefusal):
    """The account of whoever paid is not known: say where the money is to go."""


class RefundNotPossible(OrderRefundRefusal):
    """No payment of the order has been processed, so nothing can be given back."""


class RefundDuplicated(OrderRefundRefusal):
    """The order has this very refund already."""


class RefundAboveLimit(OrderRefundRefusal):
    """The refunds of the order would be above its limit."""


class RecordRefusal(Refusal):
    """The record cannot be kept like this."""


class ClientUnknown(RecordRefusal):
    """There is no client with this id."""


class ClientExists(RecordRefusal):
    """A client with this id exists already."""


class IssuerUnknown(RecordRefusal):
    """There is no issuer with this id."""


class IssuerExists(RecordRefusal):
    """An issuer with this id exists already."""


class PrefixTaken(RecordRefusal):
    """Another issuer has this prefix, or one that begins with it."""


class NoticeUnknown(RecordRefusal):
    """There is no notice with this id."""


class SecretUnknown(RecordRefusal):
    """The client has no secret of this kind."""
