"""Stored sentences of Kassa's own are read in any language; all other words stay as they were typed."""

from __future__ import annotations

import pytest

from kassa.core.stored_sentences import add_code, translate_stored
from kassa.integrations.demo_bank.domain.settle import ERRORS
from kassa.integrations.demo_bank.enums import PaymentStatus
from kassa.payments import reasons

DECLINED = ERRORS[PaymentStatus.FAILED]
CONSTANTS = [text for name, text in vars(reasons).items() if name.isupper()]


@pytest.mark.parametrize("text", [*ERRORS.values(), *CONSTANTS])
def test_own_sentence_is_read_in_french(text: str) -> None:
    assert translate_stored(text, "fr") != text
    assert translate_stored(text, "en") == text


def test_declined_payment_is_read_in_french() -> None:
    assert translate_stored(DECLINED, "fr") == "La banque a refusé le paiement."


def test_code_of_a_provider_stays_behind_the_sentence() -> None:
    coded = add_code(reasons.NOT_ACCEPTED, "amount_too_small")

    assert (
        translate_stored(coded, "fr")
        == "Le service de paiement n’accepte pas ce paiement. (amount_too_small)"
    )
    assert add_code(reasons.NOT_ACCEPTED, "") == reasons.NOT_ACCEPTED


@pytest.mark.parametrize(
    "text", ["", "Your card was declined.", "Sold out", "Order", "Try again. (card_declined)", "a\x04b\r\nc"]
)
def test_foreign_words_stay_as_they_are(text: str) -> None:
    """Even those that a page happens to translate, such as "Sold out"."""
    assert translate_stored(text, "fr") == text
