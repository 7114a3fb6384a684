"""The question asked with an alert, and the effect of its answer."""
