"""What a series of readings tells: registers, hours, climate, doubtful boxes."""
