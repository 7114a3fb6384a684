"""What staff and boards look at: devices, homes to visit, buildings and their months."""
