"""Reading JSON (RFC 8259) without doubt: exact numbers, no duplicate names, nothing that a database could not hold."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NoReturn, TypeAlias

from tillway.surfaces.common.faults import not_json

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | Decimal | bool | None"
"""What a body can hold: numbers are `int` when written without fraction and exponent, else `Decimal`."""

DEEPEST_NESTING = 32
MOST_INTEGER_DIGITS = 18
MOST_DECIMALS = 18

_WHITE_SPACE = " \t\n\r"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NUMBER = re.compile(r"-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_json(body: bytes) -> JsonValue:
    """The value that `body` is the text of.

    Raises Invalid, never anything else: for broken UTF-8, a byte order mark, text that is not JSON (`NaN`, `Infinity`),
    a name given twice in one object, nesting deeper than 32, a number with more than 18 digits before or behind the
    point (so every number fits a 64-bit integer once scaled), and in texts NUL and lone surrogates.
    """
    if body.startswith(_BYTE_ORDER_MARK):
        raise not_json("the body begins with a byte order mark")
    try:
        text = body.decode()
        start = 0 if body[:1] in {b"{", b"["} else len(text) - len(text.lstrip(_WHITE_SPACE))
        value, end = _decoder.raw_decode(text, start)
    except UnicodeDecodeError:
        raise not_json("the body is not UTF-8") from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise not_json(_what(error) if body.strip() else "the body is empty") from None
    if end != len(text) and text[end:].strip(_WHITE_SPACE):
        raise not_json(f"the body goes on after the value, at character {end}")
    if body.count(b"{") + body.count(b"[") > DEEPEST_NESTING and _depth(value) > DEEPEST_NESTING:
        raise _too_deep()
    if b"\\u" in body:
        _check_texts(value)
    return value


def _what(error: json.JSONDecodeError) -> str:
    return f"the body is not JSON: {error.msg[:1].lower()}{error.msg[1:]} at character {error.pos}"


def _too_deep() -> Exception:
    return not_json(f"the body is nested deeper than {DEEPEST_NESTING}")


def _members(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise not_json("a name is given twice in one object")
    return members


def _integer(digits: str) -> int:
    if len(digits) > MOST_INTEGER_DIGITS and len(digits.lstrip("-")) > MOST_INTEGER_DIGITS:
        raise _too_long()
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) <= MOST_INTEGER_DIGITS and "e" not in digits and "E" not in digits:
        return Decimal(digits)
    match = _NUMBER.fullmatch(digits)
    if match is None or len(digits) > 2 * (MOST_INTEGER_DIGITS + MOST_DECIMALS):
        raise _too_long()
    whole, fraction, exponent = match[1], match[2] or "", match[3] or "0"
    shift = int(exponent)
    if len(whole) + shift > MOST_INTEGER_DIGITS or len(fraction) - shift > MOST_DECIMALS:
        raise _too_long()
    return Decimal(digits)


def _too_long() -> Exception:
    return not_json("a number has too many digits")


def _no_constant(name: str) -> NoReturn:
    raise not_json(f"{name} is not a JSON number")


def _depth(value: JsonValue) -> int:
    level, depth = [value], 0
    while level:
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        depth += 1
    return depth


def _inside(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _check_texts(value: JsonValue) -> None:
    """Only an escape (`\\u0000`, `\\ud800`) can bring these in: UTF-8 itself has no surrogates, JSON no bare NUL."""
    if isinstance(value, str):
        if "\0" in value:
            raise not_json("a text contains the character NUL")
        if _SURROGATE.search(value):
            raise not_json("a text contains half of a surrogate pair")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_texts(name)
            _check_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner)


_decoder = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_decimal, parse_int=_integer, parse_constant=_no_constant
)
