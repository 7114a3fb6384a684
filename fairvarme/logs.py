"""
Logging to standard error, as text or JSON; each record is one line, whatever it contains.

A record's ``extra`` has its event, a stable name, and the event's data.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import override

if TYPE_CHECKING:
    from types import TracebackType

LogFormat = Literal["text", "json"]
OWN = ("ingest", "operations", "fairvarme")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Line ends and control characters, which a topic or response from outside may contain.
_control = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]").sub


class TextFormatter(logging.Formatter):
    """One line for people; the lines of a traceback are joined by bars."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return one_line(super().format(record).replace("\n", " | "))


class JsonFormatter(logging.Formatter):
    """One JSON object: time, level, logger, event, message, and the event's data."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return the line, in ASCII."""
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": getattr(record, "event", None),
            "message": record.getMessage(),
        }
        fields |= {name: each for name, each in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, default=str)


def one_line(text: str) -> str:
    """Escape a text so that nothing in it ends a line or looks like another record."""
    return _control(lambda found: ascii(found[0])[1:-1], text)


def set_up_logging(form: LogFormat) -> None:
    """Log our own records from info on, and all others from warning on, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.INFO)
    sys.excepthook = _log_crash


def _log_crash(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    logging.getLogger("fairvarme").critical(
        "ended by %s", kind.__name__, exc_info=(kind, error, traceback), extra={"event": "crashed"}
    )
