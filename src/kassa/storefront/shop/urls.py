from __future__ import annotations

from django.urls.resolvers import URLPattern, URLResolver

app_name = "shop"
urlpatterns: list[URLPattern | URLResolver] = []
