"""Indoor climate of the homes in a period, with gaps filled and counted."""
