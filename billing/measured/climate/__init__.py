"""Climate of the homes in a period, gaps filled and counted."""
