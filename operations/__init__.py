"""Use cases, one function each; commands and pages call these."""
