"""What tests of deliveries share: a receiver that remembers, what to tell it, and deliverers run until all is quiet."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from standardwebhooks import Webhook

from tests import gateway
from tests.receivers import served
from tillway.commands import giftcards
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.domain.book import Needs
from tillway.domain.decision import Decision
from tillway.domain.events import LoggedEvent, PaymentDeclined
from tillway.domain.ids import ClientId, EventId, NoticeId, PaymentId
from tillway.domain.notices import Notice, NoticeState, Try
from tillway.queries import notices as queries
from tillway.workers.deliver import Deliverer


@dataclass(frozen=True, slots=True)
class Told:
    """One request that a receiver got."""

    headers: dict[str, str]
    body: bytes

    @property
    def notice_id(self) -> str:
        return self.headers["webhook-id"]

    def is_signed_with(self, secret: str) -> None:
        """Raises WebhookVerificationError unless it is."""
        Webhook(secret).verify(self.body, self.headers, json_parse=False)


@dataclass
class Receiver:
    """Answers with `responses` in order, the last of them again and again."""

    url: str = ""
    responses: list[Callable[[], web.Response]] = field(default_factory=list[Callable[[], web.Response]])
    told: list[Told] = field(default_factory=list[Told])

    def answers(self, *statuses: int, body: bytes = b"", **headers: str) -> None:
        """What it says from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.responses = [
            lambda status=status: web.Response(status=status, body=body, headers=named) for status in statuses
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.told.append(Told(headers, await request.read()))
        respond = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        return respond()


@asynccontextmanager
async def receiver() -> AsyncGenerator[Receiver]:
    """A receiver that accepts everything until it is told otherwise."""
    made = Receiver()
    made.answers(200)
    async with served(made.handle) as url:
        made.url = url
        yield made


async def paid_payment(tools: Tools, url: str, client_id: str = "till") -> NoticeId:
    """The notice of a payment that was just completed, to be told at `url`."""
    till = await gateway.client(tools, client_id)
    (card,) = await gateway.cards(tools, 500_00)
    opened = await gateway.payment(
        tools, till, 100_00, gateway.opening(100_00, webhook_url=url, expires_at=tools.now() + 1)
    )
    await giftcards.perform(tools, till, opened.payment.id, [CardPart(card.number, "", 0)], (gateway.PREFIX,))
    (notice,) = [
        each
        for each in await queries.notices(tools.store, queries.Filter(client_id))
        if each.payment_id == opened.payment.id
    ]
    return notice.id


def event_with_notice(
    identity: str, host: str, *, at: int, now: int, leased_until: int = 0
) -> tuple[LoggedEvent, Notice]:
    """An event made at `now` and its notice, to be told at `host` by the client `till` from `at` on."""
    client, payment = ClientId("till"), PaymentId("payment")
    event = LoggedEvent(
        EventId(identity), PaymentDeclined.kind, client, payment, 1, PaymentDeclined(payment, "issuer_failure"), now
    )
    notice = Notice(
        NoticeId(identity),
        event.id,
        client,
        payment,
        "gift_cards",
        f"http://{host}/",
        host,
        "{}",
        NoticeState.DUE,
        0,
        at,
        leased_until,
        now,
        0,
    )
    return event, notice


async def many_notices(tools: Tools, hosts: Sequence[str], each: int) -> None:
    """`each` notices for every host, due now."""
    now = tools.now()
    pairs = (event_with_notice(tools.stamp().unique, host, at=now, now=now) for host in hosts for _ in range(each))
    rows = tuple(row for pair in pairs for row in pair)
    await tools.committer.run(Needs(), lambda _: Decision(None, rows))


async def deliver(deliverer: Deliverer) -> None:
    """Have everything tried that is due now."""
    while await deliverer.turn():
        pass


async def tries_of(tools: Tools, notice_id: NoticeId) -> tuple[Notice, Sequence[Try]]:
    """A notice as it stands, and its tries."""
    return await queries.notice(tools.store, notice_id)
