"""What residents see and do; everything is restricted to their home and their days."""
