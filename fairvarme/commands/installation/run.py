"""``fairvarme run``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import config_option, examples
from fairvarme.output import echo_json

if TYPE_CHECKING:
    from fairvarme.logs import LogFormat
    from operations.service.plan import Plan


@click.command("run", epilog=examples("fairvarme run --config /etc/fairvarme/fairvarme.toml"))
@config_option
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of log lines on standard error.",
)
@click.option("--plan", "plan_only", is_flag=True, help="Show what would run, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print what runs as JSON, for programs.")
def command(config: Path | None, log_format: LogFormat, plan_only: bool, as_json: bool) -> None:
    """
    Run everything of one machine: the worker, and each job at its times.

    A part that ends is started again, and a job that failed is tried again. SIGTERM or Ctrl-C ends
    all of them in order. `fairvarme doctor` tells what ended and what failed.
    """
    from fairvarme.logs import set_up_logging
    from operations.service.plan import plan_of
    from operations.service.run import run_service
    from operations.settings import read_settings, settings_path

    settings = read_settings(config)
    if plan_only:
        _say(plan_of(settings), as_json=as_json)
        return
    set_up_logging(log_format)
    program = (sys.executable, "-m", "fairvarme")
    run_service(settings, settings_path(config), program, lambda plan: _say(plan, as_json=as_json))


def _say(plan: Plan, *, as_json: bool) -> None:
    from fairvarme.output import as_local
    from operations.clock import now_ms

    now = now_ms()
    if as_json:
        echo_json(
            {
                "parts": {each.name: each.command for each in plan.parts},
                "jobs": {
                    each.name: {"command": each.command, "next_ms": each.times.next_ms(now)}
                    for each in plan.jobs
                },
            }
        )
        return
    for part in plan.parts:
        click.echo(f"{part.name:<12} for good                   fairvarme {' '.join(part.command)}")
    for job in plan.jobs:
        at = as_local(job.times.next_ms(now), job.times.zone)
        click.echo(f"{job.name:<12} next {at}  fairvarme {' '.join(job.command)}")
