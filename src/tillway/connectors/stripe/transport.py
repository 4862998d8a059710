"""The way of Stripe's SDK to Stripe: our own pool of connections, once per call, and nothing of the machine told.

The SDK's own client would wait 80 seconds, obey the machine's proxy variables and try again by itself. Here every call
goes through `Outbound`, whose guard of addresses holds for Stripe too: it costs nothing, although the base address is
the operator's word and no payer's.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
import stripe

from tillway.connectors.outbound import Answer, Outbound, Unanswered

LONGEST_ANSWER: Final = 1024 * 1024
"""A page of a hundred refunds takes about a fifth of this."""

REPLAYED: Final = "Idempotent-Replayed"
"""Stripe's header on an answer that it has kept under an idempotency key, and that may be old by now."""

# Left on, the SDK writes a file into the home folder and tells Stripe of the machine; at level debug it logs whole
# answers, secrets of intents among them.
stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)


class OutboundClient(stripe.HTTPClient):
    """Sends what the SDK asks for through `outbound`; one call may take `limit_seconds`."""

    name = "tillway"

    def __init__(self, outbound: Outbound, limit_seconds: float) -> None:
        super().__init__()
        self._outbound = outbound
        self._limit_seconds = limit_seconds

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One exchange. Of the answer's headers only `REPLAYED` goes on. Raises APIConnectionError.

        The SDK takes the shape of an answer for granted and would stumble over another server's.
        """
        try:
            answer = await self._outbound.exchange(
                method.upper(),
                url,
                headers,
                (post_data or "").encode(),
                limit_seconds=self._limit_seconds,
                longest_answer=LONGEST_ANSWER,
            )
        except Unanswered as error:
            raise stripe.APIConnectionError(error.reason) from None
        if not _is_of_stripe(answer):
            raise stripe.APIConnectionError("not_understood")
        replayed = answer.headers.get(REPLAYED)
        return answer.body, answer.status, {} if replayed is None else {REPLAYED: replayed}


def _is_of_stripe(answer: Answer) -> bool:
    """Whether it is a JSON object, and one with an error where the status says so."""
    try:
        told = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    if not isinstance(told, dict):
        return False
    is_good = 200 <= answer.status < 300
    return is_good or isinstance(cast("dict[str, object]", told).get("error"), dict)


def client(secret_key: str, api_base: str, outbound: Outbound, limit_seconds: float) -> stripe.StripeClient:
    """Stripe's client on our connections; it never tries again by itself, since our resolver does."""
    return stripe.StripeClient(
        secret_key,
        base_addresses={"api": api_base},
        max_network_retries=0,
        http_client=OutboundClient(outbound, limit_seconds),
    )
