"""
Any order of drafts, runs, steps, corrections and payments: sums stay 0, and every amount is
explained by a chain of runs.

What each tenancy owes is worked out beside the ledger, from the newest bill alone.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import text

from billing.ledger.model import Account, Payment, PaymentKind, State, StateChange
from billing.ledger.posting import by_tenancy
from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from estate.database.engine import open_database
from tests.support.databases import place_database
from tests.support.ledger import DEADLINE, ISSUED, NOW_MS, VACANT, package

pytestmark = pytest.mark.slow

TENANCIES = ("A-1", "B-1", "C-1")
HOUSES = ("one", "two")
Homes = dict[str, tuple[int, int]]
homes = st.fixed_dictionaries(
    {name: st.tuples(st.integers(-5_00, 50_00), st.integers(0, 50_00)) for name in TENANCIES}
    | {VACANT: st.tuples(st.integers(0, 9_00), st.just(0))}
)
spread = st.lists(st.integers(-20_00, 20_00), min_size=len(TENANCIES), max_size=len(TENANCIES))


@dataclass
class Chain:
    """What a period's bill says now."""

    house: str
    run: int
    homes: Homes
    served: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)

    def balances(self) -> Homes:
        """Return balance and what is given up, by tenancy."""
        owed: Homes = {}
        for name in TENANCIES:
            cost_ore, paid_ore = self.homes[name]
            left_ore = cost_ore - paid_ore
            lost_ore = max(left_ore, 0) if name in self.late else 0
            owed[name] = left_ore - lost_ore, lost_ore
        return owed


class AnyOrder(RuleBasedStateMachine):
    @initialize(cost=homes)
    def begin(self, cost: Homes) -> None:
        self.directory = Path(mkdtemp(prefix="ledger-"))
        self.engine = open_database(place_database(self.directory / "fairvarme.db"))
        self.ledger = Ledger(self.engine)
        self.years, self.keys = count(1990), count(1)
        self.chains: list[Chain] = []
        self.paid: Counter[tuple[str, str, str]] = Counter()
        self.payments: list[Payment] = []
        # Some period is there from the start, so that no rule lacks what it works on.
        self.approve(HOUSES[0], cost)
        self.pay(HOUSES[0], TENANCIES[0], 1, "balance")

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            shutil.rmtree(self.directory)

    @rule(house=st.sampled_from(HOUSES), cost=homes)
    def approve(self, house: str, cost: Homes) -> None:
        year = next(self.years)
        days: dict[str, Any] = {
            "period_start": date(year, 1, 1),
            "period_end": date(year + 1, 1, 1),
        }
        draft = self.ledger.keep(package(cost, building=house, **days), "a", NOW_MS)
        run = self.ledger.approve(draft, "a", NOW_MS).run
        self.chains.append(Chain(house, run.number, cost))

    @rule(cost=homes)
    def discard(self, cost: Homes) -> None:
        self.ledger.discard(self.ledger.keep(package(cost), "a", NOW_MS))

    @rule(number=st.integers(0), moved=spread, paid=st.integers(0, 50_00))
    def correct(self, number: int, moved: list[int], paid: int) -> None:
        """Split the same costs otherwise."""
        chain = self.chains[number % len(self.chains)]
        around = [moved[place] - moved[place - 1] for place in range(len(moved))]
        cost = dict(chain.homes)
        for name, step in zip(TENANCIES, around, strict=True):
            cost[name] = cost[name][0] + step, paid
        facts = self.ledger.run(chain.run).facts
        days: dict[str, Any] = {"period_start": facts.period_start, "period_end": facts.period_end}
        more: dict[str, Any] = {
            "building": chain.house,
            "corrects": chain.run,
            "reason": "objection",
        }
        draft = self.ledger.keep(package(cost, **days, **more), "a", NOW_MS)
        run = self.ledger.approve(draft, "a", NOW_MS, ["ledger.correction.nothing"]).run
        chain.run, chain.homes, chain.served = run.number, cost, set()

    @rule(
        number=st.integers(0),
        name=st.sampled_from(TENANCIES),
        after=st.sampled_from([-30, 0, 1, 30]),
    )
    def serve(self, number: int, name: str, after: int) -> None:
        chain = self.chains[number % len(self.chains)]
        if name in chain.served:
            return
        day = DEADLINE + timedelta(days=after)
        self.ledger.change([StateChange(chain.run, State.SERVED, day, name, "letter")], "a", NOW_MS)
        if name not in chain.told and after > 0:
            chain.late.add(name)
        chain.served.add(name)
        chain.told.add(name)

    @rule(
        house=st.sampled_from(HOUSES),
        name=st.sampled_from(TENANCIES),
        amount_ore=st.integers(-30_00, 30_00).filter(bool),
        kind=st.sampled_from(["on_account", "balance"]),
    )
    def pay(self, house: str, name: str, amount_ore: int, kind: PaymentKind) -> None:
        payment = Payment(house, name, ISSUED, amount_ore, kind, str(next(self.keys)))
        assert self.ledger.pay([payment], "a", NOW_MS) == 1
        self.payments.append(payment)
        self.paid[house, name, kind] += amount_ore

    @rule(number=st.integers(0))
    def pay_again(self, number: int) -> None:
        again = self.payments[number % len(self.payments)]
        assert self.ledger.pay([again], "a", NOW_MS) == 0

    @invariant()
    def lines_add_up_to_nothing(self) -> None:
        if not hasattr(self, "engine"):
            return
        with self.engine.connect() as connection:
            for column in ("entry", "run", "tenancy"):
                sums = connection.execute(
                    text(f"SELECT sum(amount_ore) FROM ledger_line GROUP BY {column}")  # noqa: S608
                )
                assert {total for (total,) in sums} <= {0}

    @invariant()
    def every_amount_is_explained(self) -> None:
        if not hasattr(self, "engine"):
            return
        assert verify(self.engine).findings == ()
        for house in HOUSES:
            booked = self.ledger.booked(house)
            chains = [chain for chain in self.chains if chain.house == house]
            for name in TENANCIES:
                owed = sum(chain.balances()[name][0] for chain in chains)
                lost = sum(chain.balances()[name][1] for chain in chains)
                credited = sum(chain.homes[name][1] for chain in chains)
                expected = {
                    Account.BALANCE: owed - self.paid[house, name, "balance"],
                    Account.NOT_CLAIMED: lost,
                    Account.ON_ACCOUNT: credited - self.paid[house, name, "on_account"],
                    Account.CHARGE: 0,
                }
                found = {each: by_tenancy(booked, each).get(name, 0) for each in expected}
                assert found == expected


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    # Each try opens a database, so that shrinking would take minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
