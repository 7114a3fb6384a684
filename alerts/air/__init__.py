"""Quality of the air in homes: classes, hours that are too warm, and dry air."""
