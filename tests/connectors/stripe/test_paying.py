"""The Stripe connector against a server that speaks as Stripe does, and fails in every way."""

from dataclasses import replace

import pytest

from tests.connectors.stripe.pretend import (
    API_KEY,
    ASKED,
    BEGUN,
    FAULTS,
    PAGE,
    WEBHOOK_SECRET,
    Fault,
    Oddity,
    PretendStripe,
    known,
    refund_of,
)
from tillway.connectors.stripe.connector import StripeAccount, StripeConnector
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.reasons import Reason

pytestmark = pytest.mark.anyio

NOT_A_PLAIN_NO = ("rate_limit", "lock_timeout", "key_in_use", "api_error", "wrong_api_key", "not_allowed", "card_error")


async def test_the_payer_is_sent_to_our_page_with_stripes_form(connector: StripeConnector, far: PretendStripe) -> None:
    assert await connector.begin(BEGUN) == Pending("pi_0", f"{PAGE}/stripe")
    intent = far.intents["pi_0"]
    assert (intent["amount"], intent["currency"], intent["metadata"]) == (25_00, "eur", {"operation": "p-1"})
    form = await connector.form_of("pi_0")
    assert form is not None
    assert (form.client_secret, form.reason) == ("pi_0_secret_Ex4mple", "")
    assert "secret_Ex4mple" not in repr(form)


