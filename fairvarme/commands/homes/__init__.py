"""What residents are told: reports and alerts."""
