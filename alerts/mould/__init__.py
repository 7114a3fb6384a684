"""Mould growth on a surface, and the risk in a home."""
