"""Ready-made requests of the payment orders API, as bytes; those that open orders are of one size."""

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.load.requests import AMOUNT

IBAN = "SK3112000000198742637541"
SHOP = "https://shop.example/back"
SYMBOL = "0000000001"
MESSAGE = "Payment for the shop"
EMAIL = "payer@mail.example"

_TOKEN = "/auth/realms/everifin_paygate/protocol/openid-connect/token"
_API = "/api/v2"


@dataclass(frozen=True, slots=True)
class OrderCaller:
    """A client of the payment orders API: its id and secret."""

    client_id: str
    secret: str = field(repr=False)


def token(caller: OrderCaller) -> bytes:
    """Fetch an access token."""
    form = {"grant_type": "client_credentials", "client_id": caller.client_id, "client_secret": caller.secret}
    return _request("POST", _TOKEN, ["Content-Type: application/x-www-form-urlencoded"], urlencode(form))


def create(access: str, instruction_id: str) -> bytes:
    """Open an order under a name of its own."""
    body = {
        "instructionId": instruction_id,
        "amount": AMOUNT,
        "currency": "EUR",
        "recipientIban": IBAN,
        "variableSymbol": SYMBOL,
        "redirectUrl": SHOP,
        "paymentMessage": MESSAGE,
        "senderEmail": EMAIL,
    }
    text = json.dumps(body, separators=(",", ":"))
    return _request("POST", f"{_API}/orders", [_bearer(access), "Content-Type: application/json"], text)


def listed(access: str, which: str, asked: dict[str, str]) -> bytes:
    """A page of the list of `orders` or `payments`."""
    return at(access, f"{_API}/{which}?{urlencode(asked)}")


def at(access: str, path: str) -> bytes:
    """Whatever is at a path."""
    return _request("GET", path, [_bearer(access)], "")


def _bearer(access: str) -> str:
    return f"Authorization: Bearer {access}"


def _request(method: str, path: str, headers: list[str], text: str) -> bytes:
    length = [f"Content-Length: {len(text)}"] if text else []
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, *length]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()
