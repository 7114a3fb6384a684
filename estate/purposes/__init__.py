"""What each measurement is for, on which lawful basis, who sees it, and how long it is kept."""
