"""Where a page of a list begins, as the address of that page carries it: for our own reading only."""

import base64
import binascii
from typing import Final

import msgspec

from tillway.domain.ids import PaymentId, is_outgoing, is_uuid, order_of
from tillway.domain.searching import Place, SortField, Subject
from tillway.surfaces.common.faults import bad_value

AFTER: Final = "after"
BEFORE: Final = "before"
LONGEST_TOKEN: Final = 2048

_NUMBERS: Final = frozenset({SortField.CREATED_AT, SortField.ID, SortField.AMOUNT})
_LARGEST: Final = 2**62
_LONGEST_KEY: Final = 255

_to_json = msgspec.json.Encoder().encode
_from_json = msgspec.json.Decoder(tuple[str, int | str, str]).decode


def written_place(sort: SortField, place: Place) -> str:
    """A place in a list that is sorted like this."""
    return base64.urlsafe_b64encode(_to_json((sort, place.key, place.id))).rstrip(b"=").decode()


def read_place(subject: Subject, sort: SortField, token: str, name: str) -> Place:
    """The place that an address of ours carries. Raises Invalid, naming the parameter, for anything else."""
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        field, key, identity = _from_json(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, msgspec.MsgspecError):
        raise bad_value(name, "should be as the address of a page has it") from None
    if field != sort:
        raise bad_value(name, "belongs to a list that is sorted otherwise")
    if not _is_key(sort, key) or not _is_listed(subject, identity):
        raise bad_value(name, "should be as the address of a page has it")
    return Place(key, identity)


def _is_key(sort: SortField, key: int | str) -> bool:
    if isinstance(key, int):
        return sort in _NUMBERS and 0 <= key < _LARGEST
    return sort not in _NUMBERS and len(key) <= _LONGEST_KEY and "\0" not in key


def _is_listed(subject: Subject, identity: str) -> bool:
    if not is_uuid(identity):
        return False
    payment = PaymentId(identity)
    is_order = order_of(payment) == identity
    return is_order if subject is Subject.ORDERS else not is_order and not is_outgoing(payment)
