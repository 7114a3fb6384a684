"""Analysis of time series: registers, hourly means, climate, suspect sensors."""
