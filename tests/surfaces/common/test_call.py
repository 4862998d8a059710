"""A call's fingerprint depends on what a body says and not on how it is written."""

import json
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.faults import Invalid
from tillway.surfaces.common.json_text import read_json


def call(body: str, *, method: str = "POST", path: str = "/orchard/wishes", query: bytes = b"") -> Call[None, None]:
    return Call(
        body=None,
        caller=None,
        path={},
        request_id="r",
        peer="local",
        headers={},
        scope={"method": method, "path": path, "query_string": query},
        value=read_json(body.encode()),
    )


def fingerprint(body: str) -> str:
    return call(body).fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1,"b":2}', '{ "b" : 2,\n"a":1 }'),
        ('{"a":1}', '{"a":1.0}'),
        ('{"a":1.00}', '{"a":1e0}'),
        ('{"a":100}', '{"a":1e2}'),
        ('{"a":0.10}', '{"a":1e-1}'),
        ('{"a":0}', '{"a":-0.0}'),
        ('{"a":"\\u00e6"}', '{"a":"æ"}'),
        ('{"a":[{"b":1.50,"c":[2.0]}]}', '{"a":[{"c":[2],"b":1.5}]}'),
    ],
)
def test_the_same_said_in_other_words_has_the_same_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1}', '{"a":2}'),
        ('{"a":1}', '{"a":"1"}'),
        ('{"a":1}', '{"a":true}'),
        ('{"a":null}', "{}"),
        ('{"a":[1,2]}', '{"a":[2,1]}'),
        ('{"a":0.1}', '{"a":0.10000000000000001}'),
        ('{"a":{}}', '{"a":[]}'),
    ],
)
def test_what_says_something_else_has_another_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_the_path_and_the_method_count_too() -> None:
    here = call("{}").fingerprint
    assert here == call("{}", path="/orchard/wishes/").fingerprint
    assert here != call("{}", path="/orchard/other").fingerprint
    assert here != call("{}", method="PUT").fingerprint


texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)
numbers = st.integers(-(10**9), 10**9) | st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6
)
values = st.recursive(
    st.none() | st.booleans() | texts | numbers,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


def written(value: object, *, turned: bool) -> str:
    """The JSON text of a value, in one of two ways to write it."""
    if isinstance(value, dict):
        members = [
            f"{json.dumps(name, ensure_ascii=turned)}:{written(inner, turned=turned)}"
            for name, inner in cast("dict[str, object]", value).items()
        ]
        return "{" + (" , " if turned else ",").join(reversed(members) if turned else members) + "}"
    if isinstance(value, list):
        parts = [written(inner, turned=turned) for inner in cast("list[object]", value)]
        return "[" + (" , " if turned else ",").join(parts) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}00" if turned and "." in f"{value:f}" else f"{value:f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value}.0" if turned else str(value)
    return json.dumps(value, ensure_ascii=turned)


@given(values)
def test_no_way_of_writing_changes_the_fingerprint(value: object) -> None:
    assert fingerprint(written(value, turned=False)) == fingerprint(written(value, turned=True))


@given(values, values)
def test_values_that_differ_have_different_fingerprints(one: object, other: object) -> None:
    first, second = written(one, turned=False), written(other, turned=False)
    assert (fingerprint(first) == fingerprint(second)) is (said(first) == said(second))


def said(text: str) -> str:
    """What a JSON text says, in one form that tells 1 from true."""
    return json.dumps(json.loads(text, parse_int=number, parse_float=number), sort_keys=True)


def number(digits: str) -> list[str]:
    return ["a number", str(Decimal(digits).normalize() + 0)]


@pytest.mark.parametrize("query", [b"a=%FF", b"a=%00", b"&".join([b"a=1"] * 101), b"\xff"])
def test_a_query_that_cannot_be_read_is_a_fault(query: bytes) -> None:
    with pytest.raises(Invalid):
        assert call("{}", query=query).query


def test_a_reply_writes_a_decimal_as_a_number_digit_for_digit() -> None:
    reply = Reply.json(200, {"amount": Decimal("1249.50"), "left": Decimal("0.00")})
    assert reply.body == b'{"amount":1249.50,"left":0.00}'
