"""The addresses of what people look at before they buy."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.resolvers import URLPattern, URLResolver

from kassa.storefront.account.views.find_order import find_order_in_shop
from kassa.storefront.shop.addresses import NamedIdConverter, ShopSlugConverter
from kassa.storefront.shop.calendar_files import calendar_feed, event_file
from kassa.storefront.shop.event_page import event_page
from kassa.storefront.shop.home_page import home_page
from kassa.storefront.shop.month_page import month_page
from kassa.storefront.shop.platform_pages import favicon, front_page, robots, sitemap, sitemap_index
from kassa.storefront.shop.product_page import product_page, products_page
from kassa.storefront.shop.trips_page import trips_page

register_converter(NamedIdConverter, "named_id")
register_converter(ShopSlugConverter, "shop")

app_name = "shop"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", front_page, name="front"),
    path("favicon.ico", favicon, name="favicon"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap_index, name="sitemap_index"),
    path("<shop:slug>", home_page, name="home_without_slash"),
    path("<shop:slug>/", home_page, name="home"),
    path("<shop:slug>/sitemap.xml", sitemap, name="sitemap"),
    path("<shop:slug>/calendar", month_page, name="month"),
    path("<shop:slug>/calendar.ics", calendar_feed, name="calendar_feed"),
    path("<shop:slug>/find-order", find_order_in_shop, name="find_order"),
    path("<shop:slug>/trips", trips_page, name="trips"),
    path("<shop:slug>/products", products_page, name="products"),
    path("<shop:slug>/products/<named_id:product_id>", product_page, name="product"),
    path("<shop:slug>/events/<named_id:event_id>", event_page, name="event"),
    path("<shop:slug>/events/<named_id:event_id>/event.ics", event_file, name="event_file"),
]
