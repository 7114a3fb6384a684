"""What can be dangerous within hours, told from what a daily run kept and the readings since."""
