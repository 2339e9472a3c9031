"""Texts with placeholders: nothing that people are called can be more than text, whatever is said."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.clock import utc_now
from kassa.core.ids import new_id
from kassa.core.languages import Language
from kassa.notifications.domain.check_words import check_words
from kassa.notifications.domain.compose import compose, compose_with
from kassa.notifications.domain.context import values_of
from kassa.notifications.domain.sample import sample_of
from kassa.notifications.domain.texts import Words
from kassa.notifications.domain.transport import Letter, mail_of
from kassa.notifications.domain.wording import TextUnusable, fill, parse_body
from kassa.notifications.enums import MessageKind
from kassa.notifications.errors import TemplateNotUsable
from kassa.organizations.models import Organization, OrganizationSettings

NASTY = [
    "<script>alert(1)</script>", "[click](https://evil.example)", "![x](https://evil.example/p.png)",
    "**bold**", "# Heading", "\n\n    code", "`code`", "</td></table><a href=x>", "{{ link }}",
    "{% for x in (1..9) %}", "&lt;b&gt;", "\ue000order_summary\ue001", "a\r\nBcc: evil@example.com",
    "<https://evil.example>", "1. one", "> quote", "---", "\u202e gnp.exe", "javascript:alert(1)",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=3).map(" ".join),
)


def settings_of(name: str = "Harbour Hall", color: str = "#b4234b") -> OrganizationSettings:
    organization = Organization(
        name=name, slug="hall", email="office@harbour.example", logo="", phone="", website=""
    )
    return OrganizationSettings(organization=organization, primary_color=color, default_currency="EUR")


class Seen(HTMLParser):
    """What a mail program makes of a message: its elements, where its links lead, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def written(kind: MessageKind, name: str, **more: str) -> tuple[Any, Seen]:
    sample = sample_of(settings_of(), kind, "en", now=utc_now())
    message = sample.message
    message.recipient_name = name
    for order in sample.facts.orders.values():
        order.cancellation_reason = more.get("reason", "")
    for event in sample.facts.events.values():
        event.title = more.get("title", "The Tempest")
        event.venue_name = more.get("venue", "Hall")
    for items in sample.facts.items.values():
        items[0].name = more.get("item", "Stalls")
    if "transfer" in message.facts:
        message.facts["transfer"] |= {"from_name": name, "message": more.get("reason", "Hello")}
    composed = compose(message, sample.facts)
    return composed, Seen(composed.html)


@pytest.mark.parametrize(
    "kind",
    [
        MessageKind.ORDER_CONFIRMED, MessageKind.ORDER_CANCELLED, MessageKind.TICKET_TRANSFER_OFFERED,
        MessageKind.EVENT_CHANGED,
    ],
)  # fmt: skip
@given(name=TEXTS, reason=TEXTS, title=TEXTS, item=TEXTS)
def test_no_value_is_more_than_text(kind: MessageKind, name: str, reason: str, title: str, item: str) -> None:
    plain, seen_plain = written(kind, "Ada Lovelace", reason="Because", title="Title", item="Item")

    composed, seen = written(kind, name, reason=reason, title=title, item=item)

    assert {link.split("/")[2] if "//" in link else link for link in seen.links} == {
        link.split("/")[2] if "//" in link else link for link in seen_plain.links
    }
    assert set(seen.tags) <= set(seen_plain.tags)
    assert "\n" not in composed.subject
    assert "\r" not in composed.subject
    assert plain.text.splitlines()[0].startswith("Hello")


@given(name=TEXTS, subject=TEXTS, sender=TEXTS)
def test_no_value_makes_a_header(name: str, subject: str, sender: str) -> None:
    letter = Letter(
        message_id=new_id(),
        organization_id=new_id(),
        sender_name=sender,
        reply_to="office@harbour.example",
        recipient="ada@harbour.test",
        recipient_name=name,
        subject=subject,
        text="Text",
        html="<p>Text</p>",
    )

    message = mail_of(letter, None).message()

    assert set(message.keys()) <= {
        "Content-Type", "MIME-Version", "Subject", "From", "To", "Reply-To", "Date", "Message-ID",
        "Auto-Submitted", "X-Auto-Response-Suppress",
    }  # fmt: skip
    assert mail_of(letter, None).recipients() == [mail_of(letter, None).to[0]]
    assert message["To"].count("@") - name.count("@") <= 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "vbscript:x"])
def test_links_lead_to_the_web_or_an_address_alone(url: str) -> None:
    words = Words("Subject", f"[here]({url})")
    sample = sample_of(settings_of(), MessageKind.ORDER_PLACED, "en", now=utc_now())

    composed = compose_with(words, sample.message, sample.facts, values_of(sample.message, sample.facts))

    assert all(link.startswith(("https://", "http://", "mailto:")) for link in Seen(composed.html).links)


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("Hello\n\n{% if order.total %}", 3, "endif"),
        ("Hello\n{{ order.secret }}", 2, "order.secret"),
        ("{{ password }}", 1, "password"),
        ("one\ntwo\n{{ order.total | system }}", 3, "system"),
        ("{% include 'a' %}", 1, "include"),
        ("{% render 'a' %}", 1, "render"),
        ("{% assign x = 1 %}", 1, "assign"),
        ("{% capture x %}{% endcapture %}", 1, "capture"),
        ("{% for ticket in tickets %}{{ ticket.code }}{% endfor %}", 1, "ticket.code"),
        ("{% for n in (1..100000000) %}x{% endfor %}", 1, "limit"),
        ("{% for a in (1..999) %}{% for b in (1..999) %}x{% endfor %}{% endfor %}", 1, "limit"),
        ("{{ settings.SECRET_KEY }}", 1, "settings"),
        ("{{ order[event.title] }}", 1, "order[event.title]"),
        ("{{ order" + "[order" * 300 + "]" * 300 + " }}", 1, "placeholder"),
        ("{{ order.__class__ }}", 1, "__class__"),
        ("{{", 1, ""),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(body: str, line: int, says: str) -> None:
    with pytest.raises(TemplateNotUsable) as refused:
        check_words(settings_of(), MessageKind.ORDER_PLACED, Language.ENGLISH, Words("", body), now=utc_now())

    assert refused.value.details["line"] == line
    assert says in refused.value.detail
    assert refused.value.details["errors"][0]["field"] == "body"


def test_blocks_stand_in_bodies_alone() -> None:
    with pytest.raises(TemplateNotUsable):
        check_words(
            settings_of(),
            MessageKind.ORDER_PLACED,
            Language.ENGLISH,
            Words("{{ order_summary }}", ""),
            now=utc_now(),
        )


@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("language", Language)
def test_kassa_s_own_words_can_be_used(kind: MessageKind, language: Language) -> None:
    sample = sample_of(settings_of(), kind, language, now=utc_now())

    composed = compose(sample.message, sample.facts)

    check_words(settings_of(), kind, language, Words("", ""), now=utc_now())
    assert composed.remark == ""
    assert "{" not in composed.text + composed.subject


def test_output_ends_somewhere() -> None:
    template = parse_body("{% for a in (1..999) %}" + "x" * 200 + "{% endfor %}")

    with pytest.raises(TextUnusable):
        fill(template, {})


@pytest.mark.parametrize("color", ["", "#ffffff", "#000000", "#ffff00", "red;}", "#b4234b"])
def test_any_colour_can_be_read(color: str) -> None:
    sample = sample_of(settings_of(color=color), MessageKind.ORDER_PLACED, "en", now=utc_now())

    html = compose(sample.message, sample.facts).html

    assert "red;}" not in html
