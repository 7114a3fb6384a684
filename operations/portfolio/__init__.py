"""Bills of many buildings from the store, one task per building."""
