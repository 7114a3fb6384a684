"""A plug-in for amqtt that withholds a few messages from all, as it does on a busy machine."""

from __future__ import annotations

from amqtt.contexts import Action  # type: ignore[import-untyped]
from amqtt.plugins.base import BaseTopicPlugin  # type: ignore[import-untyped]
from amqtt.session import Session  # type: ignore[import-untyped]

EVERY = 1000


class LossyTopics(BaseTopicPlugin):  # type: ignore[misc]
    """Lets each thousandth message go to nobody."""

    _number = 0

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,  # noqa: ARG002  the plug-in's interface
        topic: str | None = None,  # noqa: ARG002
        action: Action | None = None,
    ) -> bool:
        """Allow everything but that."""
        if action is not Action.RECEIVE:
            return True
        self._number += 1
        return self._number % EVERY != 0
