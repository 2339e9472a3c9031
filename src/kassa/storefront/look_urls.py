"""The addresses of what makes a shop look like its organisation's."""

from __future__ import annotations

from django.urls import path

from kassa.storefront.views.colors import colors

app_name = "look"
urlpatterns = [
    path("<slug:slug>/colors.css", colors, name="colors"),
]
