"""The Parquet files of sealed months: how they are written, opened and read."""
