"""The scanner's page, its service worker and its manifest. All else it does over the API."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse

from kassa.checkin.shell import files, version
from kassa.core.languages import Language
from kassa.web.headers import HIDDEN_ADDRESS, NOWHERE, OWN, POLICY, build_policy
from kassa.web.pages import PageFrame

DARK = "#0d1211"


class ScannerFrame(PageFrame):
    """The scanner's files: the same for everybody, in the language that the phone chooses by itself."""

    headers = {
        POLICY: build_policy(
            # WebAssembly is compiled, never made from text: the reader of QR codes.
            script_src=f"{OWN} 'wasm-unsafe-eval'",
            worker_src=OWN,
            style_src=OWN,
            img_src=OWN,
            connect_src=OWN,
            manifest_src=OWN,
            form_action=NOWHERE,
        ),
        **HIDDEN_ADDRESS,
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
        # Asked for anew each time, but not sent again if it is the same: a phone keeps its own copy anyway.
        "Cache-Control": "no-cache",
    }
    layout = "checkin/index.html"

    def resolve_language(self, request: HttpRequest) -> str:
        """Return English: the page says nothing itself."""
        return Language.ENGLISH


SCANNER = ScannerFrame()


@SCANNER.page()
def scanner(request: HttpRequest) -> HttpResponse:
    """Show the page, which is the same for everybody: what is secret stays behind ``#`` and on the phone."""
    return SCANNER.render(request, "checkin/index.html")


@SCANNER.page()
def service_worker(request: HttpRequest) -> HttpResponse:
    """Answer the program that keeps the scanner on the phone."""
    page = reverse("checkin:scanner")
    context = {
        "version": version(),
        "page": page,
        "files": json.dumps([page, reverse("checkin:manifest"), *files()]),
    }
    return render(request, "checkin/sw.js", context, content_type="text/javascript")


@SCANNER.page()
def manifest(request: HttpRequest) -> HttpResponse:
    """Say how the scanner looks among a phone's apps."""
    page = reverse("checkin:scanner")
    icon = {"type": "image/png", "purpose": "any"}
    return JsonResponse(
        {
            "id": page,
            "name": "Kassa door",
            "short_name": "Kassa door",
            "description": "Checks tickets at the door, with and without a network.",
            "start_url": page,
            "scope": page,
            "display": "standalone",
            "background_color": DARK,
            "theme_color": DARK,
            "icons": [
                {**icon, "src": static("checkin/icon-192.png"), "sizes": "192x192"},
                {**icon, "src": static("checkin/icon-512.png"), "sizes": "512x512"},
                {
                    **icon,
                    "src": static("checkin/icon-maskable-512.png"),
                    "sizes": "512x512",
                    "purpose": "maskable",
                },
                {"src": static("checkin/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            ],
        },
        content_type="application/manifest+json",
    )
