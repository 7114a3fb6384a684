"""Correspondence with residents: texts, phrases, addresses, contacts."""

__all__: list[str] = [
    "address",
    "catalogue",
    "channels",
    "contacts",
    "home_delivery",
    "outbox",
    "phrases",
    "recipients",
    "stairwells",
    "text_message",
]
