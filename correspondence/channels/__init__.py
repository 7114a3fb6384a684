"""The ways out: mail, letters, text messages, webhooks."""
