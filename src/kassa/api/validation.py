"""What a client is told of a value that does not fit: the field, and a sentence of our own.

Pydantic finds what is wrong; its words are those of a Python library, and change with it. Each of its kinds
of error has a sentence here, and an unknown one a general sentence, so that none of its texts is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Context = Mapping[str, Any]
Sentence = str | Callable[[Context], str]

GENERAL = "This value does not fit here. Look at the description of the field."
SOURCES = frozenset(["body", "query", "path", "header", "form", "file"])
ARGUMENTS = frozenset(["payload", "filters"])
"""Names of our own for a whole body and for all filters of a list, which no client knows."""
UNION_MEMBERS = frozenset(["str", "int", "bool", "float", "decimal", "none", "date", "datetime", "uuid"])
"""What pydantic appends to the place of a value that may be of several types."""


def _at_least(name: str) -> Callable[[Context], str]:
    return lambda context: f"Send {name} of at least {_count(context['min_length'], name)}."


def _count(number: int, name: str) -> str:
    one, several = {
        "a text": ("character", "characters"),
        "a list": ("entry", "entries"),
        "data": ("byte", "bytes"),
    }[name]
    return f"{number} {one if number == 1 else several}"


def _at_most(name: str) -> Callable[[Context], str]:
    return lambda context: f"Send {name} of at most {_count(context['max_length'], name)}."


def _number(words: str, key: str) -> Callable[[Context], str]:
    return lambda context: f"Send a number {words} {context[key]}."


def _format_choices(context: Context) -> str:
    return f"Send one of {context['expected'].replace(' or ', ', ')}."


def _own_words(context: Context) -> str:
    """Return the sentence of a check of ours."""
    words = str(context.get("error", ""))
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else GENERAL


A_TEXT, A_LIST, AN_OBJECT = "Send a text.", "Send a list.", "Send an object with named fields."
A_NUMBER, A_WHOLE_NUMBER = "Send a number.", "Send a whole number."
A_DAY, A_MOMENT = "Send a day as 2027-06-12.", "Send a moment as 2027-06-12T18:00:00Z."
AN_ID = "Send an id, such as 01935d6e-0000-7000-8000-000000000001."
AN_AMOUNT = "Send an amount as a decimal, such as 12.50."
A_WEB_ADDRESS = "Send a web address, such as https://www.example.org."
NOT_OVER_HTTP = GENERAL

SENTENCES: dict[str, Sentence] = {
    "missing": "This field is required. Send it.",
    "extra_forbidden": "There is no field of this name. Check how it is written.",
    "none_required": "Leave this out, or send null.",
    "json_invalid": "This is not valid JSON.",
    "json_type": "This is not valid JSON.",
    "recursion_loop": "This is nested too deeply.",
    "recursion_depth_exceeded": "This is nested too deeply.",
    "invalid_key": "Names of fields are texts.",
    # Numbers
    "greater_than": _number("greater than", "gt"),
    "greater_than_equal": _number("not below", "ge"),
    "less_than": _number("below", "lt"),
    "less_than_equal": _number("not above", "le"),
    "multiple_of": _number("that is a multiple of", "multiple_of"),
    "finite_number": "Send a finite number.",
    "int_type": A_WHOLE_NUMBER,
    "int_parsing": A_WHOLE_NUMBER,
    "int_parsing_size": "This number is too large.",
    "int_from_float": A_WHOLE_NUMBER,
    "float_type": A_NUMBER,
    "float_parsing": A_NUMBER,
    "decimal_type": AN_AMOUNT,
    "decimal_parsing": AN_AMOUNT,
    "decimal_max_digits": lambda context: f"Send at most {context['max_digits']} digits.",
    "decimal_max_places": lambda context: f"Send at most {context['decimal_places']} decimals.",
    "decimal_whole_digits": lambda context: (
        f"Send at most {context['whole_digits']} digits before the decimal point."
    ),
    "fraction_type": A_NUMBER,
    "fraction_parsing": A_NUMBER,
    "complex_type": A_NUMBER,
    "complex_str_parsing": A_NUMBER,
    "bool_type": "Send true or false.",
    "bool_parsing": "Send true or false.",
    # Texts
    "string_type": A_TEXT,
    "string_sub_type": A_TEXT,
    "string_unicode": "Send a text in UTF-8.",
    "string_too_short": _at_least("a text"),
    "string_too_long": _at_most("a text"),
    "string_pattern_mismatch": lambda context: (
        f"This is not written as it has to be: it must match {context['pattern']}"
    ),
    "string_not_ascii": "Send only letters, digits and signs of ASCII.",
    "enum": _format_choices,
    "literal_error": _format_choices,
    "bytes_type": "Send a text in base 64.",
    "bytes_too_short": _at_least("data"),
    "bytes_too_long": _at_most("data"),
    "bytes_invalid_encoding": "Send a text in base 64.",
    "base64_decode": "Send a text in base 64.",
    # Lists and objects
    "too_short": _at_least("a list"),
    "too_long": _at_most("a list"),
    "list_type": A_LIST,
    "iterable_type": A_LIST,
    "iteration_error": A_LIST,
    "tuple_type": A_LIST,
    "set_type": A_LIST,
    "frozen_set_type": A_LIST,
    "set_item_not_hashable": A_LIST,
    "deque_type": A_LIST,
    "named_tuple_type": A_LIST,
    "dict_type": AN_OBJECT,
    "frozen_dict_type": AN_OBJECT,
    "ordered_dict_type": AN_OBJECT,
    "counter_type": AN_OBJECT,
    "mapping_type": AN_OBJECT,
    "model_type": AN_OBJECT,
    "model_attributes_type": AN_OBJECT,
    "dataclass_type": AN_OBJECT,
    "dataclass_exact_type": AN_OBJECT,
    "union_tag_invalid": lambda context: f"Send one of {context['expected_tags']}.",
    "union_tag_not_found": lambda context: f"Say which kind it is: send {context['discriminator']}.",
    # Days, moments, ids, addresses
    "date_type": A_DAY,
    "date_parsing": A_DAY,
    "date_from_datetime_parsing": A_DAY,
    "date_from_datetime_inexact": A_DAY,
    "date_past": "Send a day in the past.",
    "date_future": "Send a day in the future.",
    "time_type": "Send a time as 18:00.",
    "time_parsing": "Send a time as 18:00.",
    "datetime_type": A_MOMENT,
    "datetime_parsing": A_MOMENT,
    "datetime_object_invalid": A_MOMENT,
    "datetime_from_date_parsing": A_MOMENT,
    "datetime_past": "Send a moment in the past.",
    "datetime_future": "Send a moment in the future.",
    "timezone_naive": "Send a moment without a time zone.",
    "timezone_aware": "Send a moment with its time zone, as 2027-06-12T18:00:00Z.",
    "timezone_offset": "Send a moment in UTC, as 2027-06-12T18:00:00Z.",
    "time_delta_type": "Send a length of time as PT30M.",
    "time_delta_parsing": "Send a length of time as PT30M.",
    "uuid_type": AN_ID,
    "uuid_parsing": AN_ID,
    "uuid_version": AN_ID,
    "url_type": A_WEB_ADDRESS,
    "url_parsing": A_WEB_ADDRESS,
    "url_syntax_violation": A_WEB_ADDRESS,
    "url_too_long": _at_most("a text"),
    "url_scheme": lambda context: f"Send an address that begins with {context['expected_schemes']}.",
    # Checks of our own
    "value_error": _own_words,
    "assertion_error": _own_words,
    # What only Python code can do wrong
    **dict.fromkeys(
        (
            "no_such_attribute",
            "needs_python_object",
            "frozen_field",
            "frozen_instance",
            "get_attribute_error",
            "default_factory_not_called",
            "missing_sentinel_error",
            "ellipsis_error",
            "is_instance_of",
            "is_subclass_of",
            "callable_type",
            "arguments_type",
            "missing_argument",
            "unexpected_keyword_argument",
            "missing_keyword_only_argument",
            "unexpected_positional_argument",
            "missing_positional_only_argument",
            "multiple_argument_values",
        ),
        NOT_OVER_HTTP,
    ),
}
"""By pydantic's kind of error."""


