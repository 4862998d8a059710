"""The document's examples, one file each: what is sent, and what has to come back member by member."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from tests.clients.receiver import Receiver, receiving
from tests.clients.till import Till, card
from tests.shop import Shop

pytestmark = pytest.mark.anyio

EXAMPLES = {
    path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "examples").glob("*.json"))
}

TEXT = "<text>"
MOMENT = "<moment>"


def filled(value: Any, names: dict[str, str]) -> Any:
    """The value with what stands in braces replaced by what it is called in this run."""
    text = json.dumps(value)
    for name, replacement in names.items():
        text = text.replace(f"{{{name}}}", replacement)
    return json.loads(text)


def fits(said: Any, expected: Any) -> bool:
    """Whether an answer is what an example says: the same members in the same order, and no others."""
    if expected == TEXT:
        return isinstance(said, str) and said != ""
    if expected == MOMENT:
        return datetime.fromisoformat(said).tzinfo is not None
    if isinstance(expected, dict):
        members = cast("dict[str, Any]", expected)
        return list(said) == list(members) and all(fits(said[name], members[name]) for name in members)
    if isinstance(expected, list):
        items = cast("list[Any]", expected)
        return len(said) == len(items) and all(map(fits, said, items))
    return bool(said == expected)


async def prepare(shop: Shop, given: dict[str, Any], webhook_url: str) -> dict[str, str]:
    """What an example takes for granted, by the names it uses."""
    issuer = await shop.other_issuer() if given.get("foreign") else None
    gifts = await shop.cards(*(kroner * 100 for kroner in given.get("cards", [])), by=issuer)
    names: dict[str, str] = {}
    for number, gift in enumerate(gifts, 1):
        names |= {f"card{number}": gift.number, f"cvc{number}": gift.cvc, f"last{number}": gift.number[-5:]}
    if "payment" in given:
        names["payment"] = await shop.till.open(**{"webhookUrl": webhook_url, "accessMode": "web"} | given["payment"])
    if given.get("performed"):
        uses = [card(gift.number, 100) if gift is gifts[0] else card(gift.number) for gift in gifts]
        assert (await shop.till.perform(names["payment"], *uses)).status == 200
    return names


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_of_the_document_holds(shop: Shop, till: Till, name: str) -> None:
    example = EXAMPLES[name]
    async with receiving(Receiver()) as receiver:
        names = await prepare(shop, example.get("given", {}), receiver.url)
        if "told" in example:
            (delivery,) = await receiver.told(names["payment"])
            assert fits(delivery.body, filled(example["told"], names)), delivery
            return
    method, _, target = filled(example["call"], names).partition(" ")
    answer = await till.call(method, target, filled(example["send"], names) if "send" in example else None)
    assert answer.status == example["status"], answer
    assert fits(answer.body, filled(example["answer"], names)), answer
