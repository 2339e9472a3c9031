"""The addresses of what makes a shop look like its organisation's."""

from __future__ import annotations

from django.urls import path

from kassa.storefront.views.colors import colors
from kassa.storefront.views.marks import mark
from kassa.storefront.views.pictures import show_picture
from kassa.storefront.views.previews import preview

app_name = "look"
urlpatterns = [
    path("pictures/<uuid:picture_id>.<str:extension>", show_picture, name="picture"),
    path("<shop:slug>/colors.css", colors, name="colors"),
    path("<shop:slug>/logo.png", mark, name="mark"),
    path("<shop:slug>/events/<named_id:event_id>/preview.png", preview, name="preview"),
]
