"""Water and electricity by the past of the home itself, and by its other meters."""
