"""The life cycle of an alert: one record per event, who is notified, and when it ends."""
