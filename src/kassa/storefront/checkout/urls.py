from __future__ import annotations

from django.urls.resolvers import URLPattern, URLResolver

app_name = "checkout"
urlpatterns: list[URLPattern | URLResolver] = []
