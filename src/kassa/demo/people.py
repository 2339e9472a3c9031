"""The guests who buy in the demo. Nobody of them exists, and mail to them goes nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from kassa.sales.domain.request import Customer


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str
    email: str
    line1: str
    postal_code: str
    city: str
    country: str

    @property
    def address(self) -> dict[str, str]:
        return {
            "line1": self.line1,
            "postal_code": self.postal_code,
            "city": self.city,
            "country": self.country,
        }

    def as_customer(self, *, reference: str | None = None) -> Customer:
        """Return the person as a buyer: a guest, unless a client knows them by a reference."""
        return Customer(
            email=self.email,
            first_name=self.first_name,
            last_name=self.last_name,
            address=self.address,
            reference=reference,
        )


PEOPLE = (
    Person("Amara", "Okafor", "amara.okafor@example.org", "18 Gloucester Road", "BS7 8AE", "Bristol", "GB"),
    Person("Jonas", "Lindqvist", "jonas.lindqvist@example.net", "Bergsgatan 41", "112 28", "Stockholm", "SE"),
    Person("Mei", "Tanaka", "mei.tanaka@example.com", "214 Maple Avenue", "60302", "Oak Park", "US"),
    Person("Rosa", "Delgado", "rosa.delgado@example.org", "Calle de Atocha 77", "28012", "Madrid", "ES"),
    Person("Tobias", "Kramer", "tobias.kramer@example.com", "Karl-Heine-Straße 52", "04229", "Leipzig", "DE"),
    Person("Siobhan", "Byrne", "siobhan.byrne@example.net", "6 Capel Street", "D01 C9X2", "Dublin", "IE"),
    Person("Arjun", "Mehta", "arjun.mehta@example.com", "90 Barton Springs Road", "78704", "Austin", "US"),
    Person("Elif", "Demir", "elif.demir@example.org", "Oranienstraße 12", "10999", "Berlin", "DE"),
    Person("Kwame", "Asante", "kwame.asante@example.com", "33 Oldham Street", "M1 1JG", "Manchester", "GB"),
    Person("Claire", "Fontaine", "claire.fontaine@example.net", "8 rue Paradis", "13001", "Marseille", "FR"),
    Person("Piotr", "Nowak", "piotr.nowak@example.org", "ul. Długa 19", "31-147", "Kraków", "PL"),
    Person("Hannah", "Weiss", "hannah.weiss@example.com", "Gohliser Straße 7", "04105", "Leipzig", "DE"),
    Person("Luca", "Moretti", "luca.moretti@example.net", "Via Garibaldi 23", "40124", "Bologna", "IT"),
    Person("Grace", "Holloway", "grace.holloway@example.org", "11 Leith Walk", "EH6 8LN", "Edinburgh", "GB"),
    Person("Dmitri", "Sokolov", "dmitri.sokolov@example.com", "1408 Elm Street", "75202", "Dallas", "US"),
    Person("Fatima", "Haddad", "fatima.haddad@example.net", "27 Curry Mile", "M14 5LL", "Manchester", "GB"),
    Person("Søren", "Kjær", "soren.kjaer@example.org", "Nørrebrogade 60", "2200", "København", "DK"),
    Person(
        "Beatriz", "Almeida", "beatriz.almeida@example.com", "Rua da Rosa 104", "1200-389", "Lisboa", "PT"
    ),
    Person("Noah", "Whitaker", "noah.whitaker@example.net", "505 Wicker Park Ave", "60622", "Chicago", "US"),
    Person("Ingrid", "Berger", "ingrid.berger@example.org", "Lindengasse 31", "1070", "Wien", "AT"),
    Person("Samuel", "Adeyemi", "samuel.adeyemi@example.com", "72 Kirkgate", "LS2 7DJ", "Leeds", "GB"),
    Person("Yuki", "Hayashi", "yuki.hayashi@example.net", "1220 Halsted Street", "60607", "Chicago", "US"),
    Person(
        "Marieke", "de Vries", "marieke.devries@example.org", "Oudegracht 211", "3511 NK", "Utrecht", "NL"
    ),
    Person(
        "Owen", "Pritchard", "owen.pritchard@example.com", "4 Cowbridge Road", "CF11 9AB", "Cardiff", "GB"
    ),
)


def guests() -> Iterator[Person]:
    """Return the guests one after the other, from the first again after the last."""
    return cycle(PEOPLE)
