"""MQTT intake: decoders, validation, acknowledgement after the durable write, quarantine."""
