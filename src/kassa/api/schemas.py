"""Shapes that several nouns share."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, PlainSerializer
from pydantic_core import core_schema

from kassa.core.countries import is_country
from kassa.core.email_addresses import parse_email_address
from kassa.core.visible_text import is_visible

MAX_AMOUNT = Decimal("99999999999.999")


def _not_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")  # noqa: TRY004 - what pydantic reports
    return value


def _refuse_booleans(node: Any, *, of: type[BaseModel]) -> None:
    """Let integers and floats in a payload's schema take no booleans; nested payloads see to their own."""
    if isinstance(node, list | tuple):
        for each in node:
            _refuse_booleans(each, of=of)
    elif isinstance(node, dict) and node.get("type") in ("int", "float"):
        number = dict(node)
        node.clear()
        node.update(core_schema.no_info_before_validator_function(_not_boolean, number))
    elif isinstance(node, dict) and node.get("cls") in (None, of):
        for name, each in node.items():
            if name not in ("metadata", "serialization", "function"):
                _refuse_booleans(each, of=of)


class Input(BaseModel):
    """A payload; a field that does not exist is an error, so that no typing mistake passes in silence.

    Nor is ``true`` a number in it, which pydantic would take as 1.
    """

    # Not ninja's Schema: that reads attributes of Django models, which a payload never is, at a price.

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        schema = handler(source)
        _refuse_booleans(handler.resolve_ref_schema(schema), of=cls)
        return schema


def example(**fields: Any) -> ConfigDict:
    """Return the configuration of a payload that shows itself by an example."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("This contains a NUL character, which no text has.")
    return text


def _named(text: str) -> str:
    if text and not is_visible(text):
        raise ValueError("This has no character that can be seen.")
    return _no_nul(text)


def _address(text: str) -> str:
    return str(parse_email_address(text))


def _country(code: str) -> str:
    if code and not is_country(code):
        raise ValueError("This is not the code of a country: two capital letters, as ISO 3166-1 has them.")
    return code


Text = Annotated[str, AfterValidator(_no_nul)]
NameText = Annotated[str, AfterValidator(_named)]
"""What somebody or something is called; it may be empty, but is not made of invisible characters."""
Email = Annotated[
    str,
    Field(
        min_length=3,
        max_length=254,
        description="An address that mail can be written to. A domain in other letters is kept as `xn--…`.",
        examples=["ada@example.com"],
        # For readers: the validator, which says in a sentence what is wrong, decides.
        json_schema_extra={"pattern": r"^[^@\s\x00]+@[^@\s\x00]+$"},
    ),
    AfterValidator(_address),
]
Country = Annotated[str, Field(max_length=2, examples=["GB"]), AfterValidator(_country)]
"""A code of ISO 3166-1; it may be empty."""
Amount = Annotated[
    Decimal,
    Field(ge=0, le=MAX_AMOUNT, max_digits=14, decimal_places=3, examples=["45.00"]),
    PlainSerializer(str, return_type=str, when_used="json"),
]
Percentage = Annotated[
    Decimal,
    Field(ge=0, le=100, max_digits=6, decimal_places=3, examples=["19.0"]),
    PlainSerializer(str, return_type=str, when_used="json"),
]
Currency = Annotated[str, Field(min_length=3, max_length=3, pattern="^[A-Z]{3}$", examples=["EUR"])]


class Address(Input):
    line1: Text | None = Field(None, max_length=200, examples=["12 Harbour Street"])
    line2: Text | None = Field(None, max_length=200)
    city: Text | None = Field(None, max_length=120, examples=["Bristol"])
    state: Text | None = Field(None, max_length=120)
    postal_code: Text | None = Field(None, max_length=20, examples=["BS1 4DJ"])
    country: Country | None = Field(None, min_length=2, description="A code of ISO 3166-1.")
