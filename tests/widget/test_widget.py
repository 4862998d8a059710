"""The widget on a shop's page: what it shows, whom it hears, and what it calls."""

import pytest
from playwright.async_api import Page, expect

from tests.widget.stage import REFERENCE, Stage, calls

pytestmark = pytest.mark.anyio

HELLO = 'tell("ready"); tell("state", {state: "open"});'
PAYMENT = {"target": "#pay", "paymentReference": REFERENCE}


async def test_a_payment_is_shown_in_a_titled_frame_of_the_gateways(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO
    await shop.evaluate('void show("#pay", "token")')
    assert await calls(shop, 2) == [
        {"name": "onReady", **PAYMENT},
        {"name": "onStateChange", "state": "open", **PAYMENT},
    ]
    frame = shop.locator("#pay iframe")
    assert await frame.get_attribute("src") == f"{stage.gateway}/embed/token"
    assert await frame.get_attribute("title") == "Payment"
    await expect(shop.frame_locator("#pay iframe").get_by_text("A payment")).to_be_visible()


async def test_a_frame_is_allowed_nothing_and_told_no_address(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO + 'tell("state", {state: document.referrer === "" ? "success" : "failed"});'
    await shop.evaluate('void show("#pay", "token")')
    assert (await calls(shop, 3))[-1]["state"] == "success"
    assert await shop.locator("#pay iframe").get_attribute("allow") is None
    assert await shop.locator("#pay iframe").get_attribute("style") is not None


@pytest.mark.parametrize(
    ("language", "title"), [("nb-NO", "Betaling"), ("de", "Zahlung"), ("", "Payment"), ("fi", "Payment")]
)
async def test_the_frames_title_is_in_the_pages_language(stage: Stage, page: Page, language: str, title: str) -> None:
    stage.scripts["token"] = HELLO
    await stage.open(page, language)
    await page.evaluate('void show("#pay", "token")')
    assert await page.locator("#pay iframe").get_attribute("title") == title


async def test_the_frame_is_as_high_as_its_page_says(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO + 'tell("height", {height: 777.2});'
    await shop.evaluate('void show("#pay", "token")')
    await expect(shop.locator("#pay iframe")).to_have_css("height", "778px")
    box = await shop.locator("#pay iframe").bounding_box()
    place = await shop.locator("#pay").bounding_box()
    assert box is not None
    assert place is not None
    assert box["width"] == place["width"]


@pytest.mark.parametrize(
    ("ending", "state", "name"),
    [("completed", "success", "onCompleted"), ("failed", "failed", "onFailed"), ("expired", "cancelled", "onExpired")],
)
async def test_each_end_is_told_once_however_often_it_is_said(
    stage: Stage, shop: Page, ending: str, state: str, name: str
) -> None:
    end = f'tell("state", {{state: "{state}"}}); tell("{ending}");'
    stage.scripts["token"] = HELLO + end + end + 'tell("completed"); tell("height", {height: 901});'
    await shop.evaluate('void show("#pay", "token")')
    await expect(shop.locator("#pay iframe")).to_have_css("height", "901px")
    assert [call["name"] for call in await calls(shop)] == ["onReady", "onStateChange", "onStateChange", name]


async def test_a_page_that_follows_another_in_the_frame_is_not_a_new_start(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO + 'location.replace("/embed/next");'
    stage.scripts["next"] = 'tell("ready"); tell("state", {state: "requested"});'
    await shop.evaluate('void show("#pay", "token")')
    told = await calls(shop, 3)
    assert [(call["name"], call.get("state")) for call in told] == [
        ("onReady", None),
        ("onStateChange", "open"),
        ("onStateChange", "requested"),
    ]


@pytest.mark.parametrize(
    "forged",
    [
        "null",
        '"tillway"',
        "[1]",
        '{type: "completed", paymentReference: "1"}',
        '{tillway: 2, type: "completed", paymentReference: "1"}',
        '{tillway: "1", type: "completed", paymentReference: "1"}',
        '{tillway: 1, type: "completed"}',
        '{tillway: 1, type: "completed", paymentReference: {}}',
        '{tillway: 1, type: "completed", paymentReference: "<script>"}',
        '{tillway: 1, type: "completed", paymentReference: "a".repeat(65)}',
        '{tillway: 1, type: "constructor", paymentReference: "1"}',
        '{tillway: 1, type: "toString", paymentReference: "1"}',
        '{tillway: 1, type: ["completed"], paymentReference: ["1"]}',
        '{tillway: 1, type: "state", state: "paid", paymentReference: "1"}',
        '{tillway: 1, type: "height", height: -1, paymentReference: "1"}',
        '{tillway: 1, type: "height", height: "9000px", paymentReference: "1"}',
        '{tillway: 1, type: "height", height: Infinity, paymentReference: "1"}',
    ],
)
async def test_a_message_that_is_not_one_of_ours_is_ignored(stage: Stage, shop: Page, forged: str) -> None:
    stage.scripts["token"] = f'say({forged}); {HELLO} tell("completed"); tell("height", {{height: 555}});'
    await shop.evaluate('void show("#pay", "token")')
    await expect(shop.locator("#pay iframe")).to_have_css("height", "555px")
    assert [call["name"] for call in await calls(shop)] == ["onReady", "onStateChange", "onCompleted"]


async def test_a_message_of_another_window_is_ignored_even_from_the_gateways_origin(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO
    stage.scripts["liar"] = HELLO + 'tell("completed");'
    await shop.evaluate(
        """() => {
          show("#pay", "token");
          const liar = document.createElement("iframe");
          liar.src = document.querySelector("#pay iframe").src.replace("token", "liar");
          window.addEventListener("message", ({data}) => data.type === "completed" && calls.push({name: "lied"}));
          document.querySelector("#second").append(liar);
        }"""
    )
    told = await calls(shop, 3)
    await shop.wait_for_function("() => calls.some(({name}) => name === 'lied')")
    assert "onCompleted" not in {call["name"] for call in told}


async def test_a_message_of_the_page_itself_is_ignored(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO
    await shop.evaluate('void show("#pay", "token")')
    await calls(shop, 2)
    await shop.evaluate(
        f"""() => new Promise((done) => {{
          window.addEventListener("message", done);
          window.postMessage({{tillway: 1, type: "completed", paymentReference: "{REFERENCE}"}}, location.origin);
        }})"""
    )
    assert len(await calls(shop)) == 2


async def test_a_message_from_another_origin_in_the_very_frame_is_ignored(stage: Stage, page: Page) -> None:
    """The frame may have been led elsewhere, as by a link: what is said there is not the gateway's word."""
    elsewhere = stage.gateway.replace("127.0.0.1", "localhost")
    stage.more_frames = elsewhere
    stage.scripts["token"] = HELLO + f'location.replace("{elsewhere}/embed/elsewhere");'
    stage.scripts["elsewhere"] = HELLO + 'tell("completed");'
    await stage.open(page)
    await page.evaluate(
        """() => {
          window.addEventListener("message", ({data}) => data.type === "completed" && calls.push({name: "lied"}));
          show("#pay", "token");
        }"""
    )
    told = await calls(page, 3)
    assert [call["name"] for call in told] == ["onReady", "onStateChange", "lied"]


async def test_two_payments_on_one_page_are_told_apart(stage: Stage, shop: Page) -> None:
    stage.scripts["first"] = HELLO + 'tell("height", {height: 401});'
    stage.scripts["other"] = HELLO + 'tell("completed"); tell("height", {height: 402});'
    await shop.evaluate('() => { show("#pay", "first"); show("#second", "other"); }')
    await expect(shop.locator("#pay iframe")).to_have_css("height", "401px")
    await expect(shop.locator("#second iframe")).to_have_css("height", "402px")
    told = await calls(shop, 5)
    assert {call["target"] for call in told if call["name"] == "onCompleted"} == {"#second"}
    assert sum(call["target"] == "#pay" for call in told) == 2


async def test_unmounting_takes_the_frame_away_and_hears_nothing_more(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO
    stage.scripts["other"] = HELLO
    await shop.evaluate('void (window.widget = show("#pay", "token"))')
    await calls(shop, 2)
    await shop.evaluate("() => { widget.unmount(); widget.unmount(); }")
    await expect(shop.locator("#pay iframe")).to_have_count(0)
    await shop.evaluate('void show("#pay", "other")')
    assert len(await calls(shop, 4)) == 4


async def test_a_widget_unmounted_at_once_calls_nothing(stage: Stage, shop: Page) -> None:
    stage.scripts["token"] = HELLO
    await shop.evaluate('() => { show("#pay", "token").unmount(); show("#nothing", "token").unmount(); }')
    await shop.evaluate('void show("#second", "token")')
    assert {call["target"] for call in await calls(shop, 2)} == {"#second"}
