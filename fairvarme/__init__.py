"""The top layer: command line, demo, doctor."""

__all__: list[str] = []
