"""The query of a list: what is sought, how it is sorted, and which page of it is wanted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from tillway.domain.ids import is_uuid
from tillway.domain.money import LARGEST_MINOR, exponent
from tillway.domain.payment_orders import OrderStatus
from tillway.domain.payments import PaymentState
from tillway.domain.searching import AmountRange, SortField, Sought, Subject, Wanted
from tillway.surfaces.common.faults import Fault, FaultKind, Invalid, faults_of
from tillway.surfaces.order_api.list_places import AFTER, BEFORE, LONGEST_TOKEN, read_place
from tillway.surfaces.order_api.rules import (
    BankId,
    BankText,
    Currency,
    Digits,
    ExternalId,
    FourDigits,
    Iban,
    InstructionId,
    Reference,
    TenDigits,
)

PAGE: Final = "page"
PER_PAGE: Final = "countPerPage"
STATUS: Final = "status"
STATUSES: Final = "status[]"

USUAL_PER_PAGE: Final = 20
MOST_PER_PAGE: Final = 100
LAST_PAGE: Final = 1_000_000
"""More pages are not counted off; whoever wants to see that much goes from page to page."""

FILTERS: Final = (
    "id",
    "instructionId",
    "externalId",
    "recipientIban",
    "senderBankId",
    "amount",
    "currency",
    "variableSymbol",
    "constantSymbol",
    "specificSymbol",
    "reference",
    "paymentMessage",
    STATUSES,
    STATUS,
    "createdFrom",
    "createdTo",
)
"""In the order in which addresses of pages have them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NUMBER = re.compile(r"[0-9]{1,7}")
_AMOUNT = re.compile(r"(?:[0-9]{1,12}(?:\.[0-9]{1,4})?)")
_ZONE_PLUS_LOST = re.compile(r"(.*T.*) ([0-9]{2}:?[0-9]{2})")
"""A `+` that was not escaped arrives as a space."""

