"""Files made to do harm: each is refused quickly, without a crash, and without telling what it holds."""

import io
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from tests.connectors.statements.samples import FOLDER, SLOVAK, camt, complaint, entry, items
from tillway.connectors.statements.bounds import MOST_BYTES, BoundedStream
from tillway.connectors.statements.entries import StatementUnreadable
from tillway.connectors.statements.reading import StatementFormat, open_statement

MOST_MEMORY = 16 * 1024 * 1024
ROOT = 'xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"'
HEAD = f"<Document {ROOT}><BkToCstmrStmt><Stmt>".encode()


class Endless(io.RawIOBase):
    """A file that is made while it is read, of some begin and then the same over and over."""

    def __init__(self, begin: bytes, again: bytes, size: int) -> None:
        super().__init__()
        self._begin, self._size, self._unit = begin, size, len(again)
        self._again = again * (2 + 65_536 // len(again))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        assert whence == 0
        self._at = offset
        return offset

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        begin = self._begin[self._at : self._at + len(buffer)]
        phase = (self._at - len(self._begin)) % self._unit
        data = begin or self._again[phase : phase + min(len(buffer), max(0, self._size - self._at))]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def read_all(begin: bytes, again: bytes, size: int) -> None:
    with open_statement(io.BufferedReader(Endless(begin, again, size))) as statement:
        statement.check()


def reading(begin: bytes, again: bytes, size: int) -> tuple[str, int]:
    """Why a huge file is refused, and the most memory that it took."""
    tracemalloc.start()
    try:
        read_all(begin, again, size)
    except StatementUnreadable as refused:
        return str(refused), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    raise AssertionError("the document was read")


def test_an_external_entity_is_not_fetched_and_the_document_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    told = camt(entry(reference="&x;")).replace(
        b"<Document", f'<!DOCTYPE Document [<!ENTITY x SYSTEM "{secret.as_uri()}">]><Document'.encode(), 1
    )
    assert complaint(told) == "line 1: the document has a DTD, which no statement has"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE Document [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>',
        '<!DOCTYPE Document [<!ATTLIST Document a CDATA "b">]>',
        "<!DOCTYPE Document>",
        '<!DOCTYPE Document [<!ENTITY a0 "lol">'
        + "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12))
        + "]>",
    ],
)
def test_every_document_with_a_dtd_is_refused(doctype: str) -> None:
    assert "has a DTD" in complaint(doctype.encode() + camt(entry(reference="&a11;")))
    assert "has a DTD" in complaint(doctype.encode() + f'<Document {ROOT} a="&a11;"/>'.encode())


@pytest.mark.parametrize(
    ("begin", "again", "why"),
    [
        (HEAD, b"<a/>", "not well-formed"),
        (HEAD, b"<!-- comment -->", "not well-formed"),
        (HEAD, b"<a>", "nested too deeply"),
        (HEAD + b"<Id>", b"x", "too long"),
        (HEAD + b"<Ntry><AddtlNtryInf>", b"x", "too long"),
        (HEAD + b"<Ntry><NtryDtls><TxDtls>", b"<RmtInf><Ustrd>x</Ustrd></RmtInf>", "too many values"),
        (b":20:X\n", b"x", "too long"),
        (b":20:X\n", b"x\n", "too long"),
        (b"account,date,amount,currency,direction\n", b"x", "too long"),
    ],
)
def test_large_files_are_refused_in_little_memory(begin: bytes, again: bytes, why: str) -> None:
    told, memory = reading(begin, again, 1024 * 1024)
    assert why in told
    assert memory < MOST_MEMORY


def test_a_batch_of_more_details_than_any_bank_books_at_once_is_refused() -> None:
    with pytest.raises(StatementUnreadable, match="more than 100000 details"):
        read_all(HEAD + b"<Ntry><NtryDtls>", b"<TxDtls/>", 2 * 1024 * 1024)


