"""Costs: the supplier's bills, and the items derived from them."""
