"""What a page says of what was just done, or why it was not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.core import signing

from kassa.core.errors import KassaError
from kassa.sales.domain.cart_again import Again
from kassa.sales.errors import CouponRefusal
from kassa.storefront.checkout.basket import Basket
from kassa.storefront.checkout.summary import item_id_of
from kassa.storefront.refusals import refusal_text
from kassa.storefront.visitors.limits import is_about_coupons
from kassa.storefront.waiting.gate import wait_path
from kassa.waiting.errors import WaitingRoomClosed

SALT = "kassa.storefront.checkout.told"
LASTS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences, each with its place on the page."""

    done: str = ""
    problem: str = ""
    wait_at: str = ""
    """Where the line is that the problem speaks of."""
    lines: Mapping[str, str] = field(default_factory=dict)
    """By item."""
    coupon: str = ""
    left_out: tuple[str, ...] = ()
    """What of the same is not to be had again."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the answer."""


def told_of(refusal: KassaError, basket: Basket) -> Told:
    """Return a refusal as the page says it: beside the line or the coupon it is about, or above all."""
    sentence = refusal_text(refusal, time_zone=basket.time_zone)
    headers = refusal.answer_headers
    if isinstance(refusal, CouponRefusal) or is_about_coupons(refusal):
        return Told(coupon=sentence, status=refusal.status, headers=headers)
    item_id = item_id_of(basket, refusal)
    if item_id is not None:
        lines = {str(item_id): sentence}
        return Told(lines=lines, problem=sentence, status=refusal.status, headers=headers)
    wait_at = wait_path(refusal) if isinstance(refusal, WaitingRoomClosed) else ""
    return Told(problem=sentence, wait_at=wait_at, status=refusal.status, headers=headers)


def left_out_texts(again: Again, *, time_zone: str) -> tuple[str, ...]:
    """Return why something of the same is missing, each sentence once."""
    return tuple(dict.fromkeys(refusal_text(refusal, time_zone=time_zone) for refusal in again.left_out))


def written(sentences: Iterable[str]) -> str:
    """Return sentences as an address carries them to the next page; nobody else can write such a one."""
    return signing.dumps(list(sentences), salt=SALT, compress=True)


def read(text: str) -> tuple[str, ...]:
    """Return the sentences that an address carries; those of another hand, or of long ago, are none."""
    try:
        return tuple(str(one) for one in signing.loads(text, salt=SALT, max_age=LASTS))
    except signing.BadSignature:
        return ()
