"""The addresses of secret links."""

from __future__ import annotations

from django.urls import path

from kassa.organizations.domain.domain_proof import FILE_PATH
from kassa.storefront.links.unsubscribe import show_unsubscribe
from kassa.storefront.orders import invoice_views, return_views
from kassa.storefront.orders.views import show_order
from kassa.storefront.shop.domain_file import show_domain_file
from kassa.storefront.tickets import file_views
from kassa.storefront.tickets.views import show_ticket
from kassa.storefront.transfers.views import show_transfer

app_name = "storefront"
urlpatterns = [
    path("orders/<str:token>", show_order, name="order"),
    path("orders/<str:token>/tickets.pdf", file_views.order_pdf, name="order_pdf"),
    path("orders/<str:token>/calendar.ics", file_views.order_calendar, name="order_calendar"),
    path("orders/<str:token>/invoice.pdf", invoice_views.invoice, name="invoice"),
    path(
        "orders/<str:token>/credit-notes/<uuid:refund_id>.pdf", invoice_views.credit_note, name="credit_note"
    ),
    path("orders/<str:token>/return", return_views.return_tickets, name="return"),
    path("orders/<str:token>/cancel", return_views.cancel, name="cancel"),
    path("tickets/<str:token>", show_ticket, name="ticket"),
    path("tickets/<str:token>/qr.png", file_views.ticket_qr, name="ticket_qr"),
    path("tickets/<str:token>/ticket.pdf", file_views.ticket_pdf, name="ticket_pdf"),
    path("tickets/<str:token>/calendar.ics", file_views.ticket_calendar, name="ticket_calendar"),
    path("tickets/<str:token>/pass.pkpass", file_views.ticket_pass, name="ticket_pass"),
    path("tickets/<str:token>/google-wallet", file_views.ticket_google, name="ticket_google"),
    path(FILE_PATH.lstrip("/"), show_domain_file),
    path("unsubscribe/<str:token>", show_unsubscribe, name="unsubscribe"),
    path("transfers/<str:token>", show_transfer, name="transfer"),
]
