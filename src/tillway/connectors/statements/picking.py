"""Chosen parts of an XML document, read as it streams by: no tree, no DTD, no entities, and a bound on everything."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from tillway.connectors.statements.bounds import LONGEST_TEXT, BoundedStream
from tillway.connectors.statements.entries import StatementUnreadable

_BLOCK = 64 * 1024
_DEEPEST = 40
_MOST_VALUES = 1_000
"""Of one record."""

_MOST_NAMES = 2_000
"""Different names of elements, since libxml2 keeps each; the whole of camt.053 has some 500."""

_MESSAGE = re.compile(r":((?:camt|pain|pacs|head)\.[0-9]{3})\.[0-9]{3}\.[0-9]{2}\Z")


@dataclass(frozen=True, slots=True)
class Part:
    """A repeating element: which texts to keep of it (paths from it), and which parts are in it."""

    leaves: tuple[str, ...] = ()
    parts: Mapping[str, "Part"] = field(default_factory=dict[str, "Part"])


class Record:
    """One occurrence of a part: its texts by path, and the attribute `Ccy` by the path and "@"."""

    __slots__ = ("_values", "kept", "name", "parent")

    def __init__(self, name: str, parent: "Record | None") -> None:
        self.name = name
        self.parent = parent
        self.kept = 0
        self._values: dict[str, list[str]] = {}

    def keep(self, path: str, text: str) -> None:
        """Adds a text; refuses one too many."""
        self.kept += 1
        if self.kept > _MOST_VALUES:
            raise StatementUnreadable("the element holds too many values", f"element {self.name}")
        self._values.setdefault(path, []).append(text)

    def all(self, *paths: str) -> list[str]:
        """Every text at any of the paths, in the order of the paths."""
        return [text for path in paths for text in self._values.get(path, ())]

    def first(self, *paths: str) -> str:
        """The first text at any of the paths; empty if there is none."""
        for path in paths:
            if texts := self._values.get(path):
                return texts[0]
        return ""


class _Node:
    """One element of the paths that are looked for."""

    __slots__ = ("children", "part", "path")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.path = ""
        self.part = ""

    def at(self, path: str) -> "_Node":
        node = self
        for step in path.split("/"):
            node = node.children.setdefault(step, _Node())
        return node


class _Picker:
    """The target of the parser, which calls it for every element (lxml, "The target parser interface")."""

    def __init__(self, root: _Node, message: str) -> None:
        self.found: deque[Record] = deque()
        self._message = message
        self._nodes: list[_Node | None] = [root]
        self._records: list[Record] = []
        self._pieces: list[str] | None = None
        self._length = 0
        self._names: set[str] = set()

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        del name, public, system
        raise StatementUnreadable("the document has a DTD, which no statement has", "line 1")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._bound(tag)
        above = self._nodes[-1]
        node = above.children.get(tag[tag.rfind("}") + 1 :]) if above is not None else None
        self._nodes.append(node)
        self._pieces = None
        if node is None:
            return
        if node.part:
            self._records.append(Record(node.part, self._records[-1] if self._records else None))
        elif node.path:
            self._pieces, self._length = [], 0
            if "Ccy" in attributes:
                self._records[-1].keep(f"{node.path}@", attributes["Ccy"][:LONGEST_TEXT])

    def data(self, text: str) -> None:
        if self._pieces is None:
            return
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            raise StatementUnreadable("a text is too long", f"element {self._records[-1].name}")
        self._pieces.append(text)

    def end(self, tag: str) -> None:
        del tag
        node = self._nodes.pop()
        if node is None:
            return
        if node.part:
            self.found.append(self._records.pop())
        elif node.path and self._pieces is not None and (text := "".join(self._pieces).strip()):
            self._records[-1].keep(node.path, text)
        self._pieces = None

    def close(self) -> None:
        """Called at the end of the document, and when the parser gives up."""

    def _bound(self, tag: str) -> None:
        if len(self._nodes) == 1:
            self._check_message(tag)
        if len(self._nodes) > _DEEPEST:
            raise StatementUnreadable("elements are nested too deeply")
        self._names.add(tag)
        if len(self._names) > _MOST_NAMES:
            raise StatementUnreadable("the document has too many different elements")

    def _check_message(self, tag: str) -> None:
        """What message a document is stands in the namespace of its root (urn:iso:std:iso:20022:tech:xsd:…)."""
        told = _MESSAGE.search(tag[1 : tag.rfind("}")]) if tag.startswith("{") else None
        if told is None or tag[tag.rfind("}") + 1 :] != "Document":
            raise StatementUnreadable(f"the document is no {self._message} message", "line 1")
        if told[1] != self._message:
            raise StatementUnreadable(f"the document is a {told[1]} message, and no {self._message}", "line 1")


def pick(stream: BoundedStream, message: str, path: str, name: str, part: Part) -> Iterator[Record]:
    """Each occurrence of the part at `path` (without the document's root), told after those within it.

    Only documents of one ISO 20022 `message` ("camt.053") are read, in any version.
    """
    root = _Node()
    _grow(root.at(f"Document/{path}/{name}"), name, part)
    picker = _Picker(root, message)
    parser = etree.XMLParser(
        target=picker, resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        while block := stream.read(_BLOCK):
            parser.feed(block)
            while picker.found:
                yield picker.found.popleft()
        parser.close()
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise StatementUnreadable("the document is not well-formed XML", f"line {line}") from None
    yield from picker.found


def _grow(node: _Node, name: str, part: Part) -> None:
    node.part = name
    for path in part.leaves:
        node.at(path).path = path
    for path, inner in part.parts.items():
        _grow(node.at(path), path.rpartition("/")[2], inner)
