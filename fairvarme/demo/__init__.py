"""The whole job on simulated boxes."""
