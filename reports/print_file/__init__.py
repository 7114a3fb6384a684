"""Print files: the letters of a building in one file, with a sheet that counts them."""
