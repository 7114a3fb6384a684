"""Files that go to other systems, and come from them."""
