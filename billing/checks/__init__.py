"""Checks of a bill's data: what a scheme lacks, and findings on meters and sensors."""
