"""The life of an alert: one record of one event, who is told of it, and when that ends."""
