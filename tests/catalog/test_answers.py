"""An answer is kept as its question takes it, or refused: nothing in between, and nothing twice."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.catalog.domain.answers import (
    AskedQuestion,
    asked_of_order,
    asked_of_ticket,
    changed_answers,
    check_answers,
    upload_ids,
)
from kassa.catalog.errors import AnswerInvalid, AnswerMissing

FRENCH = {"fr": {"label": "Taille", "options": ["Petit", "Grand"]}}
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=30)


def asked(key: str = "size", **fields: Any) -> AskedQuestion:
    return AskedQuestion(
        id=uuid4(), event_id=fields.pop("event_id", uuid4()), key=key, label=key.capitalize(), **fields
    )


SIZE = asked(kind="choice", options=("Small", "Large"), translations=FRENCH)
QUESTIONS = [
    asked("name", max_length=20, is_required=True),
    SIZE,
    asked("born", kind="date"),
    asked("card", kind="file"),
]


def refused(question: AskedQuestion, answer: Any) -> AnswerInvalid:
    with pytest.raises(AnswerInvalid) as caught:
        check_answers([question], {question.key: answer})
    assert caught.value.details["question"] == question.key
    return caught.value


def test_a_text_is_trimmed_and_keeps_its_lines() -> None:
    assert check_answers([asked("note")], {"note": "  a\r\nb\rc  "}) == {"note": "a\nb\nc"}


@pytest.mark.parametrize(
    "answer", ["a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "a\ud800b", 7, True, ["a"], {"a": 1}]
)
def test_what_is_no_text_is_refused(answer: Any) -> None:
    refused(asked("note"), answer)


def test_a_text_is_as_long_as_its_question_allows() -> None:
    question = asked("note", max_length=3)
    assert check_answers([question], {"note": " été "}) == {"note": "été"}
    assert refused(question, "four").details["max_length"] == 3


@pytest.mark.parametrize(("answer", "kept"), [("Large", "Large"), (" Grand ", "Large"), ("Petit", "Small")])
def test_a_choice_is_kept_as_it_was_first_written(answer: str, kept: str) -> None:
    assert check_answers([SIZE], {"size": answer}) == {"size": kept}


def test_an_option_goes_before_the_translation_of_another() -> None:
    crossed = asked(kind="choice", options=("A", "B"), translations={"fr": {"options": ["B", "A"]}})
    assert check_answers([crossed], {"size": "B"}) == {"size": "B"}


@pytest.mark.parametrize("answer", ["large", "Small,Large", "Medium", 1])
def test_a_choice_is_one_of_the_options(answer: Any) -> None:
    refused(SIZE, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "2026-2-3",
        "20260203",
        "2026-02-30",
        "03/02/2026",
        "2026-W05-2",
        "1899-12-31",
        "\u0662\u0660\u0662\u0666-01-01",
        2026,
    ],
)
def test_a_date_is_a_day_of_the_calendar(answer: Any) -> None:
    refused(asked("born", kind="date"), answer)


def test_a_file_is_the_id_of_an_upload() -> None:
    upload, question = uuid4(), asked("card", kind="file")
    answers = check_answers([question], {"card": str(upload).upper()})
    assert answers == {"card": str(upload)}
    assert upload_ids([question], answers) == {"card": upload}
    refused(question, "passport.pdf")


@pytest.mark.parametrize("answer", [None, "", "   ", "\n"])
def test_an_empty_answer_is_none(answer: str | None) -> None:
    assert check_answers([asked("note")], {"note": answer}) == {}
    with pytest.raises(AnswerMissing) as caught:
        check_answers([asked("note", is_required=True)], {"note": answer})
    assert caught.value.details == {"question": "note", "label": "Note"}


def test_what_no_question_asks_stays_as_it_was_given() -> None:
    own = {"crm": 17, "vip": True, "nothing": None, "text": " a "}
    assert check_answers([asked("note")], {**own, "note": " b "}) == {**own, "note": "b"}


def test_a_change_names_only_what_changes() -> None:
    present = {"name": "Ada", "size": "Small", "crm": 7}
    assert changed_answers(QUESTIONS, present, {"size": "Grand"}) == {**present, "size": "Large"}
    assert changed_answers(QUESTIONS, present, {"size": None}) == {"name": "Ada", "crm": 7}
    assert changed_answers(QUESTIONS, present, {}) == present
    with pytest.raises(AnswerMissing):
        changed_answers(QUESTIONS, present, {"name": ""})


def test_an_old_answer_stays_though_its_question_has_changed() -> None:
    assert changed_answers([SIZE], {"size": "Medium"}, {"crm": 1}) == {"size": "Medium", "crm": 1}


def test_a_question_is_asked_of_its_ticket_types() -> None:
    student, adult = uuid4(), uuid4()
    card = asked("card", ticket_type_ids=frozenset({student}))
    once = asked("invoice", scope="order", ticket_type_ids=frozenset({student}))
    everyone, all_orders = asked("name"), asked("how", scope="order")
    questions = [card, once, everyone, all_orders]
    assert asked_of_ticket(questions, student) == [card, everyone]
    assert asked_of_ticket(questions, adult) == [everyone]
    assert asked_of_order(questions, [student, adult]) == [once, all_orders]
    assert asked_of_order(questions, [adult]) == [all_orders]


def test_a_question_speaks_french_where_it_can() -> None:
    question = asked(help_text="In cm", kind="choice", options=("Small", "Large"), translations=FRENCH)
    assert (question.label_in("fr"), question.label_in("en")) == ("Taille", "Size")
    assert question.help_text_in("fr") == "In cm"
    assert question.options_in("fr") == (("Small", "Petit"), ("Large", "Grand"))
    assert question.options_in("en") == (("Small", "Small"), ("Large", "Large"))


@given(st.dictionaries(st.sampled_from(["name", "size", "born", "card", "own"]), VALUES, max_size=5))
def test_answers_are_refused_or_kept_as_they_would_be_kept_again(given: dict[str, Any]) -> None:
    try:
        answers = check_answers(QUESTIONS, given)
    except (AnswerMissing, AnswerInvalid):
        return
    assert check_answers(QUESTIONS, answers) == answers
    assert answers.get("own", given.get("own")) == given.get("own")
    assert set(answers) <= set(given)
    assert answers["name"]


@given(st.text(max_size=40))
def test_no_text_with_control_characters_is_kept(text: str) -> None:
    try:
        kept = check_answers([asked("note", max_length=30)], {"note": text}).get("note", "")
    except AnswerInvalid:
        return
    assert len(kept) <= 30
    assert not any(unicodedata.category(each) == "Cc" and each not in "\n\t" for each in kept)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2999, 12, 31)))
def test_every_day_is_a_date(day: date) -> None:
    assert check_answers([asked("born", kind="date")], {"born": f" {day.isoformat()} "}) == {
        "born": day.isoformat()
    }
