"""What a printer gets: the letters of a building in one file, and the sheet that counts them."""
