"""Tokens by which programs use the API: what each may do, for which buildings, until when."""
