"""A reader for the PDFs that the program prints: its words, and its barcodes decoded from the bars as drawn."""

import re
import zlib
from collections.abc import Iterator
from itertools import pairwise

from barcode.charsets import code128

_STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
_WORDS = re.compile(rb"\(((?:[^\\)]|\\.)*)\) Tj", re.DOTALL)
_BAR = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) -[\d.]+ re f")
_MEANING = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_START_CODES = {"A": 103, "B": 104, "C": 105}


def pages(paper: bytes) -> list[bytes]:
    """What is drawn on each page."""
    return [stream for stream in _streams(paper) if b" Tj" in stream]


def words(paper: bytes) -> list[str]:
    """Every line of text, in the order of drawing."""
    letters: dict[int, str] = {}
    for stream in _streams(paper):
        if b"beginbfchar" in stream:
            for code, letter in _MEANING.findall(stream):
                letters[int(code, 16)] = bytes.fromhex(letter.decode()).decode("utf-16-be")
    lines: list[str] = []
    for page in pages(paper):
        for line in _WORDS.findall(page):
            raw = re.sub(rb"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), line, flags=re.DOTALL)
            lines.append("".join(letters[int.from_bytes(raw[at : at + 2])] for at in range(0, len(raw), 2)))
    return lines


def barcodes(page: bytes) -> list[str]:
    """The texts of the Code 128 barcodes on a page, row by row, decoded from the widths of bars and spaces."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for left, top, width in _BAR.findall(page):
        rows.setdefault(top.decode(), []).append((float(left), float(width)))
    return [_decoded(bars) for bars_of_row in rows.values() for bars in _parted(bars_of_row)]


def _streams(paper: bytes) -> Iterator[bytes]:
    for raw in _STREAM.findall(paper):
        try:
            yield zlib.decompress(raw)
        except zlib.error:
            yield raw


def _parted(bars: list[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """The barcodes of one row of cards, which stand apart from each other."""
    current = bars[:1]
    for before, bar in pairwise(bars):
        if bar[0] - sum(before) > 30:
            yield current
            current = []
        current.append(bar)
    yield current


def _decoded(bars: list[tuple[float, float]]) -> str:
    module = (sum(bars[-1]) - bars[0][0]) / _modules(bars)
    pattern = ""
    for place, (left, width) in enumerate(bars):
        pattern += "1" * round(width / module)
        if place + 1 < len(bars):
            pattern += "0" * round((bars[place + 1][0] - left - width) / module)
    codes = [code128.CODES.index(pattern[at : at + 11]) for at in range(0, len(pattern) - 13, 11)]
    *values, check = codes
    assert check == (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return _text(values)


def _modules(bars: list[tuple[float, float]]) -> int:
    """How many modules wide the code is: a Code 128 character has three bars, its stop pattern four and 13 modules."""
    return (len(bars) - 4) // 3 * 11 + 13


def _text(values: list[int]) -> str:
    charset = {start: name for name, start in _START_CODES.items()}[values[0]]
    text = ""
    for value in values[1:]:
        if charset == "C":
            if value < 100:
                text += f"{value:02d}"
            else:
                charset = {100: "B", 101: "A"}[value]
        elif value == 99:
            charset = "C"
        else:
            text += chr(value + 32)
    return text
