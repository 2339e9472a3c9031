"""The policy of a page allows what it names and nothing else."""

from __future__ import annotations

from django.http import HttpResponse

from kassa.web.headers import build_policy, set_headers, set_missing_headers


def test_policy_allows_nothing_by_itself() -> None:
    assert build_policy() == (
        "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def test_policy_allows_what_it_names() -> None:
    policy = build_policy(script_src="'self'", frame_ancestors="https://hall.example", form_action="'none'")

    assert policy.split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors https://hall.example",
    ]


def test_policy_lets_forms_lead_anywhere_only_where_it_says_so() -> None:
    assert "form-action" not in build_policy(form_action=None)


def test_view_has_the_last_word_where_headers_are_only_added() -> None:
    response = HttpResponse(headers={"X-Robots-Tag": "all"})

    set_missing_headers(response, {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"})

    assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("all", "no-referrer")
    set_headers(response, {"X-Robots-Tag": "noindex"})
    assert response["X-Robots-Tag"] == "noindex"
