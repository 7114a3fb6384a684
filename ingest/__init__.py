"""MQTT intake: decoders, validation, acknowledgement after the durable write, quarantine."""

__all__: list[str] = [
    "intake",
    "limits",
    "message",
    "mqtt",
    "preview",
    "quarantine",
    "reasons",
    "remarks",
    "sources",
    "validation",
    "watch",
    "worker",
]
