"""Pages and the JSON API over HTTP."""
