"""Who may request which address: a row for every route, and the guard that enforces it."""
