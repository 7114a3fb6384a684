"""What the air of homes is like: classes, hours too warm, and dry air."""
