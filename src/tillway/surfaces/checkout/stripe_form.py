"""Stripe's form on a page of ours: the payer's card details go from the browser to Stripe, and never through us."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from tillway.domain.money import Money
from tillway.domain.payments import Attempt, AttemptState
from tillway.domain.standing import Standing
from tillway.surfaces.checkout.declining import decline_text
from tillway.surfaces.checkout.entering import Entrance, Opened
from tillway.surfaces.checkout.viewing import summary
from tillway.surfaces.checkout.views import Summary
from tillway.surfaces.common.security_headers import page_headers
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other

_POLICY: Final = (
    b"default-src 'none'; script-src 'self' https://*.js.stripe.com https://js.stripe.com; "
    b"frame-src https://*.js.stripe.com https://js.stripe.com https://hooks.stripe.com; "
    b"connect-src 'self' https://api.stripe.com; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_CHANGED: Final = {
    b"content-security-policy": _POLICY,
    b"cross-origin-opener-policy": b"same-origin-allow-popups",
    b"permissions-policy": b'camera=(self), geolocation=(), microphone=(), payment=(self "https://js.stripe.com")',
}
PROTECTION: Final = tuple((name, _CHANGED.get(name, value)) for name, value in page_headers())
"""What this page may do beyond others: what docs.stripe.com/security/guide asks for Stripe.js, and no more; wallets and
some banks open a window."""


class Secret(Protocol):
    """What a browser needs to pay one intent of Stripe's."""

    @property
    def client_secret(self) -> str:
        """Whoever has it may pay the intent."""
        ...

    @property
    def reason(self) -> str:
        """Why the last try failed, a word of `Reason`; empty if none has."""
        ...


@dataclass(frozen=True, slots=True)
class StripeAccess:
    """What the wiring hands in: the name on Stripe's attempts, the key for browsers, and who is asked for a secret.

    `secret_of` is given Stripe's reference, and answers None for what cannot be paid any more or when Stripe is silent.
    It is asked whenever the page is drawn: the secret is kept nowhere, and stands in no address and no log.
    """

    connector: str
    publishable_key: str
    secret_of: Callable[[str], Awaitable[Secret | None]]


@dataclass(frozen=True, slots=True)
class StripeFormPage:
    """What the page shows; without a `secret` it can only say that the form is out of reach."""

    summary: Summary
    method: str
    amount: Money
    publishable_key: str
    secret: Secret | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class StripeForm:
    """The page with Stripe's form, at one door."""

    entrance: Entrance
    access: StripeAccess

    def routes(self) -> Sequence[PageRoute]:
        """Where the connector sends payers, below the payment's own page."""
        return (PageRoute("GET", f"/{self.entrance.door.value}/{{token}}/{self.access.connector}", self.look),)

    async def look(self, visit: Visit) -> PageReply:
        """The form, while there is something to pay with it; else how the payment stands."""
        opened = await self.entrance.open(visit, late=True)
        if isinstance(opened, PageReply):
            return opened
        attempt = self._waiting(opened.standing)
        if attempt is None:
            return see_other(opened.links.page)
        secret = await self.access.secret_of(attempt.reference)
        amount = Money(attempt.amount, opened.standing.payment.currency)
        view = StripeFormPage(summary(opened.shown), attempt.method, amount, self.access.publishable_key, secret)
        return PageReply(200, self._drawn(opened, view), protection=PROTECTION)

    def _waiting(self, standing: Standing) -> Attempt | None:
        """What waits to be paid at Stripe."""
        waiting = (one for one in standing.attempts if one.state is AttemptState.OPEN and one.reference)
        return next((one for one in waiting if one.connector == self.access.connector), None)

    def _drawn(self, opened: Opened, view: StripeFormPage) -> bytes:
        drawing = self.entrance.drawing
        text = drawing.pages.text(opened.language)
        return drawing.pages.render(
            "stripe.html",
            opened.language,
            view=view,
            links=opened.links,
            framed=None,
            languages=drawing.pages.languages.choices,
            sandbox=drawing.sandbox,
            decline=decline_text(view.secret.reason, text) if view.secret and view.secret.reason else "",
            return_to=f"{opened.links.page.partition('?')[0]}/return",
        )
