"""Choosing single seats without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.seating.models import EventSeat
from tests.storefront.choose.stage import Stage, field

pytestmark = pytest.mark.django_db(transaction=True)


def page(stage: Stage, **query: Any) -> str:
    clear_caches()
    answer = stage.browser.get(f"{stage.path}/seats", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_section_shows_its_free_seats_row_by_row() -> None:
    stage = Stage()
    front, _ = stage.seat_hall()
    EventSeat.objects.of(stage.organization.id).filter(row="B", section="Stalls").update(status="sold")

    shown = page(stage)

    assert re.findall(r'<th scope="row">(.*?)</th>', shown) == ["Row A", "Row C", "Row D"]
    assert f'value="0:{front.id}" aria-label="Stalls, row A, seat 5, Front row"' in shown
    assert "(30 free)" in shown
    assert "(8 free)" in shown


def test_what_is_chosen_comes_along_to_another_section() -> None:
    stage = Stage()
    front, back = stage.seat_hall()

    shown = page(
        stage,
        section="Balcony",
        seat=["0", f"40:{back.id}"],
        **{field(front, "best"): "2", "coupon": "SAVE", field(back, "best"): "0"},
    )

    assert f'<option value="0:{front.id}" selected>' in shown
    assert re.search(rf'value="40:{back.id}" checked', shown)
    assert f'<input type="hidden" name="{field(front, "best")}" value="2">' in shown
    assert '<input type="hidden" name="coupon" value="SAVE">' in shown
    assert f'name="{field(back, "best")}"' not in shown


def test_a_coach_is_a_table_with_its_aisle_and_all_its_seats() -> None:
    stage = Stage(kind="trip", origin="A", destination="B", ends_at=utc_now() + timedelta(days=31))
    adult, child = stage.seat_coach()
    EventSeat.objects.of(stage.organization.id).filter(row="1", number="A").update(status="sold")

    shown = page(stage)

    assert shown.count('<td class="aisle">') == 4
    assert shown.count('<select name="seat"') == 15
    assert "<s>A</s>" in shown
    assert f':{adult.id}">B · Adult</option>' in shown
    assert f':{child.id}">B · Child</option>' in shown


def test_the_list_is_sent_like_the_plan() -> None:
    stage = Stage()
    stage.seat_hall()
    values = re.findall(r'name="seat" value="([^"]+)"', page(stage, section="Balcony"))

    answer = stage.choose({"seat": values[:2]})

    assert answer.status_code == 303
    assert stage.held() == [("Seat", 2, 2)]


def test_an_event_without_seats_has_no_list() -> None:
    assert Stage().browser.get(f"{Stage().path}/seats").status_code == 404


def test_a_section_that_is_none_shows_the_first_with_free_seats() -> None:
    stage = Stage()
    stage.seat_hall()
    EventSeat.objects.of(stage.organization.id).filter(section="Stalls").update(status="blocked")

    assert "<h2>Balcony</h2>" in page(stage, section="Nowhere")
