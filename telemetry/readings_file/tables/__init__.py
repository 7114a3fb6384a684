"""Tables in files: delimited, Excel, JSON."""
