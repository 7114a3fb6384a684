"""What operators see of the intake: counts, metrics, statuses, complaints."""
