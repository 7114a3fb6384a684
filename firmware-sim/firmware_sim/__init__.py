"""Simulates boxes, gateways and a building's physics. Speaks only MQTT to our packages."""

__all__: list[str] = []
