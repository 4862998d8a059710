"""Pages of web payments filled with made-up ones: by themselves and in a shop's page, one for each state."""

from tests.pages.samples import NOON, OSLO, SECOND, card, nok
from tillway.domain.methods import BY_CODE, METHODS
from tillway.domain.money import Money
from tillway.domain.payments import GIFT_CARD_METHOD
from tillway.surfaces.checkout.drawing import Framed
from tillway.surfaces.checkout.views import (
    ChoicePage,
    Decline,
    EndedPage,
    Ending,
    EntryFault,
    LinkFault,
    NoPaymentPage,
    OpenPage,
    Page,
    PaidElsewhere,
    ReceiptPage,
    Setback,
    SpentCard,
    Summary,
    WaitingPage,
)

KEY = "sample-key"
FAR = tuple(method for method in METHODS if method.code != GIFT_CARD_METHOD)
BACK = "https://shop.example/done?order=7&paymentReference=0190"
LINK = "https://pay.example/pay/019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001.6a1b2c3d.0123456789abcdef0123456789abcdef"
STEP = "https://bank.example/confirm/1"

SHOP = Summary("Fjellheim Bok & Papir", "", nok(64_900), nok(0), by_any_method=True)
PAID = Summary("Fjellheim Bok & Papir", "", nok(64_900), nok(64_900), by_any_method=True)
FIRST = card(1, "40217", 30_000, 30_000)


def choice(cards: OpenPage, decline: Decline | None = None, *, link: str = LINK) -> ChoicePage:
    """A choice of every method."""
    return ChoicePage(cards, FAR, True, NOON, OSLO, decline, link, BACK)


def receipt(*spent: SpentCard | PaidElsewhere, late: Money | None = None, earlier: bool = False) -> ReceiptPage:
    """The receipt of a payment that is paid."""
    return ReceiptPage(PAID, spent, nok(0), BACK, NOON, OSLO, late, earlier)


VISA = PaidElsewhere("card", "Visa", "4242", nok(64_900))

PAGES: dict[str, Page] = {
    "web-choice": choice(OpenPage(SHOP, (), (), KEY)),
    "web-choice-part": choice(OpenPage(SHOP, (), (FIRST,), KEY, just_added=True)),
    "web-choice-covered": choice(OpenPage(SHOP, (), (FIRST, SECOND), KEY, just_added=True)),
    "web-choice-refused": choice(
        OpenPage(SHOP, (), (), KEY, number="9578 1012 3456 7890 123", fault=EntryFault.REFUSED)
    ),
    "web-choice-changed": choice(OpenPage(SHOP, (), (FIRST,), KEY, setback=Setback.CHANGED)),
    "web-declined": choice(OpenPage(SHOP, (), (), KEY), Decline("card", "insufficient_funds", kept=False)),
    "web-declined-part": choice(OpenPage(SHOP, (), (FIRST,), KEY), Decline("bank", "given_up", kept=True)),
    "web-choice-one": ChoicePage(OpenPage(SHOP, (), (), KEY), (BY_CODE["bank"],), False, NOON, OSLO, None, LINK, BACK),
    "web-choice-cards": ChoicePage(OpenPage(SHOP, (), (), KEY), (), True, NOON, OSLO, None, LINK, BACK),
    "web-choice-none": ChoicePage(OpenPage(SHOP, (), (), KEY), (), False, NOON, OSLO, None, LINK, BACK),
    "web-waiting-for-you": WaitingPage(SHOP, "ideal", nok(34_900), STEP),
    "web-waiting": WaitingPage(SHOP, "bank", nok(64_900), "", Setback.NOT_UNDONE),
    "web-receipt": receipt(VISA),
    "web-receipt-two": receipt(
        SpentCard(FIRST.number, nok(30_000), nok(0)), PaidElsewhere("bancontact", "", "", nok(34_900)), late=nok(34_900)
    ),
    "web-receipt-earlier": receipt(VISA, earlier=True),
    "web-failed": EndedPage(SHOP, Ending.FAILED, nok(0), BACK, None, Decline("card", "lost_card", kept=False)),
    "web-expired": EndedPage(SHOP, Ending.EXPIRED, nok(0), BACK, nok(64_900)),
    "web-cancelled": EndedPage(SHOP, Ending.ABORTED, nok(0), BACK),
}

IN_A_FRAME: dict[str, Page] = {
    "framed-choice": choice(OpenPage(SHOP, (), (), KEY), link=""),
    "framed-choice-part": choice(OpenPage(SHOP, (), (FIRST,), KEY, just_added=True), link=""),
    "framed-declined": choice(OpenPage(SHOP, (), (), KEY), Decline("card", "expired_card", kept=False), link=""),
    "framed-waiting": WaitingPage(SHOP, "card", nok(64_900), STEP),
    "framed-receipt": receipt(VISA),
    "framed-over": NoPaymentPage(LinkFault.SESSION_OVER),
}

FRAME = Framed("https://shop.example", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001", "open", "sealed")
