"""The one question that goes with an alert, and what its answer does."""
