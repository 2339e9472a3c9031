from __future__ import annotations

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from kassa.storefront.account.views.clerk import sign_in
from kassa.storefront.account.views.codes import (
    enter_password_code,
    enter_sign_in_code,
    request_password_code,
    request_sign_in_code,
    sign_out,
)
from kassa.storefront.account.views.confirm import ConfirmByCode
from kassa.storefront.account.views.find_order import find_order
from kassa.storefront.account.views.lists import show_activity, show_orders, show_tickets
from kassa.storefront.account.views.organizations import show_invitation, show_organizations
from kassa.storefront.account.views.person import erase, export, show_person
from kassa.storefront.account.views.sign_up import confirm_address, sign_up, sign_up_by_passkey

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
    path("find-order/", find_order, name="account_find_order"),
    path("logout/", sign_out, name="account_logout"),
    path("signup/", sign_up, name="account_signup"),
    path("signup/passkey/", sign_up_by_passkey, name="account_signup_by_passkey"),
    path("confirm-email/", confirm_address, name="account_email_verification_sent"),
    path("login/code/", request_sign_in_code, name="account_request_login_code"),
    path("login/code/confirm/", enter_sign_in_code, name="account_confirm_login_code"),
    path("password/reset/", request_password_code, name="account_reset_password"),
    path("password/reset/confirm/", enter_password_code, name="account_confirm_password_reset_code"),
    path("", include("allauth.urls")),
]
