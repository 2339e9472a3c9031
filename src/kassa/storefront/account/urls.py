from __future__ import annotations

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from kassa.storefront.account.views.clerk import sign_in
from kassa.storefront.account.views.confirm import ConfirmByCode
from kassa.storefront.account.views.lists import show_activity, show_orders, show_tickets
from kassa.storefront.account.views.organizations import show_invitation, show_organizations
from kassa.storefront.account.views.person import erase, export, show_person

urlpatterns: list[URLPattern | URLResolver] = [
    path("", show_orders, name="account_orders"),
    path("tickets/", show_tickets, name="account_tickets"),
    path("activity/", show_activity, name="account_activity"),
    path("organizations/", show_organizations, name="account_organizations"),
    path("invitations/<str:token>/", show_invitation, name="account_invitation"),
    path("data/", show_person, name="account_person"),
    path("data/export", export, name="account_export"),
    path("data/erase", erase, name="account_erase"),
    path("clerk", sign_in, name="account_clerk"),
    path("confirm/", ConfirmByCode.as_view(), name="account_confirm"),
    path("", include("allauth.urls")),
]
