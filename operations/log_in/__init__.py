"""Log-in: by a link or code that is sent, by a code in a letter, by a staff account."""
