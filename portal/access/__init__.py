"""Who may ask for which address: a row for every route, and the guard that obeys it."""
