"""The supplier's bills, and the items that they become."""
