"""``/wallet-accounts``: what an organisation signs passes with."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Path, Router, Status

from kassa.api.auth import Requires
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.ticket_document_schemas import WalletAccountIn, WalletAccountOut, WalletAccountsOut
from kassa.api.versions import expected_version, show_version
from kassa.core.errors import ChangedMeanwhile, NotFound
from kassa.core.permissions import Permission
from kassa.tickets.domain.wallet_accounts import (
    WalletView,
    configure_wallet,
    remove_wallet,
    wallet_view,
    wallet_views,
)
from kassa.tickets.enums import WalletKind

router = Router(tags=["Wallet accounts"])

Wallet = Annotated[str, Path(examples=["apple"], max_length=20)]


@router.get(
    "/wallet-accounts",
    response=WalletAccountsOut,
    auth=Requires(Permission.ORGANIZATION_READ),
    openapi_extra=reading(),
    summary="List wallet accounts",
)
def list_accounts(request: ApiRequest) -> dict[str, Any]:
    """List both wallets, and how each is set up."""
    return {"items": [_show(view) for view in wallet_views(request.auth.organization_id)]}


@router.get(
    "/wallet-accounts/{wallet}",
    response=WalletAccountOut,
    auth=Requires(Permission.ORGANIZATION_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a wallet account",
)
def read_account(request: ApiRequest, wallet: Wallet) -> dict[str, Any]:
    """How one wallet is set up. Secrets never come back."""
    return _show_one(request, wallet_view(request.auth.organization_id, _kind(wallet)))


@router.put(
    "/wallet-accounts/{wallet}",
    response=WalletAccountOut,
    auth=Requires(configure_wallet),
    openapi_extra=writing(NotFound, ChangedMeanwhile),
    summary="Set up a wallet",
)
def configure(request: ApiRequest, wallet: Wallet, payload: WalletAccountIn) -> dict[str, Any]:
    """Set a wallet up or change it. Keys and certificates have to fit together, and are kept encrypted."""
    view = configure_wallet(
        command_context(request),
        _kind(wallet),
        configuration=payload.configuration,
        secrets=payload.secrets,
        expected=expected_version(request),
    )
    return _show_one(request, view)


@router.delete(
    "/wallet-accounts/{wallet}",
    response={204: None},
    auth=Requires(remove_wallet),
    openapi_extra=writing(NotFound),
    summary="Remove a wallet account",
)
def remove(request: ApiRequest, wallet: Wallet) -> Status[None]:
    """Forget an account and its secrets. Passes that were handed out stay as they are."""
    remove_wallet(command_context(request), _kind(wallet))
    return Status(204, None)


def _kind(name: str) -> WalletKind:
    """Return the wallet of a name.

    Raises:
        NotFound: there is no such wallet.
    """
    if name not in WalletKind.values:
        raise NotFound("There is no such wallet. There are apple and google.")
    return WalletKind(name)


def _show_one(request: ApiRequest, view: WalletView) -> dict[str, Any]:
    show_version(request, view)
    return _show(view)


def _show(view: WalletView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in WalletAccountOut.model_fields}
