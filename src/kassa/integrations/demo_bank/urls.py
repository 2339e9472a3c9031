"""The demo bank's addresses."""

from __future__ import annotations

from django.urls import path

from kassa.integrations.demo_bank.views import payment_page

app_name = "demo_bank"
urlpatterns = [path("pay/<str:reference>", payment_page, name="payment_page")]
