"""Where the shop is told: it takes what the gateway posts, checks the signature, and answers at once."""

from collections.abc import Callable

import msgspec
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tillway.surfaces.sandbox.shop.memory import Memory, Postback

PATH = "/postbacks"
MOST_BYTES = 16 * 1024


class _Told(msgspec.Struct, rename="camel"):
    payment_reference: str
    is_success: bool
    refund_reference: str | None = None


def postback_route(memory: Memory, signing_secret: str, now: Callable[[], int]) -> Route:
    """`POST /postbacks`: 204 once noted, 400 for what is no postback, 413 for what is too large to be one."""
    webhook = Webhook(signing_secret)

    async def take(request: Request) -> Response:
        body = bytearray()
        try:
            async for piece in request.stream():
                body += piece
                if len(body) > MOST_BYTES:
                    return Response(status_code=413, headers={"connection": "close"})
            told = msgspec.json.decode(bytes(body), type=_Told)
        except (msgspec.DecodeError, ClientDisconnect):
            return Response(status_code=400)
        sale = memory.find(told.payment_reference)
        if sale is not None:
            signed = is_signed(webhook, bytes(body), dict(request.headers))
            text = bytes(body).decode()
            is_refund = told.refund_reference is not None
            sale.postbacks.appendleft(Postback(now(), sale.reference, text, signed, told.is_success, is_refund))
        return Response(status_code=204)

    return Route(PATH, take, methods=["POST"])


def is_signed(webhook: Webhook, body: bytes, headers: dict[str, str]) -> bool:
    """Whether the gateway signed this body, within the last minutes."""
    try:
        webhook.verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True