async def test_what_was_paid_tells_the_scheme_and_the_last_digits(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    far.pay(reference)
    assert await connector.look_up(known(reference)) == Paid(reference, "Visa", "4242")


async def test_a_bank_has_a_scheme_and_no_digits(connector: StripeConnector, far: PretendStripe) -> None:
    ideal = replace(BEGUN, method="ideal")
    begun = await connector.begin(ideal)
    assert isinstance(begun, Pending)
    far.pay(begun.reference, payment_method_details={"type": "ideal", "ideal": {"bank": "ing"}})
    assert await connector.look_up(replace(ideal, reference=begun.reference)) == Paid(begun.reference, "iDEAL", "")


@pytest.mark.parametrize(
    "status", ["requires_payment_method", "requires_confirmation", "requires_action", "requires_capture", "processing"]
)
async def test_every_status_that_is_no_end_is_pending(
    connector: StripeConnector, far: PretendStripe, reference: str, status: str
) -> None:
    far.pay(reference, status)
    assert await connector.look_up(known(reference)) == Pending(reference)


async def test_a_status_that_stripe_may_add_is_pending(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    far.pay(reference, "requires_patience")
    assert await connector.look_up(known(reference)) == Pending()


async def test_a_declined_card_is_no_end_and_the_form_says_why(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    far.fail(reference, code="card_declined", decline_code="insufficient_funds")
    assert await connector.look_up(known(reference)) == Pending(reference)
    form = await connector.form_of(reference)
    assert form is not None
    assert form.reason == Reason.INSUFFICIENT_FUNDS


@pytest.mark.parametrize(
    ("code", "decline_code", "reason"),
    [
        ("card_declined", "stolen_card", Reason.DECLINED),
        ("card_declined", "lost_card", Reason.DECLINED),
        ("card_declined", "do_not_honor", Reason.DO_NOT_HONOUR),
        ("expired_card", None, Reason.EXPIRED_CARD),
        ("incorrect_cvc", None, Reason.INCORRECT_CVC),
        ("payment_intent_authentication_failure", None, Reason.AUTHENTICATION_FAILED),
        ("a_new_code", "a_new_code", Reason.DECLINED),
        (None, None, Reason.DECLINED),
    ],
)
async def test_a_cancelled_intent_is_declined_for_the_reason_of_its_last_try(
    connector: StripeConnector,
    far: PretendStripe,
    reference: str,
    code: str | None,
    decline_code: str | None,
    reason: Reason,
) -> None:
    far.intents[reference]["last_payment_error"] = {"code": code, "decline_code": decline_code}
    far.pay(reference, "canceled")
    assert await connector.look_up(known(reference)) == Declined(reason, reference)
    assert await connector.form_of(reference) is None


@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_goes_wrong_is_pending_and_one_intent_is_made(
    connector: StripeConnector, far: PretendStripe, fault: Fault | Oddity
) -> None:
    far.fault = fault
    assert await connector.begin(BEGUN) == Pending()
    assert await connector.form_of("pi_0") is None
    far.fault = None
    assert await connector.begin(BEGUN) == Pending("pi_0", f"{PAGE}/stripe")
    assert list(far.intents) == ["pi_0"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_fault_makes_a_look_up_a_reversal_or_a_refund_lie(
    connector: StripeConnector, far: PretendStripe, reference: str, fault: Fault | Oddity
) -> None:
    far.pay(reference)
    far.fault = fault
    asked: list[Outcome] = [
        await connector.look_up(known(reference)),
        await connector.reverse(known(reference)),
        await connector.refund(refund_of(reference), "p-1"),
    ]
    assert asked == [Pending(), Pending(), Pending()]


@pytest.mark.parametrize("refusal", NOT_A_PLAIN_NO)
async def test_an_error_that_is_not_about_the_request_leaves_everything_open(
    connector: StripeConnector, far: PretendStripe, reference: str, refusal: str
) -> None:
    far.refusal = refusal
    asked: list[Outcome] = [
        await connector.begin(BEGUN),
        await connector.look_up(known(reference)),
        await connector.look_up(ASKED),
        await connector.reverse(known(reference)),
        await connector.refund(refund_of(reference), "p-1"),
    ]
    assert asked == [Pending()] * 5


async def test_every_request_is_sent_once(connector: StripeConnector, far: PretendStripe) -> None:
    far.refusal = "api_error"
    await connector.begin(BEGUN)
    assert far.requests == ["POST /v1/payment_intents"]


@pytest.mark.parametrize(
    ("refusal", "reason"), [("amount_too_small", Reason.NOT_PERMITTED), ("parameter_invalid", Reason.FAILED)]
)
async def test_a_request_that_cannot_be_is_a_plain_no(
    connector: StripeConnector, far: PretendStripe, refusal: str, reason: Reason
) -> None:
    far.refusal = refusal
    assert await connector.begin(BEGUN) == Declined(reason)


async def test_what_stripe_refused_while_nobody_listened_never_happened(
    connector: StripeConnector, far: PretendStripe
) -> None:
    far.refusal = "amount_too_small"
    assert await connector.look_up(ASKED) == Declined(Reason.NOT_PERMITTED)
    assert await connector.reverse(ASKED) == Paid()


async def test_a_method_that_the_account_does_not_offer_is_declined_and_nothing_stays_open(
    connector: StripeConnector, far: PretendStripe
) -> None:
    far.offered = ("card",)
    assert await connector.begin(replace(BEGUN, method="ideal")) == Declined(Reason.NOT_PERMITTED, "pi_0")
    assert far.open_intents() == []


async def test_a_key_that_was_used_for_another_amount_leaves_it_open(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    assert await connector.begin(replace(BEGUN, amount=26_00)) == Pending()
    assert list(far.intents) == [reference]


async def test_a_replayed_answer_is_old_so_the_intent_is_asked_for(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    far.pay(reference)
    assert await connector.begin(BEGUN) == Paid(reference, "Visa", "4242")


@pytest.mark.parametrize("searches", [True, False])
@pytest.mark.parametrize("a_day_later", [False, True])
async def test_an_intent_whose_reference_was_lost_is_found_again_and_cancelled(
    connector: StripeConnector, far: PretendStripe, a_day_later: bool, searches: bool
) -> None:
    far.fault = Fault.CLOSES
    assert await connector.begin(BEGUN) == Pending()
    far.fault = None
    far.searches = searches
    if a_day_later:
        far.forget_keys()
    outcome = await connector.look_up(ASKED)
    assert isinstance(outcome, Declined)
    assert outcome.reason == Reason.NEVER_RECEIVED
    assert far.open_intents() == (["pi_0"] if a_day_later and not searches else [])


async def test_an_intent_that_was_paid_although_its_reference_was_lost_is_paid(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    far.pay(reference)
    assert await connector.look_up(ASKED) == Paid(reference, "Visa", "4242")
    assert await connector.reverse(ASKED) == Declined(Reason.TAKEN, reference)


async def test_what_never_arrived_is_barred_before_we_say_so(connector: StripeConnector, far: PretendStripe) -> None:
    assert await connector.look_up(ASKED) == Declined(Reason.NEVER_RECEIVED, "pi_0")
    assert await connector.begin(BEGUN) == Declined(Reason.CANCELLED, "pi_0")
    assert far.open_intents() == []


async def test_a_reversal_cancels_and_may_be_repeated(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    assert await connector.reverse(known(reference)) == Paid()
    assert await connector.reverse(known(reference)) == Paid()
    assert await connector.look_up(known(reference)) == Declined(Reason.CANCELLED, reference)
    assert far.open_intents() == []


async def test_what_was_paid_cannot_be_cancelled_and_what_is_under_way_waits(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    far.pay(reference, "processing")
    assert await connector.reverse(known(reference)) == Pending(reference)
    far.pay(reference)
    assert await connector.reverse(known(reference)) == Declined(Reason.TAKEN, reference)


@pytest.mark.parametrize("change", [{"amount": 24_00}, {"currency": "sek"}, {"metadata": {"operation": "p-2"}}])
async def test_an_intent_of_somebody_else_or_of_another_sum_is_not_believed(
    connector: StripeConnector, far: PretendStripe, reference: str, change: dict[str, object]
) -> None:
    far.pay(reference)
    far.intents[reference] |= change
    assert await connector.look_up(known(reference)) == Pending()


async def test_a_sum_other_than_was_asked_for_is_not_paid(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    far.pay(reference)
    far.intents[reference]["amount_received"] = 24_00
    assert await connector.look_up(known(reference)) == Pending()


@pytest.mark.parametrize(
    ("currency", "amount", "sent"),
    [
        ("EUR", 1_50, 150),
        ("JPY", 150, 150),
        ("ISK", 150, 150_00),
        ("UGX", 7, 7_00),
        ("MGA", 3_00, 3),
        ("KWD", 1_500, 1_500),
    ],
)
async def test_an_amount_is_sent_in_the_unit_that_stripe_counts_in(
    connector: StripeConnector, far: PretendStripe, currency: str, amount: int, sent: int
) -> None:
    operation = replace(BEGUN, currency=currency, amount=amount)
    assert await connector.begin(operation) == Pending("pi_0", f"{PAGE}/stripe")
    assert (far.intents["pi_0"]["amount"], far.intents["pi_0"]["currency"]) == (sent, currency.lower())
    far.pay("pi_0")
    assert await connector.look_up(replace(operation, reference="pi_0")) == Paid("pi_0", "Visa", "4242")
    back = replace(operation, id="p-1-r1", reference="pi_0", journey=None)
    assert await connector.refund(back, "p-1") == Paid("re_1")
    assert far.refunds["re_1"]["amount"] == sent


async def test_an_amount_that_stripe_has_no_unit_for_is_declined_unasked(
    connector: StripeConnector, far: PretendStripe
) -> None:
    operation = replace(BEGUN, currency="MGA", amount=3_20)
    assert await connector.begin(operation) == Declined(Reason.NOT_PERMITTED)
    assert await connector.look_up(replace(operation, journey=None)) == Declined(Reason.NOT_PERMITTED)
    assert await connector.reverse(replace(operation, journey=None)) == Paid()
    assert far.requests == []


def test_the_secrets_of_an_account_are_not_shown() -> None:
    shown = repr(StripeAccount(API_KEY, WEBHOOK_SECRET))
    assert API_KEY not in shown
    assert WEBHOOK_SECRET not in shown
