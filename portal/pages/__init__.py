"""The pages, in a package for each kind of visitor."""
