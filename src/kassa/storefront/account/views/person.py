"""What Kassa keeps of a person: shown, changed, handed out, erased."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kassa.core.clock import utc_now
from kassa.identity.domain.people import change_person
from kassa.identity.models import User
from kassa.privacy.erase import erase_person
from kassa.privacy.errors import OnlyOwner, OrdersUnderWay
from kassa.privacy.export import export_person
from kassa.storefront.account.confirm import confirm_first, has_confirmed
from kassa.storefront.account.forms import PersonForm
from kassa.storefront.account.views.pages import person_page, show_account
from kassa.web.language import remember_language


@person_page("GET", "HEAD", "POST")
def show_person(request: HttpRequest, user: User) -> HttpResponse:
    """Show what the account says of the person, or change it."""
    initial = {"name": user.name, "language": user.language or ""}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        language = form.cleaned_data["language"] or None
        change_person(user, name=form.cleaned_data["name"], language=language)
        messages.success(request, _("Saved."))
        response = HttpResponseRedirect(request.path)
        remember_language(response, language)
        return response
    addresses = EmailAddress.objects.filter(user=user).order_by("-primary", "email")
    context = {"form": form, "addresses": addresses}
    return show_account(request, "person", context, status=422 if form.errors else 200)


@person_page("GET", "HEAD", "POST")
def export(request: HttpRequest, user: User) -> HttpResponse:
    """Hand out all that is known of the person, who has to have shown lately that it is them."""
    if not has_confirmed(request, user):
        return confirm_first(request, "account_person")
    if request.method != "POST":
        return HttpResponseRedirect(reverse("account_person"))
    packed = export_person(user, now=utc_now())
    disposition = 'attachment; filename="kassa-data.zip"'
    return HttpResponse(packed, content_type="application/zip", headers={"Content-Disposition": disposition})


@person_page("GET", "HEAD", "POST")
def erase(request: HttpRequest, user: User) -> HttpResponse:
    """Say what erasing means, and do it for who has shown lately that it is them and is sure."""
    if not has_confirmed(request, user):
        return confirm_first(request, "account_erase")
    if request.method != "POST" or request.POST.get("sure") != "yes":
        return show_account(request, "erase", {})
    try:
        erase_person(user, now=utc_now())
    except OrdersUnderWay as error:
        problem = _("These orders have not been paid or shipped yet: %(orders)s.") % {
            "orders": ", ".join(error.numbers)
        }
        return show_account(request, "erase", {"problem": problem}, status=error.status)
    except OnlyOwner as error:
        problem = _("You are the only owner of %(organizations)s. Hand over to another member first.") % {
            "organizations": ", ".join(error.organizations)
        }
        return show_account(request, "erase", {"problem": problem}, status=error.status)
    logout(request)
    return show_account(request, "erased", {})
