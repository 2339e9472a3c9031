"""The addresses of what people look at before they buy."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.resolvers import URLPattern, URLResolver

from kassa.storefront.shop.addresses import NamedIdConverter
from kassa.storefront.shop.event_page import event_page

register_converter(NamedIdConverter, "named_id")

app_name = "shop"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<slug:slug>/events/<named_id:event_id>", event_page, name="event"),
]
