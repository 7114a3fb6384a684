"""A plain letter: words alone, to whom no mail or message reaches."""
