"""Small files of pages (styles, scripts, icons), held in memory and named by content so that browsers may keep them."""

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

from starlette.types import Receive, Scope, Send

LARGEST_FILE = 512 * 1024

_COMPRESSIBLE = re.compile(r"text/.*|.*/(javascript|json|xml)|image/svg\+xml")
_REFERENCE = re.compile(rb"""url\(["']?([\w./-]+)["']?\)""")
_FOREVER = b"public, max-age=31536000, immutable"
_ASK_EACH_TIME = b"no-cache"
_AN_HOUR = b"public, max-age=3600, stale-while-revalidate=86400"
_FOR_ANY_ORIGIN = ((b"access-control-allow-origin", b"*"), (b"cross-origin-resource-policy", b"cross-origin"))
_TYPESCRIPT = "text/plain"
"""What `.ts` is to readers; by name it would be a film (MPEG-2 transport stream)."""
_NOT_FOUND = b"not found\n"


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    gzipped: bytes | None
    media_type: bytes
    tag: bytes


class StaticFiles:
    """An ASGI app that serves the files of `folders` below `prefix`, under a name with their content's hash or without.

    The hashed name may be cached for ever; the plain name is asked for anew each time (`ETag`). Styles may refer to
    other files by plain relative name (`url(icons.svg)`): it is replaced by the hashed one. Files `for_any_origin` may
    be used by pages of others, which know them by their plain names: those are kept for an hour.
    """

    def __init__(self, folders: Sequence[Path], prefix: str = "/static", *, for_any_origin: bool = False) -> None:
        self.prefix = prefix.rstrip("/")
        self._more = _FOR_ANY_ORIGIN if for_any_origin else ()
        bodies = _read(folders)
        self._hashed = {name: _hashed_name(name, body) for name, body in bodies.items() if not name.endswith(".css")}
        styles = {name: _with_hashed(body, self._hashed) for name, body in bodies.items() if name.endswith(".css")}
        self._hashed |= {name: _hashed_name(name, body) for name, body in styles.items()}
        self._files: dict[str, tuple[_File, bytes]] = {}
        for name, body in (bodies | styles).items():
            file = _file(name, body)
            self._files[self._hashed[name]] = (file, _FOREVER)
            self._files[name] = (file, _AN_HOUR if for_any_origin else _ASK_EACH_TIME)

    def url(self, name: str) -> str:
        """The address of a file, from its plain name (`tillway.css`). Raises KeyError for a file that is not there."""
        return f"{self.prefix}/{self._hashed[name]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._files.get(_name_in(scope, self.prefix))
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, _NOT_FOUND, ((b"allow", b"GET, HEAD"),))
        elif found is None:
            await _answer(send, 404, _NOT_FOUND, ())
        else:
            await _serve(send, scope, *found, self._more)


def _read(folders: Sequence[Path]) -> dict[str, bytes]:
    bodies: dict[str, bytes] = {}
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            if name in bodies:
                raise ValueError(f"two static files are called {name}")
            if path.stat().st_size > LARGEST_FILE:
                raise ValueError(f"{name} is too large to be kept in memory")
            bodies[name] = path.read_bytes()
    return bodies


def _hashed_name(name: str, body: bytes) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{sha256(body).hexdigest()[:12]}{dot}{suffix}"


def _with_hashed(style: bytes, hashed: Mapping[str, str]) -> bytes:
    return _REFERENCE.sub(lambda match: f'url("{hashed[match[1].decode()]}")'.encode(), style)


def _file(name: str, body: bytes) -> _File:
    media_type = _TYPESCRIPT if name.endswith(".ts") else guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 9, mtime=0)
    compressible = _COMPRESSIBLE.fullmatch(media_type) is not None
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return _File(
        body=body,
        gzipped=packed if compressible and len(packed) < len(body) else None,
        media_type=f"{media_type}{charset}".encode(),
        tag=f'"{sha256(body).hexdigest()[:24]}"'.encode(),
    )


def _name_in(scope: Scope, prefix: str) -> str:
    path: str = scope["path"]
    root = path.find(f"{prefix}/")
    return path[root + len(prefix) + 1 :] if root >= 0 else path.lstrip("/")


async def _serve(send: Send, scope: Scope, file: _File, caching: bytes, more: Sequence[tuple[bytes, bytes]]) -> None:
    asked: dict[bytes, bytes] = dict(scope["headers"])
    headers = (
        (b"content-type", file.media_type),
        (b"cache-control", caching),
        (b"etag", file.tag),
        (b"vary", b"accept-encoding"),
        (b"x-content-type-options", b"nosniff"),
        *more,
    )
    if file.tag in asked.get(b"if-none-match", b""):
        await _answer(send, 304, b"", headers)
        return
    body = file.body
    if file.gzipped is not None and b"gzip" in asked.get(b"accept-encoding", b""):
        body = file.gzipped
        headers = (*headers, (b"content-encoding", b"gzip"))
    length = (b"content-length", str(len(body)).encode())
    await _answer(send, 200, b"" if scope["method"] == "HEAD" else body, (*headers, length))


async def _answer(send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