_LONGEST_MOMENT = 40
_NO_MOMENT = "should be a day or a moment, as ISO 8601 writes it: 2026-11-20T14:30:00Z"
_REPEATED: Final = frozenset({STATUS, STATUSES})


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A query that was read; `page` is the number that was asked for, `kept` what every address of a page repeats."""

    sought: Sought
    wanted: Wanted
    page: int
    kept: Sequence[tuple[str, str]]


def read_query(subject: Subject, query: Mapping[str, Sequence[str]], currency: str) -> ListQuery:
    """What a list is asked for by a client of this currency. Raises Invalid.

    Parameters that are empty, or that no list has, count as not given.
    """
    known = (PAGE, PER_PAGE, "sort", *FILTERS, AFTER, BEFORE)
    given = {name: texts for name in known if (texts := [text for text in query.get(name, ()) if text])}
    again = [name for name, texts in given.items() if len(texts) > 1 and name not in _REPEATED]
    if again:
        raise Invalid([Fault((name,), FaultKind.BAD_VALUE, "should be given once") for name in again])
    members: dict[str, object] = {name: texts[0] for name, texts in given.items() if name not in _REPEATED}
    statuses = [*given.get(STATUSES, ()), *given.get(STATUS, ())]
    if statuses:
        members[STATUS] = statuses
    try:
        asked = _Query.model_validate(members, context=subject)
    except ValidationError as error:
        raise faults_of(error) from None
    wanted = _wanted(subject, asked)
    kept = [(name, text) for name in (PER_PAGE, "sort", *FILTERS) for text in given.get(name, ())]
    return ListQuery(_sought(asked, currency), wanted, asked.page, kept)


def _number(value: object) -> int:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    raise _broken(f"should be a whole number, at most {LAST_PAGE}")


def _sort(value: object) -> tuple[SortField, bool]:
    field, _, way = str(value)[:64].partition(":")
    if field not in SORT_FIELDS or way.lower() not in {"", "asc", "desc"}:
        raise _broken(f"should be `field:asc` or `field:desc`, the field one of {', '.join(SORT_FIELDS)}")
    return SortField(field), way.lower() == "desc"


def _id(value: str) -> str:
    low = value.lower()
    if not is_uuid(low):
        raise _broken("should be an id, as it was answered")
    return low


def _range(value: object) -> tuple[Decimal | None, Decimal | None]:
    """An amount twice, or the ends of a range."""
    low, dots, high = str(value)[:64].partition("..")
    ends = [low, high] if dots else [low, low]
    if not (low or high) or any(end and _AMOUNT.fullmatch(end) is None for end in ends):
        raise _broken("should be an amount, or a range of amounts: `10`, `10.5..20`, `10..`, `..20`")
    least, most = (Decimal(end) if end else None for end in ends)
    if least is not None and most is not None and least > most:
        raise _broken("should go from the lesser amount to the greater one")
    return least, most


def _statuses(values: object, info: ValidationInfo) -> tuple[str, ...]:
    known = [word.value for word in (OrderStatus if info.context is Subject.ORDERS else PaymentState)]
    given = tuple(dict.fromkeys(text.upper() for text in cast("list[str]", values)))
    if not set(given) <= set(known):
        raise _broken(f"should be one of {', '.join(known)}")
    return given


def _begin(value: object) -> int:
    return _milliseconds(str(value), time.min, up=True)


def _end(value: object) -> int:
    return _milliseconds(str(value), time.max, up=False)


def _milliseconds(text: str, of_day: time, *, up: bool) -> int:
    """A moment of ISO 8601, of which UTC is taken unless it has a zone; of a day alone its begin or its end."""
    if len(text) > _LONGEST_MOMENT:
        raise _broken(_NO_MOMENT)
    lost = _ZONE_PLUS_LOST.fullmatch(text)
    text = f"{lost[1]}+{lost[2]}" if lost else text
    try:
        if len(text) == 10:
            moment = datetime.combine(date.fromisoformat(text), of_day, UTC)
        else:
            moment = datetime.fromisoformat(text)
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, OverflowError):
        raise _broken(_NO_MOMENT) from None
    return min(max(0, -(-since // _MILLISECOND) if up else since // _MILLISECOND), _LATEST)


def _broken(message: str) -> PydanticCustomError:
    return PydanticCustomError("rule", "{message}", {"message": message})


_LATEST: Final = 2**47
"""Milliseconds that ids have room for, and long after all that was ever made."""

SORT_FIELDS: Final = tuple(field.value for field in SortField)


class _Query(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, frozen=True)

    page: Annotated[int, BeforeValidator(_number), Field(ge=1, le=LAST_PAGE)] = 1
    count_per_page: Annotated[int, BeforeValidator(_number), Field(ge=1, le=MOST_PER_PAGE)] = USUAL_PER_PAGE
    sort: Annotated[Any, AfterValidator(_sort)] = (SortField.CREATED_AT, True)
    id: Annotated[str, AfterValidator(_id)] = ""
    instruction_id: InstructionId = ""
    external_id: ExternalId = ""
    recipient_iban: Iban = ""
    sender_bank_id: BankId = ""
    amount: Annotated[Any, AfterValidator(_range)] = None
    currency: Currency = ""
    variable_symbol: TenDigits = ""
    constant_symbol: FourDigits = ""
    specific_symbol: Digits = ""
    reference: Reference = ""
    payment_message: BankText = ""
    status: Annotated[Any, AfterValidator(_statuses)] = ()
    created_from: Annotated[Any, AfterValidator(_begin)] = None
    created_to: Annotated[Any, AfterValidator(_end)] = None
    after: Annotated[str, Field(max_length=LONGEST_TOKEN)] = ""
    before: Annotated[str, Field(max_length=LONGEST_TOKEN)] = ""


def _wanted(subject: Subject, asked: _Query) -> Wanted:
    sort, descending = cast("tuple[SortField, bool]", asked.sort)
    token, name = (asked.after, AFTER) if asked.after else (asked.before, BEFORE)
    place = read_place(subject, sort, token, name) if token else None
    skip = 0 if place else (asked.page - 1) * asked.count_per_page
    return Wanted(sort, descending, asked.count_per_page, skip, place, backwards=name == BEFORE and bool(token))


def _sought(asked: _Query, currency: str) -> Sought:
    return Sought(
        id=asked.id,
        instruction_id=asked.instruction_id,
        external_id=asked.external_id,
        creditor_iban=asked.recipient_iban,
        bank_id=asked.sender_bank_id,
        amounts=_amounts(asked, asked.currency or currency),
        currency=asked.currency,
        variable_symbol=asked.variable_symbol,
        constant_symbol=asked.constant_symbol,
        specific_symbol=asked.specific_symbol,
        reference=asked.reference,
        message=asked.payment_message,
        statuses=asked.status,
        created_from=asked.created_from,
        created_to=asked.created_to,
    )


def _amounts(asked: _Query, currency: str) -> tuple[AmountRange, ...] | None:
    """The range in minor units, of all currencies with as many decimals as this one.

    Looking for ranges of every kind of currency would read all that has the digits of one kind and is of another.
    """
    if asked.amount is None:
        return None
    least, most = cast("tuple[Decimal | None, Decimal | None]", asked.amount)
    digits = exponent(currency)
    low = 0 if least is None else -int(-least.scaleb(digits) // 1)
    high = LARGEST_MINOR if most is None else min(LARGEST_MINOR, int(most.scaleb(digits) // 1))
    return (AmountRange(digits, low, high),) if low <= high else ()
