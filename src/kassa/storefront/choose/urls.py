from __future__ import annotations

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from kassa.storefront.choose.live import show_availability, show_plan
from kassa.storefront.choose.views import choose_of_event, price_event

app_name = "choose"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<slug:slug>/events/<named_id:event_id>/availability", show_availability, name="availability"),
    path("<slug:slug>/events/<named_id:event_id>/seats.json", show_plan, name="plan"),
    path("<slug:slug>/events/<named_id:event_id>/choose", choose_of_event, name="choose"),
    path("<slug:slug>/events/<named_id:event_id>/price", price_event, name="price"),
]
