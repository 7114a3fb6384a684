"""Pages and the JSON API over HTTP."""

__all__: list[str] = ["app", "process"]
