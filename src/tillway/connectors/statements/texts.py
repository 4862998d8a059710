"""Texts of statements: cleaned and bounded, and the bytes they came as."""

import codecs
import re
from typing import BinaryIO

from tillway.connectors.statements.bounds import LONGEST_NAME, LONGEST_REFERENCE, LONGEST_REMITTANCE, BoundedStream
from tillway.connectors.statements.entries import StatementUnreadable

_BLOCK = 64 * 1024
_MEANS_NONE = frozenset({"NOTPROVIDED", "NONREF", "NOTAVAILABLE"})
"""What banks write where there is no reference."""

_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def plain(text: str) -> str:
    """The text in one line, without characters that do not print."""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())


def name(text: str) -> str:
    """A party's name, as long as ISO 20022 lets it be."""
    return plain(text)[:LONGEST_NAME]


def remittance(*texts: str) -> str:
    """Lines of remittance information joined, the same one only once."""
    return plain(" ".join(dict.fromkeys(text for text in texts if text)))[:LONGEST_REMITTANCE]


def reference(text: str, place: str) -> str:
    """A reference, which is refused and not cut if it is too long: half a reference names something else."""
    told = plain(text)
    if len(told) > LONGEST_REFERENCE:
        raise StatementUnreadable("a reference is too long", place)
    return "" if told.upper() in _MEANS_NONE else told


def bic(text: str) -> str:
    """A BIC of ISO 9362, or nothing."""
    told = text.strip().upper()
    return told if _BIC.fullmatch(told) else ""


def encoding_of(stream: BinaryIO, candidates: tuple[str, ...]) -> str:
    """The first of the encodings in which the whole rest of the file can be read; the stream ends where it was.

    The last candidate should be one that reads anything, for statements of one bank differ in what they hold.
    """
    begin = stream.tell()
    try:
        for encoding in candidates:
            stream.seek(begin)
            if _reads(BoundedStream(stream), encoding):
                return encoding
    finally:
        stream.seek(begin)
    raise StatementUnreadable(f"the file is in none of the encodings {', '.join(candidates)}")


def _reads(stream: BoundedStream, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := stream.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
