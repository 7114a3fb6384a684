"""What a statement tells beside its amounts, and its format for programs."""
