"""How pages write e-mail addresses."""

from __future__ import annotations

from django import template

from kassa.core.email_addresses import display_email

register = template.Library()
register.filter("readable_email", display_email)
