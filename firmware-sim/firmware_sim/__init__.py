"""Simulated boxes, gateways and a building with physics. Talks MQTT, imports nothing else."""
