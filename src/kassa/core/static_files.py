"""Static files, served from memory: compressed, and kept by browsers for good.

Each app's files share one version, which stands in their addresses as a folder:
``/static/3f9c0a1b2c4d5e6f/storefront/shop.css``. So the relative addresses inside style sheets and scripts
lead to files of the same version, and nothing has to be rewritten, collected or prepared before a start.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from mimetypes import MimeTypes
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from kassa.core.ready_response import ReadyResponse, make_ready

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"
VERSIONED = re.compile(r"([0-9a-f]{16})/")
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
    is_current = named is not None and named[1] == version(_app(name))
    response = _ready(name, path).answer(request, cache_control=FOR_GOOD if is_current else FOR_A_MINUTE)
    # Modules and fonts in the page of another host, for what organisers put into their own websites.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _app(name: str) -> str:
    return name.partition("/")[0]


@cache
def _type(name: str) -> str:
    kind = TYPES.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if TEXTS.match(kind) and kind != "application/wasm" else kind


@cache
def _ready(name: str, path: Path) -> ReadyResponse:
    kind = _type(name)
    return make_ready(path.read_bytes(), content_type=kind, is_text=TEXTS.match(kind) is not None)
