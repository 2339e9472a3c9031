"""The file that shows that a domain still leads to Kassa, once its organisation has proven it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kassa.organizations.domain.domain_proof import format_proof
from kassa.organizations.queries import find_verified_domain
from kassa.storefront.shops import shop_here


@require_safe
def show_domain_file(request: HttpRequest) -> HttpResponse:
    """Answer with the token of the organisation whose proven domain the request came by.

    An unproven domain gets none: otherwise whoever names a domain that leads here would have proven it.
    """
    shop = shop_here()
    domain = find_verified_domain(shop.organization_id) if shop else None
    if domain is None:
        raise Http404
    return HttpResponse(f"{format_proof(domain.token)}\n", content_type="text/plain; charset=utf-8")
