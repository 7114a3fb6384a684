"""What an accountant does with bills: approve, serve, correct, close, verify, pay."""
