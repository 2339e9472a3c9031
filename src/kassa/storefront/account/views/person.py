"""What Kassa keeps of a person: shown, changed, handed out, erased."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from kassa.identity.domain.people import change_person
from kassa.identity.models import User
from kassa.storefront.account.forms import PersonForm
from kassa.storefront.account.views.pages import person_page, show_account
from kassa.storefront.shop_pages import keep_language


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
        keep_language(response, language)
        return response
    addresses = EmailAddress.objects.filter(user=user).order_by("-primary", "email")
    context = {"form": form, "addresses": addresses}
    return show_account(request, "person", context, status=422 if form.errors else 200)
