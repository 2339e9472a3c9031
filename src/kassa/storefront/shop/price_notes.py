"""What is in a price, and what comes on top of it: said where the price is first seen."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from kassa.core.formatting import format_percent
from kassa.core.money import ZERO
from kassa.sales.domain.offers import SaleSettings
from kassa.sales.domain.taxes import ChargeTaxation, Tax
from kassa.storefront.formatting import amount_text, present_locale, tax_label


def tax_text(tax: Tax | None) -> str:
    """Return which tax a price contains, as it will be paid; empty: none is shown."""
    if tax is None:
        return ""
    return _("Includes %(tax)s") % {"tax": tax_label(tax.name, tax.rate)}


def extra_texts(settings: SaleSettings, currency: str, *, is_shippable: bool) -> tuple[str, ...]:
    """Return what is added to the prices of an order, once each."""
    return tuple(_extras(settings, currency, is_shippable))


def _extras(settings: SaleSettings, currency: str, is_shippable: bool) -> Iterator[str]:
    if is_shippable and settings.shipping_fee > ZERO:
        amount = " + ".join(
            [amount_text(settings.shipping_fee, currency), *_added(settings.shipping_taxation)]
        )
        yield _("plus %(amount)s shipping per order") % {"amount": amount}
    parts = []
    if settings.service_fee_percentage > ZERO:
        parts.append(format_percent(settings.service_fee_percentage, present_locale()))
    if settings.service_fee_fixed > ZERO:
        parts.append(amount_text(settings.service_fee_fixed, currency))
    if parts:
        parts += _added(settings.fee_taxation)
        yield _("plus a service fee of %(fee)s per order") % {"fee": " + ".join(parts)}


def _added(taxation: ChargeTaxation) -> list[str]:
    """Return the tax that is added to a charge, if there is one."""
    if not isinstance(taxation, Tax) or taxation.included or not taxation.rate:
        return []
    return [tax_label(taxation.name, taxation.rate)]
