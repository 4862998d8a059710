"""The ways to a payment's page: signed tokens that name the payment and are good for a limited time."""

from tillway.domain.ids import PaymentId
from tillway.store.vault import Vault

OPENS_AFTER_EXPIRY_SECONDS = 86_400
"""A link still shows how the payment ended, a day after the last moment to pay it."""

_KIND = "payment page"
_SESSION = "payment session"
_BANK = "bank page"

BANK_ROOM = "bank"
"""The first part of the path of a payment order's page."""


def payment_link(vault: Vault, origin: str, payment_id: PaymentId, expires_at: int) -> str:
    """The address of the page of a payment that can be paid until `expires_at` (microseconds UTC)."""
    ends_at = expires_at + OPENS_AFTER_EXPIRY_SECONDS * 1_000_000
    return f"{origin}/pay/{vault.sign_token(_KIND, payment_id, ends_at)}"


def payment_of_link(vault: Vault, token: str, now: int) -> PaymentId | None:
    """The payment that a link's token names; None if the token is not ours or too old at `now`."""
    value = vault.read_token(_KIND, token, now)
    return None if value is None else PaymentId(value)


def bank_link(vault: Vault, origin: str, payment_id: PaymentId, expires_at: int) -> str:
    """The address of the page where whoever pays, or refunds, by bank chooses one; it opens until `expires_at`."""
    ends_at = expires_at + OPENS_AFTER_EXPIRY_SECONDS * 1_000_000
    return f"{origin}/{BANK_ROOM}/{vault.sign_token(_BANK, payment_id, ends_at)}"


def payment_of_bank_link(vault: Vault, token: str, now: int) -> PaymentId | None:
    """The payment or refund that a bank page's token names; None if the token is not ours or too old at `now`."""
    value = vault.read_token(_BANK, token, now)
    return None if value is None else PaymentId(value)


def session_token(vault: Vault, payment_id: PaymentId, expires_at: int) -> str:
    """What a shop's page shows a payment with inside its own (the widget); good until it can no longer be paid."""
    return vault.sign_token(_SESSION, payment_id, expires_at)


def payment_of_session(vault: Vault, token: str, now: int) -> PaymentId | None:
    """The payment that a session token names; None if the token is not ours or too old at `now`."""
    value = vault.read_token(_SESSION, token, now)
    return None if value is None else PaymentId(value)
