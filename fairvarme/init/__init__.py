"""A new installation: settings, estate template, broker with log-ins, units of systemd."""
