"""What staff and boards see: devices, homes to visit, buildings and their months."""
