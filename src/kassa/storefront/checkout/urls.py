"""The addresses of carts, of their checkout, and of paying an order."""

from __future__ import annotations

from django.urls import path

from kassa.storefront.checkout.pay_views import again, back, pay, prove
from kassa.storefront.checkout.views import cart, checkout

app_name = "checkout"
urlpatterns = [
    path("orders/<str:token>/pay", pay, name="pay"),
    path("orders/<str:token>/prove", prove, name="prove"),
    path("orders/<str:token>/back", back, name="back"),
    path("orders/<str:token>/again", again, name="again"),
    path("<shop:slug>/cart", cart, name="cart"),
    path("<shop:slug>/checkout/<str:token>", checkout, name="checkout"),
]
