"""Weather, heat and air of a building."""
