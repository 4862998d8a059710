"""Static files come from memory, under names that may be kept for ever, and nothing else is reachable."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from starlette.routing import Mount, Router

from tests.surfaces.common.serving import serving
from tillway.surfaces.common.static_files import StaticFiles

pytestmark = pytest.mark.anyio

STYLE = "body { background: url(icons/mark.svg); }" + " " * 2000


@pytest.fixture
def files(tmp_path: Path) -> StaticFiles:
    (tmp_path / "a" / "icons").mkdir(parents=True)
    (tmp_path / "a" / "icons" / "mark.svg").write_text("<svg/>")
    (tmp_path / "a" / "page.css").write_text(STYLE)
    (tmp_path / "secret.txt").write_text("secret")
    return StaticFiles([tmp_path / "a"], "/static")


@pytest.fixture
async def url(files: StaticFiles) -> AsyncIterator[str]:
    async with serving(Router(routes=[Mount("/static", files)])) as address:
        yield address


async def get(address: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(address, headers=headers) as answer,
    ):
        return answer.status, await answer.read(), {name.lower(): value for name, value in answer.headers.items()}


async def test_a_hashed_name_may_be_kept_for_ever(url: str, files: StaticFiles) -> None:
    status, body, headers = await get(url + files.url("icons/mark.svg"))
    assert (status, body) == (200, b"<svg/>")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"] == "image/svg+xml"


async def test_a_plain_name_is_asked_for_again_and_answered_by_tag(url: str) -> None:
    _, _, headers = await get(f"{url}/static/page.css")
    assert headers["cache-control"] == "no-cache"
    status, body, _ = await get(f"{url}/static/page.css", **{"if-none-match": headers["etag"]})
    assert (status, body) == (304, b"")


async def test_a_style_refers_to_other_files_by_their_hashed_names(url: str, files: StaticFiles) -> None:
    _, body, _ = await get(url + files.url("page.css"), **{"accept-encoding": "identity"})
    assert files.url("icons/mark.svg").removeprefix("/static/") in body.decode()


async def test_text_is_sent_compressed_to_those_who_read_it(url: str) -> None:
    _, packed, headers = await get(f"{url}/static/page.css", **{"accept-encoding": "gzip"})
    assert headers["content-encoding"] == "gzip"
    assert len(packed) < 300


@pytest.mark.parametrize("path", ["/static/", "/static/../secret.txt", "/static/%2e%2e/secret.txt", "/static/nothing"])
async def test_nothing_else_is_there(url: str, path: str) -> None:
    assert (await get(url + path))[0] == 404


async def test_a_file_can_only_be_read(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{url}/static/page.css") as answer:
        assert answer.status == 405


async def test_files_for_any_origin_say_so_and_are_kept_for_an_hour(tmp_path: Path) -> None:
    (tmp_path / "v1.js").write_text("go();")
    (tmp_path / "v1.d.ts").write_text("declare const go: () => void;")
    files = StaticFiles([tmp_path], "/widget", for_any_origin=True)
    async with serving(Router(routes=[Mount("/widget", files)])) as address:
        status, _, headers = await get(f"{address}/widget/v1.js")
        assert status == 200
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["cache-control"].startswith("public, max-age=3600")
        assert (await get(f"{address}/widget/v1.d.ts"))[2]["content-type"] == "text/plain; charset=utf-8"


async def test_files_of_our_own_pages_are_for_no_other_origin(url: str) -> None:
    _, _, headers = await get(f"{url}/static/page.css")
    assert "access-control-allow-origin" not in headers
    assert "cross-origin-resource-policy" not in headers


def test_two_files_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.css").write_text("")
    with pytest.raises(ValueError, match=r"page\.css"):
        StaticFiles([tmp_path / "a", tmp_path / "b"])
