"""Pages filled with made-up payments and cards: one for each state a person can meet."""

from datetime import date

from tillway.domain.money import Money
from tillway.surfaces.checkout.views import (
    CancelPage,
    CheckingPage,
    EndedPage,
    Ending,
    EnteredCard,
    EntryFault,
    LinkFault,
    NoPaymentPage,
    OpenPage,
    Page,
    ReceiptPage,
    Setback,
    SpentCard,
    Summary,
)
from tillway.surfaces.sandbox.first_payment import commands
from tillway.surfaces.sandbox.views import Behaviour, CardFault, CardForm, CardGeneratorPage, HomePage, TestCard
from tillway.surfaces.sandbox.views import Page as SandboxPage

OSLO = "Europe/Oslo"
NOON = 1_795_170_600_000_000


def nok(minor: int) -> Money:
    """Norwegian øre."""
    return Money(minor, "NOK")


def card(place: int, last5: str, balance: int, covers: int) -> EnteredCard:
    """A card on the tray, in øre."""
    return EnteredCard(place, "*" * 14 + last5, nok(balance), nok(covers), date(2027, 11, 20))


SHOP = Summary("Fjellheim Bok & Papir", "Kasse 3, salg 20418", nok(64_900), nok(0))
HALF_PAID = Summary("Fjellheim Bok & Papir", "Kasse 3, salg 20418", nok(64_900), nok(20_000))
KEY = "sample-key"
FIRST = card(1, "40217", 30_000, 30_000)
SECOND = card(2, "88103", 50_000, 34_900)
SPENT = SpentCard("*" * 14 + "55120", nok(20_000))

PAGES: dict[str, Page] = {
    "open": OpenPage(SHOP, (), (), KEY),
    "one-card": OpenPage(SHOP, (), (FIRST,), KEY, just_added=True),
    "covered": OpenPage(SHOP, (), (FIRST, SECOND), KEY, just_added=True),
    "part-paid": OpenPage(HALF_PAID, (SPENT,), (), KEY),
    "refused": OpenPage(SHOP, (), (), KEY, number="9578 1012 3456 7890 123", fault=EntryFault.REFUSED),
    "cvc-missing": OpenPage(SHOP, (), (FIRST,), KEY, number="9578101234567890123", fault=EntryFault.CVC_MISSING),
    "disagreed": OpenPage(SHOP, (), (FIRST,), KEY, setback=Setback.DISAGREED),
    "too-many": OpenPage(SHOP, (), (FIRST,), KEY, fault=EntryFault.TOO_MANY),
    "cancel": CancelPage(SHOP),
    "cancel-part-paid": CancelPage(HALF_PAID),
    "checking": CheckingPage(SHOP),
    "receipt": ReceiptPage(
        Summary(SHOP.merchant, SHOP.reference, SHOP.total, SHOP.total),
        (SpentCard(FIRST.number, nok(30_000), nok(0)), SpentCard(SECOND.number, nok(34_900), nok(15_100))),
        nok(0),
        "https://shop.example/done?order=7&paymentId=0190",
        NOON,
        OSLO,
    ),
    "receipt-part": ReceiptPage(
        HALF_PAID, (SPENT,), nok(0), "https://shop.example/done?order=7&paymentId=0190", NOON, OSLO
    ),
    "receipt-refunded": ReceiptPage(
        Summary(SHOP.merchant, "", SHOP.total, SHOP.total), (SPENT,), nok(20_000), "", NOON, OSLO
    ),
    "aborted": EndedPage(HALF_PAID, Ending.ABORTED, nok(20_000), "https://shop.example/done"),
    "expired": EndedPage(SHOP, Ending.EXPIRED, nok(0), ""),
    "link-expired": NoPaymentPage(LinkFault.EXPIRED),
    "link-broken": NoPaymentPage(LinkFault.BROKEN),
}

TEST_CARDS = (
    TestCard("9578101234567890125", "042", nok(50_000), date(2027, 11, 20)),
    TestCard("9578109876543210987", "917", nok(1_000_000), date(2027, 11, 20)),
    TestCard("9578100000000000017", "305", nok(0), date(2027, 11, 20)),
)
FORM = CardForm("sandbox-till", "500", "3", "fjellkort", "2027-11-20", Behaviour.NORMAL.value)
VENDORS = (("fjellkort", "Fjellkort"), ("havkort", "Havkort"))
URL = "http://127.0.0.1:8080"
SECRET = "sample-secret-of-forty-three-characters-xxxx"

SANDBOX: dict[str, SandboxPage] = {
    "home": HomePage(
        URL,
        "sandbox-till",
        SECRET,
        TEST_CARDS[:2],
        commands(
            URL,
            "sandbox-till",
            SECRET,
            ("9578101234567890125", "9578109876543210987"),
        ),
        "http://127.0.0.1:8082",
        "QrCDN6CcXkGOnRiNcZMrpw==",
        "sampletenantkey1234567==",
    ),
    "card-gen": CardGeneratorPage(FORM, {}, VENDORS, ()),
    "card-gen-made": CardGeneratorPage(FORM, {}, VENDORS, TEST_CARDS),
    "card-gen-faults": CardGeneratorPage(
        CardForm("nobody", "10001", "0", "fjellkort", "soon", "normal"),
        {
            "client_id": CardFault.CLIENT_UNKNOWN,
            "amount": CardFault.AMOUNT_OUT_OF_RANGE,
            "count": CardFault.COUNT_OUT_OF_RANGE,
            "last_day": CardFault.DAY_UNREADABLE,
        },
        VENDORS,
        (),
    ),
}
