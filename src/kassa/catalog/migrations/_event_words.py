"""The words of events as they were looked for at first, for the migration that made an index of them."""

from __future__ import annotations

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func


class Words(Func):
    """The words of some columns in small letters, without accents."""

    template = (
        "to_tsvector('simple'::regconfig, regexp_replace(normalize(translate(lower(%(expressions)s), "
        "'\N{RIGHT SINGLE QUOTATION MARK}''-/.', '     '), NFKD), "
        r"'[\u0300-\u036f]', '', 'g'))"
    )
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()
