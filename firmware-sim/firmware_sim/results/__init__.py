"""What a simulated building shows: truth, comparison, figures."""
