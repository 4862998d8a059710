"""Gift cards on paper: ten to an A4 page, each the size of a bank card, with a barcode and lines to cut along."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

from fpdf import FPDF

from tillway.cli.speaking import Fact
from tillway.domain.giftcards import NUMBER_LENGTH
from tillway.surfaces.common.barcodes import QUIET_MODULES, code128_modules

CARD_WIDTH: Final = 85.6
CARD_HEIGHT: Final = 53.98
"""ID-1 of ISO/IEC 7810, in millimetres, as every length here."""

COLUMNS, ROWS = 2, 5
PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0

_LEFT = (PAGE_WIDTH - COLUMNS * CARD_WIDTH) / 2
_TOP = (PAGE_HEIGHT - ROWS * CARD_HEIGHT) / 2
_MARGIN = 6.0
_CROP_GAP, _CROP_LENGTH = 2.0, 5.0
_BAR_HEIGHT = 13.0
_FONT = "DejaVu"
_FONT_FILE = Path(__file__).with_name("fonts") / "DejaVuSans-European.ttf"


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """A card as it leaves the house, in the clear."""

    number: str = field(repr=False)
    cvc: str = field(repr=False)
    balance: str
    currency: str
    expires_on: str
    issuer: str

    def as_facts(self) -> dict[str, Fact]:
        """What the CSV file and `--json` say of it."""
        return {
            "number": self.number,
            "cvc": self.cvc,
            "balance": self.balance,
            "currency": self.currency,
            "expires_on": self.expires_on,
        }


def print_cards(cards: Sequence[PrintedCard]) -> bytes:
    """The cards as a PDF file."""
    paper = FPDF(format="A4")
    paper.set_auto_page_break(auto=False)
    paper.set_title("Gift cards")
    paper.add_font(_FONT, fname=_FONT_FILE)
    paper.set_line_width(0.1)
    for place, card in enumerate(cards):
        row, column = divmod(place % (COLUMNS * ROWS), COLUMNS)
        if row == column == 0:
            paper.add_page()
            _draw_crop_lines(paper)
        _draw_card(paper, card, _LEFT + column * CARD_WIDTH, _TOP + row * CARD_HEIGHT)
    return bytes(paper.output())


def _draw_crop_lines(paper: FPDF) -> None:
    right, bottom = PAGE_WIDTH - _LEFT, PAGE_HEIGHT - _TOP
    for column in range(COLUMNS + 1):
        x = _LEFT + column * CARD_WIDTH
        paper.line(x, _TOP - _CROP_GAP - _CROP_LENGTH, x, _TOP - _CROP_GAP)
        paper.line(x, bottom + _CROP_GAP, x, bottom + _CROP_GAP + _CROP_LENGTH)
    for row in range(ROWS + 1):
        y = _TOP + row * CARD_HEIGHT
        paper.line(_LEFT - _CROP_GAP - _CROP_LENGTH, y, _LEFT - _CROP_GAP, y)
        paper.line(right + _CROP_GAP, y, right + _CROP_GAP + _CROP_LENGTH, y)


def _draw_card(paper: FPDF, card: PrintedCard, left: float, top: float) -> None:
    inner = CARD_WIDTH - 2 * _MARGIN
    x = left + _MARGIN
    paper.set_xy(x, top + 5)
    paper.set_font(_FONT, size=_fitting_size(paper, card.issuer, inner, 10))
    paper.cell(inner, 5, card.issuer)
    paper.set_xy(x, top + 12)
    paper.set_font(_FONT, size=17)
    paper.cell(inner, 8, f"{card.balance} {card.currency}")
    _draw_barcode(paper, card.number, left, top + 23)
    paper.set_font(_FONT, size=10)
    paper.set_xy(left, top + 37.5)
    paper.cell(CARD_WIDTH, 5, grouped(card.number), align="C")
    paper.set_font(_FONT, size=7.5)
    paper.set_xy(x, top + 44.5)
    paper.cell(inner / 2, 4, f"CVC {card.cvc}")
    paper.set_xy(x + inner / 2, top + 44.5)
    paper.cell(inner / 2, 4, _day(card.expires_on), align="R")


def _draw_barcode(paper: FPDF, number: str, left: float, top: float) -> None:
    modules = code128_modules(number)
    width = (CARD_WIDTH - 2 * _MARGIN) / (len(modules) + 2 * QUIET_MODULES)
    start = left + _MARGIN + QUIET_MODULES * width
    for first, length in _bars(modules):
        paper.rect(start + first * width, top, length * width, _BAR_HEIGHT, style="F")


def _bars(modules: str) -> Iterator[tuple[int, int]]:
    """Where each bar begins, and how many modules it is wide."""
    place = 0
    for module, run in groupby(modules):
        length = sum(1 for _ in run)
        if module == "1":
            yield place, length
        place += length


def grouped(number: str) -> str:
    """A card's number as people read it: in groups of four, the last of three."""
    return " ".join(number[start : start + 4] for start in range(0, NUMBER_LENGTH, 4))


def _day(iso: str) -> str:
    """A day as everyone in Europe reads it, without a word to translate."""
    return f"→ {date.fromisoformat(iso):%d.%m.%Y}"


def _fitting_size(paper: FPDF, text: str, width: float, largest: float) -> float:
    """The largest type size in which the text is no wider."""
    paper.set_font(_FONT, size=largest)
    return min(largest, largest * width / max(paper.get_string_width(text), 1))
