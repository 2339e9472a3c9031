"""What can go wrong with messages and their texts."""

from __future__ import annotations

from kassa.core.errors import Conflict, InvalidInput


class TemplateNotUsable(InvalidInput):
    """The text does not parse or names what there is not; `line` says where, from 1."""

    code = "message_template_not_usable"
    title = "The text of the message cannot be used"

    def __init__(self, field: str, problem: str, *, line: int) -> None:
        super().__init__(f"In line {line} of the {field}: {problem}", field=field, line=line)


class RecipientSuppressed(Conflict):
    """Messages to this address came back, so nothing more is sent to it until staff clear it."""

    code = "recipient_suppressed"
    title = "Nothing is sent to this address"

    def __init__(self, address: str) -> None:
        super().__init__(
            f"Messages to {address} came back. Take it off the suppressed addresses first.", address=address
        )


class MessageUnderWay(Conflict):
    """The message has not been sent yet, and still will be."""

    code = "message_under_way"
    title = "The message is still on its way"

    def __init__(self) -> None:
        super().__init__("This message waits to be sent. Send it again once it was sent or has failed.")
