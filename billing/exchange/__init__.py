"""What a bill gives to other systems, and takes from them: tables, profiles of files, records."""
