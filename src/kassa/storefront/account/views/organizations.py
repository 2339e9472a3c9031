"""The organisations a person works for: invitations answered, memberships ended, ownership handed over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext, build_context
from kassa.core.errors import KassaError, NotFound
from kassa.identity.domain.accept_invitation import (
    accept_invitation,
    decline_invitation,
    find_invitation,
    is_for,
    list_invitations_to,
)
from kassa.identity.domain.members import hand_over_ownership, leave_organization
from kassa.identity.enums import InvitationStatus, Role
from kassa.identity.errors import LastOwner
from kassa.identity.models import Invitation, Membership, User
from kassa.identity.queries import list_memberships, members_of
from kassa.storefront.account.confirm import confirm_first, has_confirmed
from kassa.storefront.account.roles import ROLES
from kassa.storefront.account.views.pages import person_page, show_account


@person_page("GET", "HEAD", "POST")
def show_organizations(request: HttpRequest, user: User) -> HttpResponse:
    """Show where a person works and is invited to; end a membership, hand over, or answer there."""
    problem, status = "", 200
    if request.method == "POST":
        if request.POST.get("do") == "hand_over" and not has_confirmed(request, user):
            return confirm_first(request, "account_organizations")
        try:
            messages.success(request, _act(request, user))
            return HttpResponseRedirect(request.path)
        except LastOwner as error:
            problem, status = _("You are the last owner. Hand over to another member first."), error.status
        except KassaError as error:
            problem, status = _("That is no longer possible."), error.status
    context = {
        "problem": problem,
        "invitations": [
            {"invitation": one, "role": ROLES[Role(one.role)]}
            for one in list_invitations_to(user, now=utc_now())
        ],
        "memberships": [_describe(member) for member in list_memberships(user)],
    }
    return show_account(request, "organizations", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def show_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link in a mail invites to, and take the answer.

    Declining takes the link alone. Accepting takes an account that has proven the invited address.
    """
    invitation = find_invitation(token)
    user = request.user if isinstance(request.user, User) else None
    may_accept = user is not None and is_for(invitation, user)
    is_open = invitation.status_at(utc_now()) == InvitationStatus.OPEN
    if request.method == "POST" and is_open:
        return _answer_link(request, invitation, user)
    way_on = urlencode({"next": request.path})
    context = {
        "invitation": invitation,
        "role": ROLES[Role(invitation.role)],
        "is_open": is_open,
        "may_accept": may_accept,
        "is_signed_in": user is not None,
        "address": invitation.email if may_accept else mask_address(invitation.email),
        "login_url": f"{reverse('account_login')}?{way_on}",
        "signup_url": f"{reverse('account_signup')}?{way_on}",
    }
    return show_account(request, "invitation", context, status=200 if is_open else 410)


def mask_address(email: str) -> str:
    """Return an address by which its owner recognises it, and nobody else learns it."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _answer_link(request: HttpRequest, invitation: Invitation, user: User | None) -> HttpResponse:
    organization_id = invitation.organization_id
    if request.POST.get("answer") == "decline":
        decline_invitation(build_context(Actor.buyer(organization_id)), invitation.id)
        return show_account(request, "invitation_declined", {"invitation": invitation})
    if user is None:
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    accept_invitation(_build_own_context(user, organization_id), invitation.id, user=user)
    messages.success(request, _joined(invitation))
    return HttpResponseRedirect(reverse("account_organizations"))


def _act(request: HttpRequest, user: User) -> str:
    """Do what a form of the page asks for; return what was done, as a sentence.

    Raises:
        KassaError: it is not possible, or not any more.
    """
    deed, now = request.POST.get("do"), utc_now()
    if deed == "leave":
        leave_organization(_build_own_context(user, _posted_id(request, "organization")), user=user)
        return _("You have left the organisation.")
    if deed == "hand_over":
        context = _build_own_context(user, _posted_id(request, "organization"))
        hand_over_ownership(context, user=user, to_member_id=_posted_id(request, "member"))
        return _("You have handed over, and are an administrator now.")
    wanted = _posted_id(request, "invitation")
    invitation = next((one for one in list_invitations_to(user, now=now) if one.id == wanted), None)
    if invitation is None:
        raise NotFound
    context = _build_own_context(user, invitation.organization_id)
    if deed == "accept":
        accept_invitation(context, invitation.id, user=user)
        return _joined(invitation)
    decline_invitation(context, invitation.id)
    return _("You have declined the invitation.")


def _build_own_context(user: User, organization_id: UUID) -> CommandContext:
    """Return the context of what a person does with their own membership, for which they need no right."""
    return build_context(Actor.member(organization_id, user.id, frozenset()))


def _joined(invitation: Invitation) -> str:
    return _("You are a member of %(organization)s now.") % {"organization": invitation.organization.name}


def _describe(member: Membership) -> dict[str, Any]:
    """Return a membership as the page shows it; an owner sees to whom they can hand over."""
    others: list[Membership] = []
    if member.role == Role.OWNER:
        others = list(members_of(member.organization_id).exclude(id=member.id).order_by("user__name", "id"))
    is_last_owner = member.role == Role.OWNER and all(other.role != Role.OWNER for other in others)
    return {
        "organization": member.organization,
        "role": ROLES[Role(member.role)],
        "since": member.created_at,
        "others": others,
        "is_last_owner": is_last_owner,
    }


def _posted_id(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError as error:
        raise NotFound from error
