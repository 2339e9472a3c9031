"""What the roles of members are called on pages and in mails, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kassa.identity.enums import Role


@dataclass(frozen=True, slots=True)
class RoleText:
    """A role in words."""

    name: Promise
    duties: Promise


ROLES: dict[Role, RoleText] = {
    Role.OWNER: RoleText(_("Owner"), _("May do everything, and make others owners.")),
    Role.ADMIN: RoleText(_("Administrator"), _("May do everything but manage API keys.")),
    Role.MANAGER: RoleText(_("Manager"), _("Manages events, orders, money and check-in.")),
    Role.SUPPORT: RoleText(_("Support"), _("Helps buyers with orders, tickets and refunds.")),
    Role.ANALYST: RoleText(_("Analyst"), _("Reads orders and figures, and changes nothing.")),
}
