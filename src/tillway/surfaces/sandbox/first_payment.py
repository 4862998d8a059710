"""The first payment of a fresh sandbox: as commands to paste, the same wherever they are shown."""

import json
from collections.abc import Sequence

AMOUNT_MAJOR = 649


def commands(url: str, client_id: str, client_secret: str, card_numbers: Sequence[str]) -> str:
    """A payment opened, paid with these cards and looked at, for a POSIX shell with curl and nothing else."""
    opening = json.dumps({"amount": AMOUNT_MAJOR, "accessMode": "api", "reference": "first payment"})
    paying = json.dumps({"cards": [{"cardNumber": number} for number in card_numbers]})
    return f"""\
tillway() {{ curl -sS -H 'x-client-id: {client_id}' -H 'x-client-secret: {client_secret}' \\
  -H 'content-type: application/json' "$@"; echo; }}

PAYMENT=$(tillway {url}/v1/payments -d '{opening}' \\
  | sed 's/.*"paymentId" *: *"\\([^"]*\\)".*/\\1/')
tillway {url}/v1/payments/$PAYMENT/perform -d '{paying}'
tillway {url}/v1/payments/$PAYMENT
"""
