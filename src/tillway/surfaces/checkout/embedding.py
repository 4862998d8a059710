"""What a shop's own page needs to show a payment: the widget's script, and how the payment in its frame stands."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from tillway.commands.tools import Tools
from tillway.domain.payments import WAITING, Payment, PaymentState
from tillway.domain.refusals import Overloaded, PaymentUnknown
from tillway.queries import payments
from tillway.store.protocol import Unavailable
from tillway.surfaces.common.api import RETRY_AFTER_SECONDS
from tillway.surfaces.common.payment_links import payment_of_session
from tillway.surfaces.common.static_files import StaticFiles

WIDGET_PREFIX: Final = "/widget"
WIDGET: Final = Path(__file__).parent / "widget"

_LAST_MOMENT = 0
"""A time at which no token of ours is too old."""

_HEADERS: Final[Mapping[str, str]] = {"cache-control": "no-store", "x-content-type-options": "nosniff"}

_P = PaymentState
_WORDS: Final[Mapping[PaymentState, str]] = {
    _P.CREATED: "open",
    _P.SEEN: "open",
    _P.PROCESSING: "requested",
    _P.CONFIRMED: "requested",
    _P.BOOKED: "success",
    _P.FAILED: "failed",
    _P.WITHDRAWN: "cancelled",
    _P.EXPIRED: "cancelled",
    _P.PROCESSING_EXPIRED: "cancelled",
}


def state_word(payment: Payment, now: int) -> str:
    """What the widget calls the state of a payment at `now`: the same words as the web payments API's.

    One that is overdue is cancelled even before the expiry worker says so.
    """
    overdue = payment.state in WAITING and not payment.is_open(now)
    return "cancelled" if overdue else _WORDS[payment.state]


def widget_routes(tools: Tools) -> list[BaseRoute]:
    """The widget's files for every origin, and `GET /embed/{token}/state` for the frame itself: `{state}`.

    A token that is over is answered 410 and still how its payment stands, for a payer whose outcome came late; one that
    is not ours, 404.
    """

    async def state(request: Request) -> Response:
        token, now = request.path_params["token"], tools.now()
        payment_id = payment_of_session(tools.vault, token, _LAST_MOMENT)
        if payment_id is None:
            return _answer(404)
        try:
            standing = await payments.standing(tools.store, payment_id)
        except PaymentUnknown:
            return _answer(404)
        except (Overloaded, Unavailable):
            return _answer(503, headers={"retry-after": str(RETRY_AFTER_SECONDS)})
        is_good = payment_of_session(tools.vault, token, now) is not None
        return _answer(200 if is_good else 410, msgspec.json.encode({"state": state_word(standing.payment, now)}))

    files = StaticFiles([WIDGET], WIDGET_PREFIX, for_any_origin=True)
    return [Mount(WIDGET_PREFIX, files), Route("/embed/{token}/state", state)]


def _answer(status: int, body: bytes = b"{}", *, headers: Mapping[str, str] = _HEADERS) -> Response:
    return Response(body, status, {**_HEADERS, **headers}, media_type="application/json")
