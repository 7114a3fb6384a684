"""Water and electricity, judged by the home's own past and by its other meters."""
