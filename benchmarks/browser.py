"""A browser without a screen: keeps one connection and its cookies, follows redirects, reads forms.

A thousand of them run in one thread, because they share the machine with what they ask.
"""

from __future__ import annotations

import asyncio
import gzip
import html
import re
import time
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

PATIENCE = 60.0
"""Seconds until an answer counts as lost."""
TOLD = re.compile(
    r'<p class="(?:error|problem)"(?![^>]* hidden)[^>]*>(.*?)</p>'
    r'|<div class="problem"[^>]*>(.*?)</div>',
    re.DOTALL,
)
TAG = re.compile(r"<[^>]+>")
FIELDS = re.compile(r"<(?:input|select|button)\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


@dataclass(slots=True)
class Answer:
    """What came back in the end, and where it was."""

    status: int
    path: str
    text: str
    etag: str


@dataclass(slots=True)
class Told:
    """What all browsers were answered."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By step and status."""
    latencies: defaultdict[str, array[float]] = field(default_factory=lambda: defaultdict(lambda: array("d")))
    """In seconds, by step."""
    bytes: int = 0


class Browser:
    """One visitor."""

    def __init__(self, port: int, told: Told) -> None:
        self._port = port
        self._told = told
        self._cookies: dict[str, str] = {}
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def get(self, step: str, path: str, *, etag: str = "") -> Answer:
        return await self._go(step, "GET", path, b"", etag)

    async def post(self, step: str, path: str, fields: list[tuple[str, str]]) -> Answer:
        return await self._go(step, "POST", path, urlencode(fields).encode(), "")

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _go(self, step: str, method: str, path: str, body: bytes, etag: str) -> Answer:
        for _ in range(6):
            started = time.perf_counter()
            status, headers, content = await asyncio.wait_for(self._ask(method, path, body, etag), PATIENCE)
            self._told.latencies[step].append(time.perf_counter() - started)
            self._told.statuses[step, status] += 1
            if status not in (301, 302, 303, 307, 308):
                return Answer(status, path, content, headers.get("etag", ""))
            target = urlsplit(urljoin(path, headers["location"]))
            path = f"{target.path}?{target.query}" if target.query else target.path
            if status not in (307, 308):
                method, body, etag = "GET", b"", ""
        raise RecursionError(path)

    async def _ask(self, method: str, path: str, body: bytes, etag: str) -> tuple[int, dict[str, str], str]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        assert self._reader is not None
        self._writer.write(self._request(method, path, body, etag))
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in head[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                self._keep(value)
            elif name:
                headers[name.lower()] = value
        status = int(head[0].split(" ", 2)[1])
        if headers.get("transfer-encoding") == "chunked":
            content = await self._read_chunks(self._reader)
        else:
            length = 0 if status == 304 else int(headers.get("content-length", 0))
            content = await self._reader.readexactly(length)
        self._told.bytes += len(content)
        if headers.get("connection") == "close":
            await self.close()
        if headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return status, headers, content.decode(errors="replace")

    def _request(self, method: str, path: str, body: bytes, etag: str) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Accept-Encoding: gzip",
            "Accept-Language: en",
        ]
        if self._cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        if etag:
            lines.append(f"If-None-Match: {etag}")
        if method == "POST":
            lines.append(f"Origin: http://127.0.0.1:{self._port}")
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    async def _read_chunks(self, reader: asyncio.StreamReader) -> bytes:
        parts = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(parts)

    def _keep(self, cookie: str) -> None:
        name, _, value = cookie.partition(";")[0].partition("=")
        self._cookies[name] = value


def said(text: str) -> str:
    """Return the first thing that a page says is wrong."""
    found = TOLD.search(text)
    return " ".join(html.unescape(TAG.sub(" ", found[1] or found[2])).split()) if found else ""


def fields_of(text: str) -> dict[str, str]:
    """Return what a form on a page would send untouched: hidden, chosen and first fields, without buttons."""
    found: dict[str, str] = {}
    for tag in FIELDS.findall(text):
        given = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(tag)}
        name, kind = given.get("name"), given.get("type", "text")
        if not name or tag.startswith("<button") or "disabled" in given:
            continue
        if kind not in ("radio", "checkbox"):
            found.setdefault(name, given.get("value", ""))
        elif "checked" in given:
            found[name] = given.get("value", "on")
    return found
