"""``/payment-providers``: where the organisation's customers can pay."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from ninja import Path, Router, Status

from kassa.api.auth import Requires
from kassa.api.ledger_schemas import ProviderIn, ProviderOut, ProvidersOut
from kassa.api.payment_schemas import ProviderName
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.core.errors import NotFound, StillInUse
from kassa.core.permissions import Permission
from kassa.payments.domain.accounts import (
    ProviderView,
    configure_provider,
    provider_accounts,
    remove_provider,
)
from kassa.payments.errors import ProviderUnknown

router = Router(tags=["Payment providers"])

Provider = Annotated[ProviderName, Path()]


@router.get(
    "/payment-providers",
    response=ProvidersOut,
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(),
    summary="List payment providers",
)
def list_providers(request: ApiRequest) -> dict[str, Any]:
    """List all providers there are, how each is set up, and at which a payment can be opened."""
    organization_id = request.auth.organization_id
    return {"items": [_show(view, organization_id) for view in provider_accounts(organization_id)]}


@router.put(
    "/payment-providers/{provider}",
    response=ProviderOut,
    auth=Requires(configure_provider),
    openapi_extra=writing(NotFound),
    summary="Set up a payment provider",
)
def configure(request: ApiRequest, provider: Provider, payload: ProviderIn) -> dict[str, Any]:
    """Set a provider up or change it. Secrets are kept encrypted and never come back."""
    try:
        view = configure_provider(
            command_context(request),
            provider,
            configuration=payload.configuration,
            secrets=payload.secrets,
            is_enabled=payload.is_enabled,
        )
    except ProviderUnknown as error:
        raise NotFound(error.detail) from error
    return _show(view, request.auth.organization_id)


@router.delete(
    "/payment-providers/{provider}",
    response={204: None},
    auth=Requires(remove_provider),
    openapi_extra=writing(NotFound, StillInUse),
    summary="Remove a payment provider",
    description="Forgets the account and its secrets. While money is under way there, or could still be "
    "given back, switch it off instead.",
)
def remove(request: ApiRequest, provider: Provider) -> Status[None]:
    remove_provider(command_context(request), provider)
    return Status(204, None)


def _show(view: ProviderView, organization_id: UUID) -> dict[str, Any]:
    return {
        **{
            name: getattr(view, name)
            for name in ProviderOut.model_fields.keys() - {"settings", "webhook_url"}
        },
        "settings": [asdict(setting) for setting in view.settings],
        "webhook_url": f"{settings.BASE_URL}/webhooks/{view.name}/{organization_id}",
    }
