"""The addresses of what makes a shop look like its organisation's."""

from __future__ import annotations

from django.urls import path

from kassa.storefront.look.color_views import colors
from kassa.storefront.look.logo_views import mark
from kassa.storefront.look.picture_views import show_picture
from kassa.storefront.look.preview_views import preview

app_name = "look"
urlpatterns = [
    path("pictures/<uuid:picture_id>.<str:extension>", show_picture, name="picture"),
    path("<shop:slug>/colors.css", colors, name="colors"),
    path("<shop:slug>/logo.png", mark, name="mark"),
    path("<shop:slug>/events/<named_id:event_id>/preview.png", preview, name="preview"),
]
