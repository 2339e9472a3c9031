"""Deciding without a network: each reason to refuse, and none."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from kassa.admission.domain.fold import Inside, Step, after
from kassa.admission.domain.judge import ListRules, judge
from kassa.admission.enums import EntryRule, ScanKind
from tests.checkin.phone import Phone

pytestmark = pytest.mark.django_db(transaction=True)

EVENT, TYPE, OTHER_TYPE = (f"01890000-0000-7000-8000-0000000000{end}" for end in ("bb", "cc", "dd"))
NOON = 1_800_000_000_000
BEFORE, AFTER = "2027-01-15T07:59:59Z", "2027-01-15T08:00:01Z"
ROW = {
    "id": "01890000-0000-7000-8000-0000000000aa",
    "code": "K7QM4TWX9PRA",
    "status": "valid",
    "blocked": False,
    "ticketType": TYPE,
    "enteredAt": None,
    "inside": False,
    "entries": 0,
}
READ = {"eventTag": "80000000000000bb", "typeTag": "000000cc", "code": "K7QM4TWX9PRA"}
LIST = {
    "event": {"id": EVENT},
    "ticketTypes": [{"id": TYPE}],
    "entryRule": "once",
    "exits": True,
    "doorsOpenAt": None,
    "doorsCloseAt": None,
}
ENTERED = {"entries": 1, "inside": True, "enteredAt": BEFORE}
GONE = {"entries": 1, "inside": False, "enteredAt": BEFORE}


def scan(kind: str = "entry", *, let_in: bool = True) -> dict[str, Any]:
    return {"kind": kind, "let_in": let_in, "scanned_at": BEFORE, "gate": "North"}


def case(expected: str, **given: Any) -> Any:
    row, list_fields = given.pop("row", {}), given.pop("list", {})
    values = {
        "read": READ,
        "genuine": "yes",
        "row": None if row is None else {**ROW, **row},
        "former": None,
        "list": {**LIST, **list_fields},
        "pending": [],
        "kind": "entry",
        "now": NOON,
        **given,
    }
    return expected, values


BY_CODE = ("unknown", "forged", "key_revoked", "transferred", "reissued")
"""What is decided before any ticket is looked at."""
CASES = [
    case("valid"),
    case("valid", read=None, genuine=None),
    case("unknown", read=None, genuine=None, row=None),
    case("unknown", genuine="unknown_key"),
    case("forged", genuine="no"),
    case("key_revoked", genuine="key_revoked"),
    case("wrong_event", read={**READ, "eventTag": "80000000000000ee"}),
    case("transferred", former="transferred", row=None),
    case("reissued", former="reissued", row={"code": "NEWCODE"}),
    case("reissued", read={**READ, "code": "OLDER"}),
    case("wrong_ticket_type", row={"ticketType": OTHER_TYPE}),
    case("wrong_ticket_type", row=None, read={**READ, "typeTag": "000000dd"}),
    case("unpaid", row={"status": "unpaid"}),
    case("refunded", row={"status": "refunded"}),
    case("cancelled", row={"status": "cancelled"}),
    case("expired", row={"status": "expired"}),
    case("blocked", row={"blocked": True}),
    case("too_early", list={"doorsOpenAt": AFTER}),
    case("valid", list={"doorsOpenAt": "2027-01-15T08:00:00Z"}),
    case("too_late", list={"doorsCloseAt": "2027-01-15T08:00:00Z"}),
    case("valid", list={"doorsCloseAt": AFTER}),
    case("already_used", row=ENTERED),
    case("already_used", row=GONE),
    case("already_used", pending=[scan()]),
    case("valid", pending=[scan(let_in=False)]),
    case("already_used", row=None, pending=[scan()]),
    case("already_used", row=ENTERED, list={"entryRule": "after_exit"}),
    case("valid", row=GONE, list={"entryRule": "after_exit"}),
    case("valid", row=ENTERED, pending=[scan("exit")], list={"entryRule": "after_exit"}),
    case("already_used", row=GONE, pending=[scan()], list={"entryRule": "after_exit"}),
    case("valid", row=ENTERED, list={"entryRule": "unlimited"}),
    case("valid", row=ENTERED, kind="exit"),
    case("valid", row={**ENTERED, "status": "refunded", "blocked": True}, kind="exit"),
    case("not_inside", row=GONE, kind="exit"),
    case("not_inside", kind="exit"),
    case("valid", pending=[scan()], kind="exit"),
    case("no_exits", row=ENTERED, kind="exit", list={"exits": False}),
]


def test_every_case_is_decided_as_the_rules_say(phone: Phone) -> None:
    phone.open()

    decided = phone.module(
        "decide", "return given.map((one) => m.decide(one));", [given for _, given in CASES]
    )

    assert [verdict["result"] for verdict in decided] == [expected for expected, _ in CASES]
    assert all(verdict["accepted"] is (verdict["result"] == "valid") for verdict in decided)


def test_the_server_decides_the_same() -> None:
    """For all cases that are about a ticket it has; codes it reads by itself are in ``test_codes``."""
    known = [(expected, given) for expected, given in CASES if expected not in BY_CODE and given["row"]]
    assert len(known) > 20

    for expected, given in known:
        assert judge_on_server(given) == expected, given


def judge_on_server(given: dict[str, Any]) -> str:
    row, rules = given["row"], given["list"]
    is_of_event = not given["read"] or given["read"]["eventTag"] == READ["eventTag"]
    moments = {
        name: datetime.fromisoformat(rules[name]) if rules[name] else None
        for name in ("doorsOpenAt", "doorsCloseAt")
    }
    at = datetime.fromtimestamp(given["now"] / 1000, UTC)
    state = Inside(entries=row["entries"], is_inside=row["inside"], turn=row["entries"])
    for pending in given["pending"]:
        if pending["let_in"]:
            state = after(state, Step(uuid4(), ScanKind(pending["kind"]), at, previous=None))
    return judge(
        ListRules(
            id=uuid4(),
            event_id=UUID(EVENT),
            event_status="published",
            area="entrance",
            ticket_type_ids=frozenset({UUID(TYPE)}),
            entry_rule=EntryRule(rules["entryRule"]),
            counts_exits=rules["exits"],
            doors_open_at=moments["doorsOpenAt"],
            doors_close_at=moments["doorsCloseAt"],
        ),
        SimpleNamespace(
            event_id=UUID(EVENT) if is_of_event else uuid4(),
            ticket_type_id=UUID(row["ticketType"]),
            status="reserved" if row["status"] == "unpaid" else row["status"],
            order_status="confirmed",
            expires_at=None,
            blocked_at=at if row["blocked"] else None,
            frozen_at=None,
        ),
        state,
        kind=ScanKind(given["kind"]),
        at=at,
    )


def test_who_is_not_in_the_list_comes_in_with_a_note(phone: Phone) -> None:
    phone.open()
    _, given = case("valid", row=None)

    verdict = phone.module("decide", "return m.decide(given);", given)

    assert verdict == {"result": "valid", "accepted": True, "note": "sold_later", "previous": None}


def test_who_was_in_is_said_with_the_scan_before(phone: Phone) -> None:
    phone.open()
    _, given = case("already_used", row=ENTERED, pending=[scan("exit")])

    verdict = phone.module("decide", "return m.decide(given);", given)

    assert verdict["previous"] == {
        "at": BEFORE,
        "kind": "exit",
        "gate": "North",
        "by": None,
        "isOwn": True,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("love", ["Ada Lovelace"]),
        ("LOVELACE ada", ["Ada Lovelace"]),
        ("zoe mul", ["Zoë Müller"]),
        ("k7qm-4t", ["Ada Lovelace"]),
        ("ord-2026-00002", ["Zoë Müller"]),
        ("محمد", ["محمد عبد الله"]),
        ("小明", ["王小明"]),
        ("lace", ["Ada Lovelace"]),
        ("ord\u20132026\u201300002", ["Zo\u00eb M\u00fcller"]),
        ("ORD202600002", ["Zo\u00eb M\u00fcller"]),
        ("lukasz obr", ["\u0141ukasz O\u2019Brien"]),
        ("O'Brien", ["\u0141ukasz O\u2019Brien"]),
        ("nobody", []),
        ("   ", []),
    ],
)
def test_people_are_found_by_what_is_remembered(phone: Phone, query: str, expected: list[str]) -> None:
    phone.open()
    people = [
        {"name": "Ada Lovelace", "code": "K7QM4TWX9PRA", "order": "ORD-2026-00001"},
        {"name": "Zoë Müller", "code": "222222222222", "order": "ORD-2026-00002"},
        {"name": "محمد عبد الله", "code": "333333333333", "order": "ORD-2026-00003"},
        {"name": "王小明", "code": "444444444444", "order": "ORD-2026-00004"},
        {"name": "\u0141ukasz O\u2019Brien", "code": "555555555555", "order": "ORD-2026-00005"},
    ]

    found = phone.module(
        "search",
        "const { found } = m.findTexts(given.people.map(m.searchText), given.query);"
        "return found.map((at) => given.people[at].name);",
        {"people": people, "query": query},
    )

    assert found == expected
