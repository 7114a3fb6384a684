"""Who somebody is to the house, and which homes are theirs. Pure."""