def format_sentence(kind: str, context: Context) -> str:
    """Return what is told of an error; a general sentence where its kind is unknown."""
    sentence = SENTENCES.get(kind, GENERAL)
    return sentence if isinstance(sentence, str) else sentence(context)


def format_errors(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return pydantic's findings as fields with sentences, each field of several types once."""
    found: dict[str, list[str]] = {}
    for error in errors:
        field = format_place(tuple(error.get("loc", ())))
        sentence = format_sentence(str(error.get("type", "")), error.get("ctx") or {})
        sentences = found.setdefault(field, [])
        if sentence not in sentences:
            sentences.append(sentence)
    return [{"field": field, "message": " Or: ".join(sentences)} for field, sentences in found.items()]


def format_place(place: tuple[Any, ...]) -> str:
    """Return the path of a field as clients know it: ``lines.0.quantity``, or a query parameter's name."""
    is_query = place[:1] == ("query",)
    if place and place[0] in SOURCES:
        place = place[1:]
        if place and place[0] in ARGUMENTS:
            place = place[1:]
    if is_query:
        place = place[:1]
    if len(place) > 1 and place[-1] in UNION_MEMBERS:
        place = place[:-1]
    return ".".join(str(part) for part in place if not _names_a_validator(part))


def _names_a_validator(part: Any) -> bool:
    return isinstance(part, str) and ("[" in part or part.startswith("function-"))
