"""Where what Kassa knows of a buyer may stand: every column, and what becomes of it when they are erased.

A test fills every table, looks for the person in every column there is, and compares with this list.
"""

from __future__ import annotations

NOBODY = "nobody@erased.invalid"
"""Stands where an e-mail address has to; nothing is ever sent there."""

ERASED: dict[str, tuple[str, ...]] = {
    "account_emailaddress": ("email",),
    "account_emailconfirmation": (),
    "core_idempotentanswer": ("body",),
    "core_outboxevent": ("envelope",),
    "demo_bank_demopayment": ("customer_email",),
    "identity_accountsecurityevent": ("user_agent",),
    "identity_invitation": ("email", "name"),
    "identity_linkedidentity": ("subject",),
    "identity_securityevent": ("user_agent",),
    "identity_user": ("email", "name", "password", "avatar"),
    "mfa_authenticator": ("data",),
    "notifications_message": ("recipient", "recipient_name", "subject", "text", "html", "facts", "error"),
    "notifications_suppressedaddress": ("address",),
    "orders_couponusage": ("customer_key",),
    "orders_limituse": ("customer_key",),
    "orders_order": (
        "customer_key",
        "customer_reference",
        "customer_email",
        "customer_first_name",
        "customer_last_name",
        "customer_phone",
        "customer_address",
        "answers",
        "notes",
        "shipping_address",
        "billing_address",
        "cancellation_reason",
    ),
    "orders_orderhistory": ("notes",),
    "orders_orderitem": ("metadata",),
    "orders_ticket": (
        "attendee_first_name",
        "attendee_last_name",
        "attendee_email",
        "attendee_phone",
        "attendee_fields",
        "booking_key",
        "transferred_from",
        "transferred_to",
    ),
    "orders_upload": ("name", "content"),
    "payments_webhookevent": ("body",),
    "sales_cart": ("customer",),
    "sales_cartitem": ("metadata",),
    "socialaccount_socialaccount": ("uid", "extra_data"),
    "tickets_transfer": ("from_name", "from_email", "to_name", "to_email", "message"),
    "usersessions_usersession": ("user_agent",),
}
"""Emptied, made unrecognisable or deleted."""

KEPT: dict[str, tuple[str, ...]] = {
    "invoices_invoice": ("snapshot",),
}
"""Kept as it is, since the law wants invoices with the name and address of who bought."""
