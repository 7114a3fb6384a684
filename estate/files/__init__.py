"""Files and folders: read with a limit, written for the owner alone."""
