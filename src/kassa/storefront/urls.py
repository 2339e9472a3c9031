"""The addresses of secret links."""

from __future__ import annotations

from django.urls import path

from kassa.organizations.domain.domain_proof import FILE_PATH
from kassa.storefront.views import files, papers, returns
from kassa.storefront.views.domain_file import show_domain_file
from kassa.storefront.views.orders import show_order
from kassa.storefront.views.tickets import show_ticket
from kassa.storefront.views.transfers import show_transfer
from kassa.storefront.views.unsubscribe import show_unsubscribe

app_name = "storefront"
urlpatterns = [
    path("orders/<str:token>", show_order, name="order"),
    path("orders/<str:token>/tickets.pdf", files.order_pdf, name="order_pdf"),
    path("orders/<str:token>/calendar.ics", files.order_calendar, name="order_calendar"),
    path("orders/<str:token>/invoice.pdf", papers.invoice, name="invoice"),
    path("orders/<str:token>/credit-notes/<uuid:refund_id>.pdf", papers.credit_note, name="credit_note"),
    path("orders/<str:token>/return", returns.return_tickets, name="return"),
    path("orders/<str:token>/cancel", returns.cancel, name="cancel"),
    path("tickets/<str:token>", show_ticket, name="ticket"),
    path("tickets/<str:token>/qr.png", files.ticket_qr, name="ticket_qr"),
    path("tickets/<str:token>/ticket.pdf", files.ticket_pdf, name="ticket_pdf"),
    path("tickets/<str:token>/calendar.ics", files.ticket_calendar, name="ticket_calendar"),
    path("tickets/<str:token>/pass.pkpass", files.ticket_pass, name="ticket_pass"),
    path("tickets/<str:token>/google-wallet", files.ticket_google, name="ticket_google"),
    path(FILE_PATH.lstrip("/"), show_domain_file),
    path("unsubscribe/<str:token>", show_unsubscribe, name="unsubscribe"),
    path("transfers/<str:token>", show_transfer, name="transfer"),
]
