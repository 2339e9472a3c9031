"""The scanner's page, its service worker and its manifest. All else it does over the API."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from kassa.checkin.shell import files, version
from kassa.web.headers import HIDDEN_ADDRESS, NOWHERE, OWN, POLICY, build_policy, set_headers

HEADERS = {
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
DARK = "#0d1211"


@require_safe
def scanner(request: HttpRequest) -> HttpResponse:
    """Show the page, which is the same for everybody: what is secret stays behind ``#`` and on the phone."""
    return _with_headers(render(request, "checkin/index.html"))


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Answer the program that keeps the scanner on the phone."""
    page = reverse("checkin:scanner")
    context = {
        "version": version(),
        "page": page,
        "files": json.dumps([page, reverse("checkin:manifest"), *files()]),
    }
    return _with_headers(render(request, "checkin/sw.js", context, content_type="text/javascript"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Say how the scanner looks among a phone's apps."""
    page = reverse("checkin:scanner")
    icon = {"type": "image/png", "purpose": "any"}
    return _with_headers(
        JsonResponse(
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
    )


def _with_headers(response: HttpResponse) -> HttpResponse:
    set_headers(response, HEADERS)
    return response
