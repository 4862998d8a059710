"""Names of members in any case: what is meant by them, and what is not guessed at."""

import pytest
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tillway.surfaces.common.faults import FaultKind, Invalid
from tillway.surfaces.common.json_text import JsonValue
from tillway.surfaces.common.member_names import MemberNames


class Basket(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    ripe_apples: int
    street: str = Field(alias="straße")


NAMES = MemberNames(Basket)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"ripeApples": 1}, {"ripeApples": 1}),
        ({"RIPEAPPLES": 1, "Straße": "x"}, {"ripeApples": 1, "straße": "x"}),
        ({"STRASSE": "x"}, {"straße": "x"}),
        ({"ripe_apples": 1}, {"ripe_apples": 1}),
        ({"Other": 1, "other": 2}, {"Other": 1, "other": 2}),
        ({"RipeApples": {"RIPEAPPLES": 1}}, {"ripeApples": {"RIPEAPPLES": 1}}),
        ({}, {}),
        ([{"RipeApples": 1}], [{"RipeApples": 1}]),
        (None, None),
    ],
)
def test_a_member_is_found_by_its_name_in_any_case(sent: JsonValue, meant: JsonValue) -> None:
    assert NAMES.of(sent) == meant


@pytest.mark.parametrize("sent", [{"ripeApples": 1, "RipeApples": 1}, {"RIPEAPPLES": 1, "ripeapples": 2}])
def test_a_member_that_is_there_in_two_cases_is_not_guessed_at(sent: JsonValue) -> None:
    with pytest.raises(Invalid) as refused:
        NAMES.of(sent)
    assert [fault.kind for fault in refused.value.faults] == [FaultKind.NOT_JSON]
