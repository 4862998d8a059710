"""A person's request for one of our pages, and the answer to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import final
from urllib.parse import quote, urlsplit

from tillway.surfaces.common.call import HeaderFields
from tillway.surfaces.common.languages import Languages
from tillway.surfaces.common.reading import Headers
from tillway.surfaces.common.security_headers import cookie, cookie_name
from tillway.surfaces.common.uploads import Upload

LANGUAGE = "language"
"""The query parameter, and the cookie, that says which language a person has chosen."""

_LONGEST_COOKIES = 8 * 1024
_LANGUAGE_LASTS_SECONDS = 365 * 86_400


@final
@dataclass(frozen=True, slots=True)
class Visit:
    """One request.

    `form` is empty but for a form that was posted, `upload` the file that came with it. `peer` is the network address
    it came from, and `origin` is how the browser knows us (`https://pay.example`).
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Headers
    peer: str
    origin: str
    languages: Languages
    upload: Upload | None = None

    @property
    def secure(self) -> bool:
        """Whether the browser reaches us over https."""
        return self.origin.startswith("https:")

    def language(self, asked_for: str = "") -> str:
        """The language to answer in: chosen on this page, chosen before, `asked_for` by the merchant, the browser's."""
        accepted = self.headers.get(b"accept-language", b"").decode("latin-1")
        wishes = (self.cookie(LANGUAGE), asked_for, accepted)
        return self.languages.choose(self.query.get(LANGUAGE), ",".join(wish for wish in wishes if wish))

    def cookie(self, name: str, path: str = "/") -> str:
        """The value of one of our cookies; empty if it did not come."""
        wanted = cookie_name(name, secure=self.secure, path=path)
        for pair in self.headers.get(b"cookie", b"")[:_LONGEST_COOKIES].decode("latin-1").split(";"):
            found, _, value = pair.strip().partition("=")
            if found == wanted:
                return value
        return ""

    def chosen_language(self) -> HeaderFields:
        """The cookie that remembers the language chosen with this request; nothing if none was."""
        chosen = self.query.get(LANGUAGE)
        if chosen is None or chosen not in self.languages.names:
            return ()
        return (cookie(LANGUAGE, chosen, secure=self.secure, lasts_seconds=_LANGUAGE_LASTS_SECONDS),)


@final
@dataclass(frozen=True, slots=True)
class PageReply:
    """The answer: a page, or with `headers` that say so another place to go.

    `protection` says what this page may do (`page_headers`), where that is not what the site's pages may.
    """

    status: int
    body: bytes
    headers: HeaderFields = ()
    protection: HeaderFields = ()


def see_other(location: str, headers: HeaderFields = ()) -> PageReply:
    """After a form: go and look there, so that reloading sends nothing twice. `location` is a path of ours."""
    return PageReply(303, b"", ((b"location", location.encode("ascii")), *headers))


def see_elsewhere(url: str, headers: HeaderFields = ()) -> PageReply:
    """Go on at an address that is not ours: one that a merchant or far side gave us, never one that a browser sent."""
    return see_other(quote(url, safe=_MARKS_OF_A_URL), headers)


def lead_elsewhere(url: str) -> PageReply:
    """As `see_elsewhere`, by a page that goes on by itself instead of a redirect.

    A far side may bound where its forms lead, and browsers hold every redirect to that (CSP `form-action`): it knows
    us, but not the shop behind us.
    """
    address = escape(quote(url, safe=_MARKS_OF_A_URL))
    return PageReply(200, _LEADING.format(address=address, host=escape(urlsplit(url).netloc)).encode())


_LEADING = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={address}">
<link rel="icon" href="data:,">
<title>{host}</title>
<p><a href="{address}">{host}</a></p>
</html>
"""

_MARKS_OF_A_URL = "%!#$&'()*+,/:;=?@[]~"
