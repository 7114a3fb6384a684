"""Where estates come from: one port, with the folder and the database as its two sides."""
