"""The pages, a room for each kind of visitor."""
