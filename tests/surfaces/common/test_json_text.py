"""JSON is read exactly or refused with one fault; nothing that is sent makes the reader raise anything else."""

import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillway.surfaces.common.faults import FaultKind, Invalid
from tillway.surfaces.common.json_text import read_json

HOSTILE = {
    "nothing": b"",
    "only spaces": b" \n ",
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "broken UTF-8": b'{"a":"\xff"}',
    "overlong UTF-8": b'{"a":"\xc0\x80"}',
    "a surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "not closed": b'{"a":1',
    "two values": b"{}{}",
    "a trailing comma": b'{"a":1,}',
    "a comment": b'{"a":1}//',
    "single quotes": b"{'a':1}",
    "no quotes": b"{a:1}",
    "a leading zero": b'{"a":01}',
    "a leading plus": b'{"a":+1}',
    "a bare point": b'{"a":1.}',
    "hexadecimal": b'{"a":0x10}',
    "digits of another script": '{"a":\u0661}'.encode(),
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":Infinity}',
    "minus Infinity": b'{"a":-Infinity}',
    "1e300": b'{"a":1e300}',
    "1e-300": b'{"a":1e-300}',
    "1e9999999999999": b'{"a":1e9999999999999}',
    "0e9999999999999": b'{"a":0e9999999999999}',
    "nineteen digits": b'{"a":1234567890123456789}',
    "forty digits": b'{"a":' + b"1" * 40 + b"}",
    "five thousand digits": b'{"a":' + b"1" * 5000 + b"}",
    "five thousand decimals": b'{"a":1.' + b"1" * 5000 + b"}",
    "a name twice": b'{"a":1,"a":2}',
    "a name twice, once escaped": b'{"a":1,"\\u0061":2}',
    "a name twice inside": b'{"a":[{"b":{"c":1,"c":1}}]}',
    "NUL": b'{"a":"\\u0000"}',
    "NUL in a name": b'{"\\u0000":1}',
    "NUL inside": b'{"a":[{"b":"x\\u0000y"}]}',
    "a bare NUL": b'{"a":"\x00"}',
    "a line break in a text": b'{"a":"\n"}',
    "half a surrogate pair": b'{"a":"\\ud800"}',
    "the other half": b'{"a":"\\udc00\\ud800"}',
    "an unknown escape": b'{"a":"\\x41"}',
    "33 arrays": b"[" * 33 + b"]" * 33,
    "33 objects": b'{"a":' * 33 + b"1" + b"}" * 33,
    "60,000 arrays": b"[" * 60_000,
    "60,000 arrays, closed": b"[" * 30_000 + b"]" * 30_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_body_is_one_fault(body: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_json(body)
    (fault,) = refused.value.faults
    assert fault.kind is FaultKind.NOT_JSON
    assert fault.location == ()
    assert fault.message.isprintable()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":1}', {"a": 1}),
        (b' \r\n\t{"a" : 1}\n', {"a": 1}),
        (b"[]", []),
        (b"-0", 0),
        (b"null", None),
        (b'{"a":999999999999999999}', {"a": 999999999999999999}),
        (b'{"a":-999999999999999999}', {"a": -999999999999999999}),
        (b"[1.10, 1e2, 0.000000000000000001]", [Decimal("1.10"), Decimal(100), Decimal("1E-18")]),
        (b'{"a":"\\ud83c\\udf4e \\u00e6"}', {"a": "🍎 æ"}),
        (b'{"a":"\\\\u0000"}', {"a": "\\u0000"}),
        (b"[" * 32 + b"]" * 32, None),
        (b'[{"a":[]},' * 10 + b"1" + b"]" * 10, None),
    ],
)
def test_a_good_body_is_read_exactly(body: bytes, value: object) -> None:
    read = read_json(body)
    if value is not None:
        assert read == value


def test_a_number_with_a_point_is_a_decimal_and_others_are_whole() -> None:
    read = read_json(b"[1, 1.0, 1e0, true]")
    assert isinstance(read, list)
    assert [type(number) for number in read] == [int, Decimal, Decimal, bool]
    assert str(read[1]) == "1.0"


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise_anything_but_a_fault(body: bytes) -> None:
    try:
        read_json(body)
    except Invalid:
        return


texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | texts | st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values, st.booleans())
def test_it_reads_what_others_write(value: object, escaped: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(values)
def test_whatever_is_read_can_be_written_again(value: object) -> None:
    read = read_json(json.dumps(value).encode())
    assert read_json(msgspec.json.encode(read)) == value
