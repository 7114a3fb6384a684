"""A plain letter, text only, to people whom no mail or message reaches."""
