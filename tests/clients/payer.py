"""A payer in a browser without scripts: follows links, fills in forms, keeps cookies."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import aiohttp


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, and what stands in its fields."""

    action: str
    fields: dict[str, str]


@dataclass(slots=True)
class Payer:
    """What the payer sees: the page's address, its text, its links and its forms."""

    session: aiohttp.ClientSession
    address: str = ""
    status: int = 0
    html: str = ""
    text: str = ""
    links: list[str] = field(default_factory=list[str])
    forms: list[Form] = field(default_factory=list[Form])

    async def go(self, address: str) -> None:
        """Open a page."""
        async with self.session.get(urljoin(self.address, address)) as response:
            await self._look_at(response)

    async def submit(self, ending: str, **fields: str) -> None:
        """Send the form whose target ends so, with these fields filled in, and go where its answer leads."""
        form = next(form for form in self.forms if form.action.endswith(ending))
        here = urlsplit(self.address)
        headers = {"origin": f"{here.scheme}://{here.netloc}", "sec-fetch-site": "same-origin"}
        target = urljoin(self.address, form.action)
        async with self.session.post(target, data=form.fields | fields, headers=headers) as response:
            await self._look_at(response)

    async def _look_at(self, response: aiohttp.ClientResponse) -> None:
        self.address, self.status, self.html = str(response.url), response.status, await response.text()
        page = _Page()
        page.feed(self.html)
        self.text = " ".join(" ".join(page.words).split())
        self.links, self.forms = page.links, page.forms


@asynccontextmanager
async def paying() -> AsyncGenerator[Payer]:
    """A payer with an empty cookie jar."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"accept-language": "en"}
    ) as session:
        yield Payer(session)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"script", "style"}:
            self._silent += 1
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "form":
            self.forms.append(Form(given.get("action", ""), {}))
        elif tag == "input" and self.forms and given.get("name") and given.get("type") != "checkbox":
            self.forms[-1].fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
