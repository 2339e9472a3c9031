"""Texts are looked for in one form: the database's own way to bring one into it."""

from django.db import migrations

LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
ONE_FOR_ONE = ("ðđøł\u0131ħŧŋ\u03c2", "ddolihtn\u03c3")
MARKS = r"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u0640\u064b-\u065f\u0670]"
BREAKS = (
    r"[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u3000"
    r"_./''\u0060\u00b4\u02b9-\u02bf\u2018-\u201b\u2032\u2035\u05f3\u05f4\u055a\ua78b\ua78c"
    r"\-\u00ad\u058a\u05be\u1806\u2010-\u2015\u2043\u2212\u30fb\u2060\ufeff]+"
)


def _folded_letters() -> str:
    folded = f"lower(regexp_replace(normalize($1, NFKD), '{MARKS}', '', 'g'))"
    for letter, others in LETTERS.items():
        folded = f"replace({folded}, '{letter}', '{others}')"
    return f"translate({folded}, '{ONE_FOR_ONE[0]}', '{ONE_FOR_ONE[1]}')"


FUNCTIONS = f"""
CREATE FUNCTION kassa_fold_letters(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURNS NULL ON NULL INPUT
RETURN CASE WHEN octet_length($1) = char_length($1) THEN lower($1) ELSE {_folded_letters()} END;

CREATE FUNCTION kassa_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURNS NULL ON NULL INPUT
RETURN btrim(regexp_replace(kassa_fold_letters($1), '{BREAKS}', ' ', 'g'));
"""
"""The former leaves spaces and hyphens, and is quick: the door looks through all tickets of an event."""


class Migration(migrations.Migration):
    dependencies = [("core", "0004_budget")]

    operations = [migrations.RunSQL(FUNCTIONS, "DROP FUNCTION kassa_fold(text), kassa_fold_letters(text)")]
