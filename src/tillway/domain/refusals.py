"""Every way the business says no, as one tree of exceptions whose docstrings are the messages.

Refusal
├── CallRefusal          about the call itself
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
└── RecordRefusal        about the merchant's own records
    ├── ClientUnknown
    ├── ClientExists
    ├── IssuerUnknown
    ├── IssuerExists
    ├── PrefixTaken
    ├── NoticeUnknown
    └── SecretUnknown
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
