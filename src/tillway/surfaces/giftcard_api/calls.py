"""What each call of the gift-card API does: from wire to command, and back."""

from dataclasses import dataclass
from decimal import Decimal

import msgspec

from tillway.commands import giftcards, payments, refunds
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.opening import Opening
from tillway.domain.orders import Access
from tillway.domain.refunding import Giving
from tillway.domain.refusals import CardEmpty, VendorNotAccepted
from tillway.domain.schedules import DAY
from tillway.domain.standing import Standing
from tillway.queries import payments as finding
from tillway.queries.registry import Registry
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.faults import bad_value
from tillway.surfaces.common.payment_links import payment_link
from tillway.surfaces.common.replaying import recall_of, reply_of
from tillway.surfaces.common.return_urls import absolute_url
from tillway.surfaces.giftcard_api import wire
from tillway.surfaces.giftcard_api.errors import CardEmptyForBalance, VendorNotAcceptedForBalance
from tillway.surfaces.giftcard_api.wire import BalanceRequest, CardUse, CreateRequest, PerformRequest, RefundRequest

LONGEST_WAIT = 366 * DAY


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are: `public_url` of this gateway, and the schemes that webhook URLs may have."""

    public_url: str
    webhook_schemes: tuple[str, ...]


class GiftCardCalls:
    """The handlers of the endpoint table."""

    def __init__(self, tools: Tools, registry: Registry, places: Places) -> None:
        self._tools = tools
        self._registry = registry
        self._places = places

    async def create(self, call: Call[CreateRequest, Client]) -> Reply:
        """Open a payment."""
        opened = await payments.open_payment(
            self._tools,
            call.caller,
            self._opening(call.body, call.caller),
            recall_of(call, self._tools.now(), self._created),
        )
        return reply_of(opened, self._created)

    async def verify(self, call: Call[None, Client]) -> Reply:
        """How a payment stands."""
        standing = await finding.standing_of(self._tools.store, call.caller, call.path["paymentId"])
        return reply_of(standing, self._verified)

    async def perform(self, call: Call[PerformRequest, Client]) -> Reply:
        """Take what is due from cards."""
        currency = call.caller.currency
        parts = [_part(use, currency) for use in call.body.uses()]
        standing = await giftcards.perform(
            self._tools,
            call.caller,
            call.path["paymentId"],
            parts,
            (await self._registry.issuers()).prefixes,
            allow_partial=call.body.allow_partial or False,
            final=call.body.final is not False,
            recall=recall_of(call, self._tools.now(), self._verified, is_final=_is_settled),
        )
        return reply_of(standing, self._verified)

    async def abort(self, call: Call[None, Client]) -> Reply:
        """Give a payment up."""
        standing = await payments.withdraw(
            self._tools, call.caller, call.path["paymentId"], recall_of(call, self._tools.now(), self._verified)
        )
        return reply_of(standing, self._verified)

    async def refund(self, call: Call[RefundRequest, Client]) -> Reply:
        """Give money of a complete payment back."""
        asked = call.body
        amount = wire.minor(asked.amount, call.caller.currency) if asked.amount is not None else 0
        returned = await refunds.refund(
            self._tools,
            call.caller,
            call.path["paymentId"],
            Giving(amount, asked.reference or ""),
            recall_of(call, self._tools.now(), wire.refunded),
        )
        return reply_of(returned, wire.refunded)

    async def balance(self, call: Call[BalanceRequest, Client]) -> Reply:
        """What a card is good for."""
        issuers = await self._registry.issuers()
        try:
            card = await giftcards.balance(
                self._tools, call.caller, call.body.card_number, call.body.cvc or "", issuers.prefixes
            )
        except VendorNotAccepted:
            raise VendorNotAcceptedForBalance from None
        except CardEmpty:
            raise CardEmptyForBalance from None
        return Reply.json(200, wire.balance(card, card.issuer_id))

    async def operation(self, call: Call[None, Client]) -> Reply:
        """What became of a call."""
        replay = await finding.replay(self._tools.store, call.caller, call.path["idempotencyKey"])
        if replay is None:
            return Reply.json(200, {"state": "unknown", "status": None, "body": None})
        body = msgspec.Raw(replay.body.encode())
        return Reply.json(200, {"state": "done", "status": replay.status, "body": body})

    def _opening(self, asked: CreateRequest, caller: Client) -> Opening:
        now = self._tools.now()
        access = Access(asked.access_mode or Access.WEB)
        if asked.currency is not None and asked.currency != caller.currency:
            raise bad_value("currency", f"this client's is {caller.currency}")
        expires_at = asked.expires_on if asked.expires_on is not None else now + DAY
        if not now < expires_at <= now + LONGEST_WAIT:
            raise bad_value("expiresOn", "must be in the future, at most a year ahead")
        self._check_urls(asked, access, caller)
        return Opening(
            wire.minor(asked.amount, caller.currency),
            access,
            asked.reference or "",
            asked.return_url or "",
            asked.webhook_url or "",
            asked.language or "",
            wire.metadata_text(asked.metadata),
            expires_at,
        )

    def _check_urls(self, asked: CreateRequest, access: Access, caller: Client) -> None:
        if asked.return_url is not None:
            host = absolute_url(asked.return_url, "returnUrl", ("https", "http")).hostname
            if not caller.may_return_to(host or ""):
                raise bad_value("returnUrl", "its host is not on the client's list")
        elif access is Access.WEB:
            raise bad_value("returnUrl", "Field required")
        if asked.webhook_url is not None:
            absolute_url(asked.webhook_url, "webhookUrl", self._places.webhook_schemes)

    def _created(self, standing: Standing) -> dict[str, object]:
        payment = standing.payment
        url = payment_link(self._tools.vault, self._places.public_url, payment.id, payment.expires_at)
        return {"paymentId": payment.id, "url": url}

    def _verified(self, standing: Standing) -> dict[str, object]:
        return wire.verified(standing, self._tools.now())


def _part(use: CardUse, currency: str) -> CardPart:
    amount = wire.minor(use.amount, currency) if isinstance(use.amount, Decimal) else 0
    return CardPart(use.card_number, use.cvc or "", amount)


def _is_settled(standing: Standing) -> bool:
    return not standing.awaits_issuer()
