"""The link to a payment's page: a signed token that names the payment and is good for a limited time."""

from tillway.domain.ids import PaymentId
from tillway.store.vault import Vault

OPENS_AFTER_EXPIRY_SECONDS = 86_400
"""A link still shows how the payment ended, a day after the last moment to pay it."""

_KIND = "payment page"


def payment_link(vault: Vault, origin: str, payment_id: PaymentId, expires_at: int) -> str:
    """The address of the page of a payment that can be paid until `expires_at` (microseconds UTC)."""
    ends_at = expires_at + OPENS_AFTER_EXPIRY_SECONDS * 1_000_000
    return f"{origin}/pay/{vault.sign_token(_KIND, payment_id, ends_at)}"


def payment_of_link(vault: Vault, token: str, now: int) -> PaymentId | None:
    """The payment that a link's token names; None if the token is not ours or too old at `now`."""
    value = vault.read_token(_KIND, token, now)
    return None if value is None else PaymentId(value)
