"""The page on which a person confirms by a code that it is them, and then goes on where they were."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.views import BaseReauthenticateView
from allauth.core import ratelimit
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator

from kassa.identity.models import User
from kassa.storefront.account.confirm import enter_confirm_code, is_confirm_code_sent, send_confirm_code
from kassa.storefront.account.forms import CodeForm


@method_decorator(login_required, name="dispatch")
class ConfirmByCode(BaseReauthenticateView):
    form_class = CodeForm
    template_name = "accounts/code_again.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a code, or take one."""
        if request.POST.get("do") != "send":
            return cast("HttpResponse", super().post(request, *args, **kwargs))
        refused: HttpResponse | None = ratelimit.consume_or_429(
            request, action="request_login_code", key=self._user.email
        )
        if refused is None:
            send_confirm_code(request, self._user)
            return HttpResponseRedirect(self.passthrough_next_url(request.path))
        return refused

    def form_valid(self, form: CodeForm) -> HttpResponse:
        """Go on with what was asked for, if the code is right."""
        if not enter_confirm_code(self.request, self._user, form.cleaned_data["code"]):
            form.add_error("code", form.wrong)
            return cast("HttpResponse", self.form_invalid(form))
        return resume_request(self.request) or HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_sent = is_confirm_code_sent(self.request, self._user)
        return {**super().get_context_data(**kwargs), "email": self._user.email, "is_sent": is_sent}

    @property
    def _user(self) -> User:
        return cast("User", self.request.user)
