"""The addresses of waiting rooms."""

from __future__ import annotations

from django.urls import path

from kassa.storefront.waiting.forms import enter_shop, take_place
from kassa.storefront.waiting.now import show_now
from kassa.storefront.waiting.pages import show_line, show_room

app_name = "waiting"
urlpatterns = [
    path("<slug:slug>/<uuid:event_id>/now", show_now, name="now"),
    path("<slug:slug>/<uuid:event_id>", show_room, name="room"),
    path("<slug:slug>/<uuid:event_id>/line", show_line, name="line"),
    path("<slug:slug>/<uuid:event_id>/place", take_place, name="place"),
    path("<slug:slug>/<uuid:event_id>/entry", enter_shop, name="entry"),
]
