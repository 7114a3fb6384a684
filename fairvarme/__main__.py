"""Run the command line as ``python -m fairvarme``."""

from fairvarme.cli import main

main(prog_name="fairvarme")
