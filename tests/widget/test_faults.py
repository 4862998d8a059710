"""What a shop's page is told when its payment cannot be shown; the page's own clock is moved, so nobody waits."""

import pytest
from playwright.async_api import Page, Route, expect

from tests.widget.stage import Stage, calls

pytestmark = pytest.mark.anyio

HELLO = 'tell("ready"); tell("state", {state: "open"});'


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('"#nothing", "token"', "invalid_target"),
        ('"##", "token"', "invalid_target"),
        ('null, "token"', "invalid_target"),
        ('{}, "token"', "invalid_target"),
        ('"#pay", undefined', "invalid_token"),
        ('"#pay", ""', "invalid_token"),
        ('"#pay", 12', "invalid_token"),
        ('"#pay", ".."', "invalid_token"),
        ('"#pay", "../docs-v1"', "invalid_token"),
        ('"#pay", "../pay/token?x#y"', "invalid_token"),
        ('"#pay", "a".repeat(4097)', "invalid_token"),
    ],
)
async def test_a_mistake_in_the_call_is_told(shop: Page, arguments: str, code: str) -> None:
    await shop.evaluate(f"void show({arguments})")
    (call,) = await calls(shop)
    assert (call["name"], call["code"]) == ("onError", code)
    assert call["message"].startswith("Tillway.mount: ")
    assert await shop.locator("iframe").count() == 0


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        '"#pay"',
        '"#pay", null',
        '"#pay", {}',
        '"#nothing", {sessionToken: "token"}',
        '"#pay", {sessionToken: "token", onError: "console.log"}',
        '"#pay", {sessionToken: "token", onCompleted: 1}',
    ],
)
async def test_a_mistake_that_nobody_would_be_told_of_is_thrown(shop: Page, arguments: str) -> None:
    thrown = await shop.evaluate(
        f"() => {{ try {{ Tillway.mount({arguments}) }} catch (error) {{ return error.name }} }}"
    )
    assert thrown == "TypeError"


async def test_callbacks_that_were_left_out_are_not_missed(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO + 'tell("completed"); tell("height", {height: 432});'
    await shop.evaluate('void Tillway.mount(document.querySelector("#pay"), {sessionToken: "token", onReady: null})')
    await expect(shop.locator("#pay iframe")).to_have_css("height", "432px")


@pytest.mark.parametrize("script", [None, "", 'tell("height", {height: 500})'])
async def test_a_frame_that_does_not_introduce_itself_is_an_error(stage: Stage, page: Page, script: str | None) -> None:
    if script is not None:
        stage.scripts["token"] = script
    await page.clock.install()
    await stage.open(page)
    await page.evaluate(
        """() => new Promise((done) => {
            document.addEventListener("load", done, true);
            show("#pay", "token");
        })"""
    )
    await page.clock.fast_forward(4_000)
    assert await page.evaluate("calls") == []
    await page.clock.fast_forward(2_000)
    (call,) = await calls(page)
    assert (call["name"], call["code"]) == ("onError", "refused")


async def test_a_gateway_that_is_not_there_is_an_error(stage: Stage, page: Page) -> None:
    await page.clock.install()
    await stage.open(page)
    await page.route(f"{stage.gateway}/embed/token", lambda route: route.abort())
    await page.evaluate('void show("#pay", "token")')
    await page.clock.fast_forward(31_000)
    (call,) = await calls(page)
    assert call["name"] == "onError"


async def test_a_frame_that_never_loads_is_an_error_and_may_still_come(stage: Stage, page: Page) -> None:
    stage.scripts["token"] = HELLO
    await page.clock.install()
    await stage.open(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    await page.route(f"{stage.gateway}/embed/token", hold)
    await page.evaluate('void show("#pay", "token")')
    await page.clock.fast_forward(29_000)
    assert await page.evaluate("calls") == []
    await page.clock.fast_forward(2_000)
    (call,) = await calls(page)
    assert (call["name"], call["code"]) == ("onError", "timed_out")
    await held[0].continue_()
    assert [call["name"] for call in await calls(page, 3)] == ["onError", "onReady", "onStateChange"]


async def test_a_page_in_the_frame_that_fails_is_an_error(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO + 'tell("error");'
    await shop.evaluate('void show("#pay", "token")')
    assert (await calls(shop, 3))[-1]["code"] == "failed"


async def test_a_page_that_breaks_after_the_payment_has_ended_is_no_error(stage: Stage, page: Page) -> None:
    stage.scripts["token"] = HELLO + 'tell("completed"); location.replace("/embed/gone");'
    await page.clock.install()
    await stage.open(page)
    await page.evaluate('void show("#pay", "token")')
    await calls(page, 3)
    await page.wait_for_url(stage.shop + "/**")
    await page.clock.fast_forward(60_000)
    assert [call["name"] for call in await page.evaluate("calls")] == ["onReady", "onStateChange", "onCompleted"]


async def test_a_script_that_cannot_know_its_gateway_says_so(stage: Stage, page: Page) -> None:
    await stage.open(page)
    async with page.expect_event("pageerror") as failed:
        await page.add_script_tag(url=f"{stage.gateway}/widget/v1.js?again", type="module")
    assert "must be loaded by <script src> from its gateway" in str(await failed.value)
