"""How the forms of allauth are shown: Kassa's fields, labels that stay, and nothing in place of them."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField, Form
from django.utils.translation import gettext_lazy as _

register = template.Library()

ADDRESS = _("E-mail address")
NAME = _("Name")
HINTS: dict[str, dict[str, str]] = {
    "code": {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    "email": {"autocomplete": "username", "inputmode": "email"},
    "login": {"autocomplete": "username", "inputmode": "email"},
}
"""What tells browsers and phones what to fill in."""


@register.inclusion_tag("accounts/_fields.html")
def fields(form: Form, *without: str) -> dict[str, Any]:
    """Show the fields of a form, but those that are named; hidden ones are the page's own matter."""
    shown = [field for field in form.visible_fields() if field.name not in without]
    return {"form": form, "fields": [_tidy(field) for field in shown]}


def _tidy(field: BoundField) -> BoundField:
    field.field.widget.attrs.pop("placeholder", None)
    field.field.widget.attrs.update(HINTS.get(field.name, {}))
    if field.name in ("email", "login"):
        field.label = str(ADDRESS)
    if field.name == "name" and field.field.label is None:
        field.label = str(NAME)
    # The help of allauth is a link in its own words; pages say them in ours.
    if field.name == "login" or "password" in field.name:
        field.help_text = ""
    return field


@register.filter
def device(user_agent: str) -> str:
    """Return a browser and a system as people call them; what is not known stands as it was sent."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return " · ".join(part for part in (browser, system) if part) or user_agent[:60] or "?"


BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
