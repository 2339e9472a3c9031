"""Names say what they mean: none is given twice, and none hides what a call costs.

The lists hold what is named so already. They shrink: a name that is gone has to be taken off.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import kassa

ROOT = Path(kassa.__file__).parent

TWICE = frozenset(
    [
        "AddressForm",
        "AddressUnproven",
        "Answer",
        "AnswersForm",
        "AttendeeData",
        "AttendeeForm",
        "AttendeeIn",
        "Batch",
        "Budget",
        "Choice",
        "Conflict",
        "Credentials",
        "Day",
        "DisputeStatus",
        "Entry",
        "Finding",
        "Format",
        "Letter",
        "Line",
        "Lines",
        "Link",
        "Look",
        "NewItem",
        "Offer",
        "OrderExpired",
        "PaymentStatus",
        "Person",
        "Plan",
        "PlanSeat",
        "Policy",
        "Question",
        "RefundStatus",
        "Room",
        "Route",
        "Row",
        "Seat",
        "SeatPlan",
        "SeatTaken",
        "SeatUnknown",
        "SilentProvider",
        "Standing",
        "Step",
        "Sum",
        "Taken",
        "TicketData",
        "TicketLine",
        "Transport",
    ]
)
"""Public classes whose name another module uses as well."""

ENDING_IN_OF = frozenset(
    [
        "actor_of",
        "addons_of",
        "announcements_of",
        "ask_for_fees_of",
        "attachments_of",
        "availability_of",
        "available_of",
        "balances_of",
        "beginning_of",
        "buyer_of",
        "cards_of",
        "carts_of",
        "changes_of",
        "choice_of",
        "choices_of",
        "close_attempts_of",
        "colors_of",
        "contained_of",
        "counts_of",
        "coupon_of",
        "coupons_of",
        "currency_of",
        "customer_of",
        "design_of",
        "designs_of",
        "device_of",
        "devices_of",
        "disputes_of",
        "door_of",
        "drawing_of",
        "entrance_of",
        "event_of",
        "event_refunds_of",
        "event_seats_of",
        "events_of",
        "facts_of",
        "figures_of",
        "file_of",
        "fingerprint_of",
        "goods_of",
        "headers_of",
        "held_of",
        "history_of",
        "id_of",
        "invoice_of",
        "invoices_of",
        "is_asked_of",
        "item_id_of",
        "json_of",
        "keys_of",
        "known_of",
        "language_of",
        "line_of",
        "lines_of",
        "link_of",
        "list_of",
        "listed_events_of",
        "listed_products_of",
        "listing_of",
        "lists_of",
        "look_of",
        "made_at_of",
        "mail_of",
        "member_of",
        "members_of",
        "message_id_of",
        "message_of",
        "messages_of",
        "occasions_of",
        "one_of",
        "orders_of",
        "organization_of",
        "owner_of",
        "page_of",
        "payouts_of",
        "person_of",
        "picture_of",
        "pictures_of",
        "place_of",
        "places_of",
        "plain_of",
        "plan_of",
        "presence_of",
        "preview_of",
        "problems_of",
        "product_of",
        "products_of",
        "prose_of",
        "purchase_of",
        "question_of",
        "questions_of",
        "quota_of",
        "quotas_of",
        "ranges_of",
        "rank_of",
        "reconcile_attempts_of",
        "refund_of",
        "refunds_of",
        "refusal_of",
        "returns_of",
        "rights_of",
        "room_of",
        "routes_of",
        "rules_of",
        "sample_of",
        "scans_of",
        "script_of",
        "seat_layout_of",
        "seat_layouts_of",
        "seat_plan_of",
        "seed_of",
        "seller_of",
        "send_messages_of",
        "send_refunds_of",
        "session_key_of",
        "settle_webhooks_of",
        "shop_of",
        "size_of",
        "standing_of",
        "state_of",
        "sums_of",
        "suppressed_of",
        "tax_rule_of",
        "tax_rules_of",
        "templates_of",
        "ticket_designs_of",
        "ticket_document_of",
        "ticket_of",
        "ticket_type_of",
        "ticket_types_of",
        "tickets_of",
        "told_of",
        "transactions_of",
        "transfer_of",
        "transfers_of",
        "type_of",
        "upload_of",
        "values_of",
        "visible_events_of",
        "visit_of",
        "wallets_of",
        "webhook_events_of",
        "width_of",
        "words_of",
    ]
)
"""Functions whose name does not say whether they ask the database, as ``get_`` or ``build_`` would."""


def _modules() -> Iterator[ast.Module]:
    for path in sorted(ROOT.rglob("*.py")):
        if "migrations" not in path.parts:
            yield ast.parse(path.read_text(), filename=str(path))


def _public_classes() -> Counter[str]:
    return Counter(
        node.name
        for module in _modules()
        for node in module.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )


def _public_functions() -> set[str]:
    found = set()
    for module in _modules():
        classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
        for node in [*module.body, *(member for one in classes for member in one.body)]:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found.add(node.name)
    return found


def test_no_public_class_has_the_name_of_another() -> None:
    assert {name for name, times in _public_classes().items() if times > 1} == TWICE


def test_no_function_is_named_something_of() -> None:
    assert {name for name in _public_functions() if name.endswith("_of")} == ENDING_IN_OF
