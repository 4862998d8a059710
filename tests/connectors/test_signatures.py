"""The signature of the payment orders document: its published vector, and one mark for each secret."""

import hmac
from datetime import UTC, datetime

import pytest

from tillway.connectors.signatures import dated_signature

BODY = (
    b'{"eventType":"payment.statusChange","eventTimestamp":"2024-05-07T14:49:55.884Z",'
    b'"eventId":"c2949dfe-4585-46eb-9213-35f0f7faf055","clientId":"62d23f64-2317-4071-8779-1cf52695b93d",'
    b'"hookType":"payment.statusChange","timestamp":"2024-05-07T14:49:55.884Z",'
    b'"data":{"paymentId":"da96bc8f-cc77-4ae8-80ac-84b648178d60","status":"BOOKED"}}'
)
AT = datetime(2024, 5, 7, 14, 49, 55, 887_000, UTC).timestamp()
STAMP = "2024-05-07T14:49:55.887Z"
MARK = "25450941c271d5309b57a5ba21486331cb21531fa2a28a0f5f87cc93ebbbe60e"


def test_the_published_vector() -> None:
    assert dated_signature(["abcd"], BODY, AT) == f"ts={STAMP};v0={MARK}"


def test_every_secret_makes_a_mark_of_its_own_in_the_order_given() -> None:
    stamp, *marks = dated_signature(["abcd", "whsec_YQ==", "c"], BODY, AT).split(";")
    assert stamp == f"ts={STAMP}"
    assert marks == [
        f"v{place}={hmac.digest(secret, STAMP.encode() + b'.' + BODY, 'sha256').hex()}"
        for place, secret in enumerate((b"abcd", b"whsec_YQ==", b"c"))
    ]
    assert marks[0] == f"v0={MARK}"


@pytest.mark.parametrize(("at", "stamp"), [(0.0, "1970-01-01T00:00:00.000Z"), (AT + 0.0009, STAMP)])
def test_the_time_has_milliseconds_always(at: float, stamp: str) -> None:
    assert dated_signature(["a"], b"", at).startswith(f"ts={stamp};")
