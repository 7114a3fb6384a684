"""The bill: statements, rows, costs, explanations, and the files that hold them."""
