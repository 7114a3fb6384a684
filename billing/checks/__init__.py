"""What a scheme lacks in a building, and what its meters and sensors show."""
