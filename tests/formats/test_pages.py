"""Sitemaps and structured data, read by programs that others wrote."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from pyld import jsonld

from kassa.core.clock import utc_now
from tests.storefront.shop.pages import document_of, event_path, look, product_path
from tests.support.factories import make_event, make_organization, make_product, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
ADDRESS = (
    '<xs:restriction base="xs:anyURI"><xs:minLength value="12"/><xs:maxLength value="2048"/></xs:restriction>'
)
SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{SITEMAP}"
    xmlns="{SITEMAP}" elementFormDefault="qualified">
  <xs:simpleType name="place"><xs:restriction base="xs:anyURI">
    <xs:minLength value="12"/><xs:maxLength value="2048"/></xs:restriction></xs:simpleType>
  <xs:complexType name="page"><xs:sequence>
    <xs:element name="loc" type="place"/>
    <xs:element name="lastmod" minOccurs="0"><xs:simpleType>
      <xs:union memberTypes="xs:date xs:dateTime xs:gYearMonth xs:gYear"/></xs:simpleType></xs:element>
    <xs:any namespace="##other" minOccurs="0" maxOccurs="unbounded" processContents="lax"/>
  </xs:sequence></xs:complexType>
  <xs:element name="urlset"><xs:complexType><xs:sequence>
    <xs:element name="url" type="page" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="sitemapindex"><xs:complexType><xs:sequence>
    <xs:element name="sitemap" type="page" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
"""What sitemaps.org asks for, in our own words."""
VOCABULARY = {"@context": {"@vocab": "https://schema.org/"}}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_sitemaps_are_as_their_schema_has_them(count: int) -> None:
    organization = make_organization()
    for number in range(count):
        make_event(organization, title=f"Brahms & <Dvořák> {number}")
        make_product(organization, name=f"Mug {number}")
    schema = etree.XMLSchema(etree.fromstring(SCHEMA))

    for path in ("/sitemap.xml", f"/{organization.slug}/sitemap.xml"):
        document = etree.fromstring(look(path).content)
        assert schema.validate(document), schema.error_log


def as_others_read(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with the full name of each property, as JSON-LD has it."""

    def load(url: str, _: Any) -> dict[str, Any]:
        assert url == "https://schema.org"
        return {"contextUrl": None, "documentUrl": url, "document": VOCABULARY}

    [expanded] = jsonld.expand(document, {"documentLoader": load})
    found: dict[str, Any] = expanded
    return found


def test_an_event_is_what_search_engines_ask_for() -> None:
    starts_at = utc_now() + timedelta(days=30)
    event = make_event(
        make_organization(),
        starts_at=starts_at,
        venue_name="Lindenhof",
        city="Leipzig",
        time_zone="Europe/Berlin",
    )
    make_ticket_type(event)

    read = as_others_read(document_of(look(event_path(event))))

    of = "https://schema.org/"
    assert read["@type"] == [f"{of}Event"]
    for name in (
        "name",
        "startDate",
        "location",
        "eventStatus",
        "eventAttendanceMode",
        "offers",
        "organizer",
    ):
        assert read[of + name], name
    [offer] = read[f"{of}offers"]
    assert offer[f"{of}priceCurrency"] == [{"@value": "EUR"}]
    assert offer[f"{of}price"] == [{"@value": "45.00"}]
    assert offer[f"{of}url"][0]["@value"].startswith("http")


def test_a_product_is_what_search_engines_ask_for() -> None:
    read = as_others_read(document_of(look(product_path(make_product(make_organization())))))

    assert read["@type"] == ["https://schema.org/Product"]
    assert read["https://schema.org/offers"][0]["https://schema.org/availability"]
