"""Heat billing: keys (weights, pure numpy), schemes (dated rules), the split (money), the law."""
