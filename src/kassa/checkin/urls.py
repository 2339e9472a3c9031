"""The scanner's addresses."""

from __future__ import annotations

from django.urls import path

from kassa.checkin.views import manifest, scanner, service_worker

app_name = "checkin"
urlpatterns = [
    path("", scanner, name="scanner"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("sw.js", service_worker, name="service_worker"),
]
