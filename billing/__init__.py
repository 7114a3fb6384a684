"""The heat split: keys (weights per flat, pure numpy), schemes (dated rules), split (money)."""
