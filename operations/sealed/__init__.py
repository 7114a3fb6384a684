"""An installation's record of its sealed months, separate from their files."""
