"""MQTT in: decoders, validation, acknowledgement after the durable write, quarantine."""
