"""What a payer reads of methods and of declines: a fragment for every method, a sentence for every reason."""

import pytest

from tests.pages.samples import nok
from tests.pages.web_samples import PAID, SHOP, choice
from tillway.domain.methods import METHODS, Method
from tillway.domain.payments import GIFT_CARD_METHOD
from tillway.domain.reasons import Reason
from tillway.domain.settling import GIVEN_UP
from tillway.surfaces.checkout.declining import decline_text
from tillway.surfaces.checkout.drawing import Drawing, checkout_pages, links_of
from tillway.surfaces.checkout.views import OpenPage, WaitingPage

DRAWING = Drawing(checkout_pages(), sandbox=False)
FAR = tuple(method for method in METHODS if method.code != GIFT_CARD_METHOD)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.code)
def test_a_method_has_a_fragment_with_an_icon_and_its_name(method: Method) -> None:
    page = DRAWING.draw(choice(OpenPage(SHOP, (), (), "key")), links_of("t"), "en").decode()
    assert page.count('class="method-icon"') == len(FAR)
    assert method.name in page


@pytest.mark.parametrize("method", FAR, ids=lambda method: method.code)
def test_what_waits_is_called_by_its_methods_name(method: Method) -> None:
    page = DRAWING.draw(WaitingPage(PAID, method.code, nok(1), "https://bank.example/1"), links_of("t"), "en").decode()
    assert method.name in page


@pytest.mark.parametrize("word", [*(reason.value for reason in Reason), GIVEN_UP, "a word nobody knows", ""])
def test_every_reason_has_a_sentence_in_every_language(word: str) -> None:
    pages = checkout_pages()
    for language in pages.languages.names:
        said = decline_text(word, pages.text(language))
        assert said.endswith(".")
        assert "_" not in said


def test_what_a_bank_suspects_is_not_told_to_whoever_holds_the_card() -> None:
    said = {decline_text(word, str) for word in ("lost_card", "stolen_card", "suspected_fraud", "not_permitted")}
    assert len(said) == 1
