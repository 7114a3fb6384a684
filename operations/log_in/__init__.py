"""Log-in: by a link or code sent, by a code in a letter, by a staff account."""
