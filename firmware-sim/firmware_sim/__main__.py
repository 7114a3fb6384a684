"""Run the simulator as ``python -m firmware_sim``."""

from firmware_sim.cli import main

main(prog_name="fairvarme-sim")
