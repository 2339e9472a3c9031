"""Which passwords are taken: long ones that nobody guesses."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from zxcvbn import zxcvbn

from kassa.identity.models import User

LEAST_LENGTH = 12
LEAST_SCORE = 3
"""Of 0 to 4: from here on more than a hundred million guesses are needed."""
LONGEST_ESTIMATED = 72
"""What stands behind makes no password easier to guess, and takes long to look at."""


class HardToGuess:
    """Refuses passwords that are short, leaked, a name, a date, a row of keys, or known of the person.

    The lists of leaked passwords, names and words come with zxcvbn.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Let a password pass.

        Raises:
            ValidationError: it is too short or too easily guessed.
        """
        if len(password) < LEAST_LENGTH:
            raise ValidationError(
                _("Choose at least %(length)d characters. A few words are easy to remember."),
                code="password_too_short",
                params={"length": LEAST_LENGTH},
            )
        found = zxcvbn(password[:LONGEST_ESTIMATED], user_inputs=_known_words(user))
        if found["score"] < LEAST_SCORE:
            raise ValidationError(
                _("This password is easily guessed. Take a few words that do not belong together."),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return str(_("At least 12 characters; a few words are easier to remember than symbols."))


def _known_words(user: User | None) -> list[str]:
    """Return what somebody who knows the person would try first."""
    if user is None:
        return ["kassa"]
    names = user.name.split()
    words = ["kassa", user.name, "".join(names), "".join(reversed(names)), *names, user.email]
    return [word for word in (*words, *user.email.split("@")) if word]
