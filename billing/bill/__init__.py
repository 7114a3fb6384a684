"""The bill: statements, rows, costs, explanations, and its files."""
