"""What can be done at the demo bank, by its page, by its jobs and by tests."""

from kassa.integrations.demo_bank.domain.deliver import deliver_webhooks
from kassa.integrations.demo_bank.domain.disputes import decide_dispute, open_dispute
from kassa.integrations.demo_bank.domain.move_on import move_on
from kassa.integrations.demo_bank.domain.pay import cancel, decline, pay

__all__ = ["cancel", "decide_dispute", "decline", "deliver_webhooks", "move_on", "open_dispute", "pay"]
