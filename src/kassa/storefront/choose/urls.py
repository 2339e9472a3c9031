from __future__ import annotations

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from kassa.storefront.choose.embed import find_event, send_script
from kassa.storefront.choose.live import show_availability, show_plan
from kassa.storefront.choose.product_views import choose_product, price_product
from kassa.storefront.choose.seat_list import show_seats
from kassa.storefront.choose.views import choose_of_event, price_event

app_name = "choose"
urlpatterns: list[URLPattern | URLResolver] = [
    path("embed.js", send_script, name="embed"),
    path("embed/<uuid:event_id>", find_event, name="embedded"),
    path("<shop:slug>/events/<named_id:event_id>/availability", show_availability, name="availability"),
    path("<shop:slug>/events/<named_id:event_id>/seats.json", show_plan, name="plan"),
    path("<shop:slug>/events/<named_id:event_id>/seats", show_seats, name="seats"),
    path("<shop:slug>/events/<named_id:event_id>/choose", choose_of_event, name="choose"),
    path("<shop:slug>/events/<named_id:event_id>/price", price_event, name="price"),
    path("<shop:slug>/products/<named_id:product_id>/choose", choose_product, name="choose-product"),
    path("<shop:slug>/products/<named_id:product_id>/price", price_product, name="price-product"),
]