@pytest.mark.parametrize("begin", [HEAD, b":20:X\n:21:Y\n-\n"])
def test_a_file_of_hundreds_of_megabytes_is_read_no_further_than_its_bound(begin: bytes) -> None:
    told, memory = reading(begin, b" " * 99 + b"\n", MOST_BYTES + 1)
    assert "larger than" in told
    assert memory < MOST_MEMORY


def test_many_names_of_elements_are_refused() -> None:
    document = HEAD + b"".join(b"<a%d/>" % number for number in range(10_000))
    assert "too many different elements" in complaint(document)


def test_an_attribute_that_is_huge_is_refused() -> None:
    assert "XML" in complaint(HEAD + b'<Id a="' + b"x" * 20_000_000 + b'"/>')


def test_a_file_is_read_no_further_than_its_bound() -> None:
    stream = BoundedStream(io.BytesIO(b"x" * 100), 99)
    with pytest.raises(StatementUnreadable, match="larger than 99 bytes"):
        stream.read(100)


@pytest.mark.parametrize("name", ["camt_02.xml", "camt_08.xml", "camt_13.xml"])
def test_a_document_that_is_cut_anywhere_is_refused(name: str) -> None:
    document = (FOLDER / name).read_bytes()
    end = document.rindex(b"</")
    for length in range(200, end, 37):
        assert complaint(document[:length])


@pytest.mark.parametrize("name", ["slovak.sta", "czech.sta", "german.sta", "fio.csv", "tatra_banka.csv", "generic.csv"])
def test_no_cut_and_no_changed_byte_crashes_the_readers_of_text(name: str) -> None:
    document = (FOLDER / name).read_bytes()
    for position in range(1, len(document), 7):
        for changed in (
            document[:position],
            document[:position] + b"\xff\0,"[position % 3 :] + document[position + 1 :],
        ):
            _is_read_or_refused(changed)


@pytest.mark.parametrize("name", ["camt_02.xml", "camt_13.xml"])
def test_no_changed_byte_crashes_the_reader_of_xml(name: str) -> None:
    document = (FOLDER / name).read_bytes()
    for position in range(1, len(document), 11):
        _is_read_or_refused(document[:position] + b"\xff\x01<&"[position % 4 :][:1] + document[position + 1 :])


@pytest.mark.parametrize("document", [b"", b" \n", b"\0" * 100, b"\xff\xfe\xff", b"PK\x03\x04", b"%PDF-1.7"])
def test_what_is_no_statement_is_refused(document: bytes) -> None:
    assert complaint(document)


def test_a_nul_byte_in_xml_is_refused() -> None:
    assert complaint(camt(entry(reference="a\0b")))


def test_an_encoding_that_is_not_the_one_declared_is_refused() -> None:
    assert "not well-formed" in complaint(camt(entry(reference="ž")).replace("ž".encode(), b"\x9e"))


def test_a_message_of_refusal_never_tells_what_the_file_holds() -> None:
    for document in (camt(entry("SECRET")), camt(entry("1.00")[:-20] + "SECRET<"), f"SECRET;{SLOVAK}".encode()):
        assert "SECRET" not in complaint(document)


def test_formats_are_told_by_content_and_not_by_name(tmp_path: Path) -> None:
    told: list[StatementFormat] = []
    for name in ("camt_02.xml", "czech.sta", "fio.csv"):
        disguised = tmp_path / "statement.pdf"
        disguised.write_bytes((FOLDER / name).read_bytes())
        with open_statement(disguised) as statement:
            statement.check()
            told.append(statement.format)
    assert told == [StatementFormat.CAMT_053, StatementFormat.MT940, StatementFormat.CSV]


class Upload(io.BytesIO):
    """A stream that cannot go back."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise io.UnsupportedOperation


@pytest.mark.parametrize("name", ["camt_02.xml", "czech.sta", "fio.csv"])
def test_a_stream_that_cannot_go_back_is_read_as_a_file_is(name: str) -> None:
    with open_statement(Upload((FOLDER / name).read_bytes())) as statement:
        told = list(statement)
        assert told == list(statement) == items(name)


def _is_read_or_refused(document: bytes) -> None:
    with suppress(StatementUnreadable):
        assert isinstance(items(document), list)
