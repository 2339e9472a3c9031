"""The address of the client behind trusted proxies, and what counts as one client."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from kassa.core.client_address import (
    UNKNOWN_ADDRESS,
    ClientAddress,
    client_address,
    forwarded_address,
    parse_client_address,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.77", ClientAddress("192.0.2.77", "192.0.2.77", "192.0.2.0/24")),
        ("192.0.2.77:4711", ClientAddress("192.0.2.77", "192.0.2.77", "192.0.2.0/24")),
        (
            "2001:DB8:1:2:3:4:5:6",
            ClientAddress("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ),
        (
            "[2001:db8:1:2::6]:4711",
            ClientAddress("2001:db8:1:2::6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ),
        ("::ffff:192.0.2.77", ClientAddress("192.0.2.77", "192.0.2.77", "192.0.2.0/24")),
        ("fe80::1%eth0", ClientAddress("fe80::1", "fe80::/64", "fe80::/48")),
        ("unknown", ClientAddress(UNKNOWN_ADDRESS, UNKNOWN_ADDRESS, f"{UNKNOWN_ADDRESS}/24")),
        ("", ClientAddress(UNKNOWN_ADDRESS, UNKNOWN_ADDRESS, f"{UNKNOWN_ADDRESS}/24")),
    ],
)
def test_an_address_has_a_host_and_a_network(text: str, expected: ClientAddress) -> None:
    assert parse_client_address(text) == expected


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "expected"),
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 198.51.100.2", "198.51.100.1"),
        (2, "198.51.100.2", "192.0.2.1"),
        (1, "198.51.100.1, ", UNKNOWN_ADDRESS),
    ],
)
def test_only_what_trusted_proxies_have_added_is_believed(
    proxies: int, forwarded_for: str, expected: str
) -> None:
    found = forwarded_address("192.0.2.1", forwarded_for, trusted_proxies=proxies)
    assert found.address == expected


def test_the_address_of_a_request(rf: RequestFactory, settings: object) -> None:
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.1"})
    assert client_address(request).address == "192.0.2.1"

    settings.TRUSTED_PROXIES = 1  # type: ignore[attr-defined]
    assert client_address(request).address == "198.51.100.1"
