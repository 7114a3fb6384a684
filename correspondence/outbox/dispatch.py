"""Sends what is due: one attempt after another, each written down before and after."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from correspondence.outbox.message import Channel, NotSent, Scope, as_letter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from correspondence.outbox.message import Message, Sender
    from correspondence.outbox.retries import Retries
    from correspondence.outbox.store import Claimed, Outbox

UNWANTED = "opted out or moved out since"


@dataclass
class Dispatched:
    """
    What one round did.

    Attributes
    ----------
    sent, later, undeliverable, given_up, unwanted : Counter of str
        Numbers of messages, by channel.
    away : dict of str to str
        Channels that took nothing, and why.
    """

    sent: Counter[str] = field(default_factory=Counter)
    later: Counter[str] = field(default_factory=Counter)
    undeliverable: Counter[str] = field(default_factory=Counter)
    given_up: Counter[str] = field(default_factory=Counter)
    unwanted: Counter[str] = field(default_factory=Counter)
    away: dict[str, str] = field(default_factory=dict)


def dispatch(
    outbox: Outbox,
    senders: Mapping[Channel, Sender],
    retries: Retries,
    now_ms: Callable[[], int],
    instead_of: Callable[[Message, int], Message | None] = as_letter,
    still_wanted: Callable[[Message, int], bool] = lambda *_: True,
) -> Dispatched:
    """
    Send every message that is due, channel by channel.

    A channel that is away keeps its messages: none of them counts an attempt, and none is given up
    for it. In the place of a message that is refused for good, or was tried for days, another one
    is queued, by default a letter.

    Parameters
    ----------
    outbox : Outbox
    senders : mapping of Channel to Sender
        Messages of other channels stay where they are.
    retries : Retries
    now_ms : callable
        The clock. [ms since 1970, UTC]
    instead_of : callable, optional
        Makes what stands in the place of a message that can never be delivered.
    still_wanted : callable, optional
        Whether a message may be sent at an instant; one that may not is taken back.

    Raises
    ------
    StoreUnavailable
        What was sent and not yet written down is sent again later.
    """
    done = Dispatched()
    for channel, sender in senders.items():
        while claimed := outbox.claim(channel, now_ms(), retries.lease_ms):
            if not still_wanted(claimed.message, now_ms()):
                outbox.withdraw([claimed.message.id], now_ms(), UNWANTED)
                done.unwanted[channel] += 1
            elif not _attempt(outbox, sender, claimed, retries, now_ms, instead_of, done):
                break
    return done


def _attempt(
    outbox: Outbox,
    sender: Sender,
    claimed: Claimed,
    retries: Retries,
    now_ms: Callable[[], int],
    instead_of: Callable[[Message, int], Message | None],
    done: Dispatched,
) -> bool:
    """Make one attempt and write down its end; tell whether the channel may be asked again."""
    message, channel = claimed.message, claimed.message.channel

    def other(message: Message) -> Message | None:
        return None if channel is Channel.LETTER else instead_of(message, now_ms())

    try:
        answer = sender.send(message)
    except NotSent as refused:
        if refused.scope is Scope.CHANNEL:
            outbox.put_back(message.id, now_ms())
            done.away[channel] = refused.reason
            return False
        if refused.scope is Scope.ADDRESS:
            outbox.undeliverable(message.id, now_ms(), refused.reason, other(message))
            done.undeliverable[channel] += 1
        elif retries.is_over(max(claimed.queued_ms, message.due_ms), now_ms(), claimed.attempt):
            outbox.give_up(message.id, now_ms(), refused.reason, other(message))
            done.given_up[channel] += 1
        else:
            outbox.later(message.id, now_ms() + retries.wait_ms(claimed.attempt), refused.reason)
            done.later[channel] += 1
        return True
    outbox.sent(message.id, now_ms(), answer)
    done.sent[channel] += 1
    return True
