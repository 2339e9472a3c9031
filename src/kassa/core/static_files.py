"""Static files, served from memory: compressed, and kept by browsers for good.

Each app's files share one version, which stands in their addresses as a folder:
``/static/3f9c0a1b2c4d5e6f/storefront/shop.css``. So the relative addresses inside style sheets and scripts
lead to files of the same version, and nothing has to be rewritten, collected or prepared before a start.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from mimetypes import MimeTypes
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"
VERSIONED = re.compile(r"([0-9a-f]{16})/")
ACCEPTS_GZIP = re.compile(r"\bgzip\b")
TEXTS = re.compile(r"text/|[^;]*(?:javascript|json|xml|wasm)")
TYPES = MimeTypes()  # the system's own lists, which differ from machine to machine, are not read
for _ending, _kind in (
    (".js", "text/javascript"),
    (".mjs", "text/javascript"),
    (".map", "application/json"),
    (".webp", "image/webp"),
    (".woff2", "font/woff2"),
):
    TYPES.add_type(_kind, _ending)

Answer = Callable[[HttpRequest], HttpResponseBase]


class VersionedFiles(StaticFilesStorage):
    """Where ``{% static %}`` finds the addresses of files."""

    def url(self, name: str | None) -> str:
        """Return a file's address, with the version."""
        return super().url(f"{version(_app(name or ''))}/{name}")


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent of one file."""

    content: bytes
    etag: str


@cache
def files() -> Mapping[str, Path]:
    """Return every static file by its name; where two apps have the same name, the first one's."""
    found: dict[str, Path] = {}
    for finder in get_finders():
        for name, storage in finder.list([]):
            found.setdefault(name, Path(storage.path(name)))
    return found


@cache
def version(app: str) -> str:
    """Return what changes whenever any file in an app's folder does."""
    whole = hashlib.blake2b(digest_size=8)
    for name, path in sorted(files().items()):
        if _app(name) == app:
            content = path.read_bytes()
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def serve_static_files(get_response: Answer) -> Answer:
    """Answer the addresses of static files."""
    prefix = settings.STATIC_URL

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(prefix):
            return _answer_file(request, request.path_info.removeprefix(prefix)) or get_response(request)
        return get_response(request)

    return answer


def _answer_file(request: HttpRequest, asked: str) -> HttpResponseBase | None:
    """Return a file; None: there is none of this name.

    Who asks for another version, in a page from before an update or of another server, gets what is there,
    which must not be kept under that address.
    """
    named = VERSIONED.match(asked)
    name = asked[named.end() :] if named else asked
    path = files().get(name)
    if path is None:
        return None
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    kind = _type(name)
    wants_gzip = bool(ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")))
    compressed = _compressed(path) if wants_gzip and TEXTS.match(kind) else None
    body = compressed or _plain(path)
    response = HttpResponse(b"" if request.method == "HEAD" else body.content, content_type=kind)
    response["Content-Length"] = str(len(body.content))
    if compressed:
        response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = FOR_GOOD if named and named[1] == version(_app(name)) else FOR_A_MINUTE
    response["ETag"] = body.etag
    response["Vary"] = "Accept-Encoding"
    response["X-Content-Type-Options"] = "nosniff"
    # Modules and fonts in the page of another host, for what organisers put into their own websites.
    response["Access-Control-Allow-Origin"] = "*"
    return get_conditional_response(request, etag=body.etag, response=response)


def _app(name: str) -> str:
    return name.partition("/")[0]


@cache
def _type(name: str) -> str:
    kind = TYPES.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if TEXTS.match(kind) and kind != "application/wasm" else kind


@cache
def _plain(path: Path) -> Body:
    content = path.read_bytes()
    return Body(content, f'"{hashlib.blake2b(content, digest_size=8).hexdigest()}"')


@cache
def _compressed(path: Path) -> Body | None:
    """Return a file compressed; None: that would not make it smaller."""
    plain = _plain(path)
    content = gzip.compress(plain.content, 9, mtime=0)
    return Body(content, f'{plain.etag[:-1]}-gzip"') if len(content) < len(plain.content) else None
