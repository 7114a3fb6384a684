"""The simulated building: weather, people, heat and air of every flat, a few days at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from firmware_sim.clock import Clock
from firmware_sim.life.events import Event, draw_events
from firmware_sim.life.living import Households, Living
from firmware_sim.life.people import Persona, draw_persona, personas
from firmware_sim.life.scenario import NOTHING, Scenario
from firmware_sim.parameters import parameters
from firmware_sim.physics.course import Course, fabric_of, run
from firmware_sim.physics.effects import Conditions, conditions_of
from firmware_sim.physics.record import Record, Recorder
from firmware_sim.physics.tally import Sums, Tally
from firmware_sim.physics.weather import Weather, simulate_weather

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from firmware_sim.folder import House

CELLS = 300_000
"""Steps times flats processed at a time: some megabytes per array. It does not affect results."""


@dataclass(frozen=True)
class Plan:
    """
    The inputs of simulated days: weather, households and events, with a spin-up before them.

    Attributes
    ----------
    first_step : int
        Step at which the days start.
    """

    house: House
    clock: Clock
    first_step: int
    seed: int
    households: tuple[Persona, ...]
    events: tuple[Event, ...]
    weather: Weather
    scenario: Scenario
    even: bool

    @property
    def start(self) -> date:
        """First day after the spin-up."""
        return self.clock.start + timedelta(parameters().spin_up_days)


@dataclass(frozen=True)
class Part:
    """
    Some whole days of a building.

    Attributes
    ----------
    clock : Clock
        Clock of these days only.
    first_step : int
        Number of its first step among the plan's.
    """

    clock: Clock
    first_step: int
    weather: Weather
    living: Living
    conditions: Conditions
    course: Course

    def days(self) -> Iterator[tuple[date, slice]]:
        """Yield each local day with its steps."""
        for number in range(self.clock.days):
            day = self.clock.start + timedelta(number)
            steps = (self.clock.step_at(each) for each in (day, day + timedelta(1)))
            yield day, slice(*steps)


@dataclass(frozen=True)
class Simulation(Plan):
    """
    Simulated days of a building.

    Attributes
    ----------
    record : Record
        What devices measure.
    months : mapping of str to Sums
        True sums by month.
    """

    record: Record
    months: Mapping[str, Sums]


def plan(
    house: House,
    start: date,
    end: date,
    seed: int,
    *,
    events: bool,
    scenario: Scenario = NOTHING,
    even: bool = False,
) -> Plan:
    """
    Plan local days.

    Parameters
    ----------
    house : House
    start, end : date
        End exclusive.
    seed : int
        The same seed yields the same days, bit for bit.
    events : bool
        Whether a leak and a damp home are drawn.
    scenario : Scenario, optional
        Requested households and events, in addition to or instead of drawn ones.
    """
    values = parameters()
    clock = Clock(start - timedelta(values.spin_up_days), end, house.zone, values.step_minutes)
    drawn = draw_events(house, start, end, seed) if events else ()
    return Plan(
        house=house,
        clock=clock,
        first_step=clock.step_at(start),
        seed=seed,
        households=tuple(
            personas()[scenario.households[flat]]
            if flat in scenario.households
            else draw_persona(flat, seed)
            for flat in house.flats
        ),
        events=(*drawn, *scenario.events),
        weather=simulate_weather(clock, seed),
        scenario=scenario,
        even=even,
    )


def parts(plan: Plan, days_at_once: int | None = None) -> Iterator[Part]:
    """
    Run a plan, some days at a time.

    Parameters
    ----------
    plan : Plan
    days_at_once : int, optional
        Affects only memory and time, not results.

    Yields
    ------
    Part
        In order, the spin-up first; none contains days of both.
    """
    fabric = fabric_of(plan.house)
    households = Households(plan.house, plan.households, plan.seed, even=plan.even)
    state = fabric.state(float(plan.weather.vapour_g_per_m3[0]))
    for clock in _spans(plan, days_at_once or _days_at_once(plan)):
        first = plan.clock.step_at(clock.start)
        weather = plan.weather.part(slice(first, first + clock.steps))
        living = households.live(clock)
        conditions = conditions_of(plan.house, clock, living, plan.events)
        course, state = run(fabric, state, weather, living, conditions)
        yield Part(clock, first, weather, living, conditions, course)


def _days_at_once(plan: Plan) -> int:
    cells_per_day = 24 * 60 // plan.clock.step_minutes * len(plan.house.homes)
    return max(CELLS // cells_per_day, 1)


def _spans(plan: Plan, days_at_once: int) -> Iterator[Clock]:
    for start, end in ((plan.clock.start, plan.start), (plan.start, plan.clock.end)):
        day = start
        while day < end:
            last = min(day + timedelta(days_at_once), end)
            yield plan.clock.days_from(day, last)
            day = last


def simulate(
    house: House,
    start: date,
    end: date,
    seed: int,
    *,
    events: bool,
    scenario: Scenario = NOTHING,
    even: bool = False,
    told: Callable[[int], object] = lambda days: days,
) -> Simulation:
    """
    Simulate local days, as :func:`plan` plans them.

    Parameters
    ----------
    told : callable, optional
        Called with the number of further days done.
    """
    planned = plan(house, start, end, seed, events=events, scenario=scenario, even=even)
    recorder, tally = Recorder(planned), Tally()
    for part in parts(planned):
        recorder.add(part)
        if part.first_step >= planned.first_step:
            tally.add(part)
        told(part.clock.days)
    return Simulation(**vars(planned), record=recorder.record, months=tally.months)
