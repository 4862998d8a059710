"""What each call of the web payments API does: from wire to command, and back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tillway.commands import logins, payments, refunds
from tillway.commands.logins import Desk
from tillway.commands.tools import Clock, Numbers, Tools
from tillway.domain.clients import Client
from tillway.domain.opening import Opening
from tillway.domain.orders import Access
from tillway.domain.refunding import AskedBy, Giving, Returned
from tillway.domain.refusals import CredentialsRefused
from tillway.domain.schedules import DAY
from tillway.domain.standing import Standing
from tillway.queries.overviews import Overviews
from tillway.queries.registry import Registry
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.limits import neighbourhood
from tillway.surfaces.common.payment_links import payment_link, session_token
from tillway.surfaces.common.replaying import recall_of, reply_of
from tillway.surfaces.web_api import wire
from tillway.surfaces.web_api.auth import Credentials, is_timely
from tillway.surfaces.web_api.rules import Terms, minor
from tillway.surfaces.web_api.tokens import Tokens
from tillway.surfaces.web_api.wire import (
    FullRefundRequest,
    InitiationRequest,
    LoginRequest,
    PartRefundRequest,
    RenewRequest,
)

WEB_LASTS: Final = 2 * DAY
LINK_LASTS: Final = 21 * DAY
ORDERS: Final = "orders"
"""What the whole numbers of `topic.id` count."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What an operator sets: where we are, how far off a login's timestamp may be, and whether this is a sandbox.

    `watch` tells the time that callers have: the sandbox's own clock may be ahead of it.
    """

    public_url: str
    login_window: int
    """Microseconds, either way."""
    watch: Clock
    loopback: bool
    """Whether plain http is allowed on loopback addresses: in the sandbox only."""


class WebCalls:
    """The handlers of the endpoint table."""

    def __init__(self, tools: Tools, registry: Registry, manners: Manners) -> None:
        self._tools = tools
        self._registry = registry
        self._manners = manners
        self._tokens = Tokens(tools)
        self._numbers = Numbers(tools.store, ORDERS)
        self._overviews = Overviews(tools.store)
        self._desk = Desk()
        self.credentials = Credentials(registry, self._tokens, tools.clock)

    def terms(self, caller: Client) -> Terms:
        """What a body of this caller's is held against."""
        return Terms(caller, self._tools.now(), self._manners.loopback)

    async def login(self, call: Call[LoginRequest, Client]) -> Reply:
        """Check the proof, and hand out tokens. Whatever is wrong, the same is done and the same is said."""
        asked, client = call.body, call.caller
        address = neighbourhood(call.peer)
        await logins.check_tries(self._tools, client.id, address)
        kept = await self._registry.login_keys(client.id, self._tools.now())
        proven = await self._desk.is_proof(kept, asked.signature, f"{client.id}_{asked.timestamp}")
        timely = is_timely(asked.timestamp, self._manners.watch.now(), self._manners.login_window)
        if not (proven & timely & (asked.api_key == client.id)):
            await logins.refuse(self._tools, client.id, address)
        return _pair(self._tokens.pair(client, self._tools.now()))

    async def renew(self, call: Call[RenewRequest, Client]) -> Reply:
        """Hand out the next tokens; the old one stays good for a while."""
        token = await self.credentials.token_of(call.headers)
        pair = None
        if token is not None:
            pair = await self._tokens.renew(token, call.body.refresh_token, call.caller, self._tools.now())
        if pair is None:
            raise CredentialsRefused
        return _pair(pair)

    async def initiate_web(self, call: Call[InitiationRequest, Client]) -> Reply:
        """Open a payment to be shown in the client's own page."""
        return await self._open(call, Access.WIDGET, WEB_LASTS, self._web_payment)

    async def initiate_weblink(self, call: Call[InitiationRequest, Client]) -> Reply:
        """Open a payment to be paid on our page."""
        return await self._open(call, Access.LINK, LINK_LASTS, self._link_payment)

    async def get(self, call: Call[None, Client]) -> Reply:
        """How a payment stands."""
        found = await self._overviews.of(call.caller, call.path["reference"])
        return Reply.json(200, wire.payment(found, self._tools.now()))

    async def refund(self, call: Call[FullRefundRequest, Client]) -> Reply:
        """Give back all that is left."""
        return await self._give_back(call, Giving(0, "", call.body.postback_url, AskedBy.RESOLVER))

    async def refund_part(self, call: Call[PartRefundRequest, Client]) -> Reply:
        """Give back an amount."""
        amount = minor(call.body.amount, call.caller.currency)
        return await self._give_back(call, Giving(amount, "", call.body.postback_url, AskedBy.RESOLVER))

    async def _open(
        self,
        call: Call[InitiationRequest, Client],
        access: Access,
        lasts: int,
        render: Callable[[Standing], dict[str, object]],
    ) -> Reply:
        asked, caller = call.body, call.caller
        opening = Opening(
            minor(asked.amount, caller.currency),
            access,
            "",
            asked.return_url,
            asked.postback_url,
            asked.language,
            "{}",
            asked.expires_on if asked.expires_on is not None else self._tools.now() + lasts,
            await self._numbers.take(),
            asked.origin_url,
            asked.country_code,
            asked.email or "",
            caller.most_declines,
        )
        recall = recall_of(call, self._tools.now(), render)
        return reply_of(await payments.open_payment(self._tools, caller, opening, recall), render)

    def _web_payment(self, opened: Standing) -> dict[str, object]:
        payment = opened.payment
        return wire.web_payment(opened, session_token(self._tools.vault, payment.id, payment.expires_at))

    def _link_payment(self, opened: Standing) -> dict[str, object]:
        payment = opened.payment
        url = payment_link(self._tools.vault, self._manners.public_url, payment.id, payment.expires_at)
        return wire.link_payment(opened, url)

    async def _give_back(
        self, call: Call[FullRefundRequest, Client] | Call[PartRefundRequest, Client], giving: Giving
    ) -> Reply:
        recall = recall_of(call, self._tools.now(), _accepted, status=202)
        returned = await refunds.refund(self._tools, call.caller, call.path["reference"], giving, recall)
        return reply_of(returned, _accepted, status=202)


def _accepted(returned: Returned) -> dict[str, object]:
    return {"refundReference": returned.refund.id}


def _pair(pair: tuple[str, str]) -> Reply:
    auth, refresh = pair
    return Reply.json(200, {"authToken": auth, "refreshToken": refresh})
