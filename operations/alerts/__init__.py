"""Alerts of an installation: checking, recording, notifying, answering."""
