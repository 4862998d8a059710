"""The first payment of a fresh sandbox: as commands to paste, the same wherever they are shown."""

import json

AMOUNT_MAJOR = 649
FIRST_CARD_MAJOR = 500
"""What the first card gives; the next covers what is still due."""


def commands(url: str, client_id: str, client_secret: str, card_numbers: tuple[str, str]) -> str:
    """A payment opened, paid with these two cards and looked at, for a POSIX shell with curl and nothing else."""
    opening = json.dumps({"amount": AMOUNT_MAJOR, "accessMode": "api", "reference": "first payment"})
    first, second = card_numbers
    paying = json.dumps({"cards": [{"cardNumber": first, "amount": FIRST_CARD_MAJOR}, {"cardNumber": second}]})
    return f"""\
call() {{ curl -sS -H 'x-client-id: {client_id}' -H 'x-client-secret: {client_secret}' \\
  -H 'content-type: application/json' "$@"; echo; }}

PAYMENT=$(call {url}/v1/payments -d '{opening}' \\
  | sed 's/.*"paymentId" *: *"\\([^"]*\\)".*/\\1/')
call {url}/v1/payments/$PAYMENT/perform -d '{paying}'
call {url}/v1/payments/$PAYMENT
"""
