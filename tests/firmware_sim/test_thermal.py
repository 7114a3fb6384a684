"""Coupled flats: the published small building, energy conserved, and the one-zone step response."""

from __future__ import annotations

import math

import numpy as np
import pytest

from firmware_sim.physics.thermal import Network, radiator_w

# The small building of six flats: G1 G2 M1 M2 T1 T2.
LOSS = np.array([115.0, 115.0, 95.0, 95.0, 125.0, 125.0])
PAIRS = {(0, 1): 40, (2, 3): 40, (4, 5): 40, (0, 2): 126, (2, 4): 126, (1, 3): 126, (3, 5): 126}
OUTDOOR_C, GAINS_W = 4.5, 280.0


def six_flats(loss: np.ndarray[tuple[int], np.dtype[np.float64]] = LOSS) -> Network:
    coupling = np.zeros((6, 6))
    for (a, b), value in PAIRS.items():
        coupling[a, b] = coupling[b, a] = value
    return Network(np.full(6, 4200.0), loss, coupling, 1 / 12)


def steady_radiators(network: Network, temperatures: list[float]) -> list[float]:
    t = np.array(temperatures)
    watts = network.heat_loss_w_per_k * (t - OUTDOOR_C) + network.to_neighbours_w(t) - GAINS_W
    return watts.tolist()  # type: ignore[no-any-return]  # numbers


def test_published_balance_of_the_small_building() -> None:
    found = steady_radiators(six_flats(), [21.0, 20.5, 19.0, 22.0, 21.0, 23.0])
    assert found == pytest.approx([1889.5, 1351.0, 473.5, 1565.5, 1954.5, 2238.5])


def test_flat_two_kelvin_colder_takes_heat_from_its_neighbours() -> None:
    """584 W through the walls, 42 % of its outdoor loss; its radiator falls by 60 %."""
    network = six_flats()
    even, cold = [21.0] * 6, [21.0, 21.0, 19.0, 21.0, 21.0, 21.0]
    taken_w = -network.to_neighbours_w(np.array(cold))[2]
    assert taken_w == pytest.approx(584.0)
    assert taken_w / (95 * (19 - OUTDOOR_C)) == pytest.approx(0.42, abs=0.005)
    before, after = steady_radiators(network, even)[2], steady_radiators(network, cold)[2]
    assert (before, after) == pytest.approx((1287.5, 513.5))
    assert 1 - after / before == pytest.approx(0.60, abs=0.005)


def test_renovated_flat_needs_no_radiator() -> None:
    network = six_flats(np.array([48.0, 48.0, 40.0, 40.0, 50.0, 50.0]))
    assert steady_radiators(network, [21.0, 21.0, 19.0, 21.0, 21.0, 21.0])[2] < 0


def test_steady_state_is_kept() -> None:
    network = six_flats()
    t = np.array([21.0, 20.5, 19.0, 22.0, 21.0, 23.0])
    power = np.array(steady_radiators(network, t.tolist())) + GAINS_W
    for _ in range(1000):
        t = network.step(t, OUTDOOR_C, power)
    assert t == pytest.approx([21.0, 20.5, 19.0, 22.0, 21.0, 23.0])


def test_energy_is_conserved_to_rounding() -> None:
    network, rng = six_flats(), np.random.default_rng(1)
    t = rng.uniform(15, 25, 6)
    start, put_in, lost, moved = t.copy(), np.zeros(6), np.zeros(6), np.zeros(6)
    for _ in range(5000):
        outdoor, power = rng.uniform(-10, 10), rng.uniform(0, 3000, 6)
        t = network.step(t, outdoor, power)
        put_in += power * network.step_hours
        lost += network.heat_loss_w_per_k * (t - outdoor) * network.step_hours
        moved += network.to_neighbours_w(t) * network.step_hours
    stored = network.capacity_wh_per_k * (t - start)
    assert put_in - lost - moved == pytest.approx(stored, rel=1e-9)
    assert moved.sum() == pytest.approx(0, abs=1e-6)


def test_uncoupled_flat_follows_the_analytic_step_response() -> None:
    capacity, loss = 4200.0, 100.0
    errors = []
    for step_hours in (1 / 12, 1 / 24):
        network = Network(np.array([capacity]), np.array([loss]), np.zeros((1, 1)), step_hours)
        t = np.array([20.0])
        for _ in range(round(24 / step_hours)):
            t = network.step(t, 0.0, np.array([500.0]))
        exact = 5 + 15 * math.exp(-24 * loss / capacity)
        errors.append(abs(float(t[0]) - exact))
    # Implicit Euler is of the first order: half the step, half the error.
    assert errors[0] < 0.02
    assert errors[1] == pytest.approx(errors[0] / 2, rel=0.05)


def test_uncoupled_flats_do_not_know_of_each_other() -> None:
    together = Network(np.full(6, 4200.0), LOSS, np.zeros((6, 6)), 1 / 12)
    t = np.linspace(15, 25, 6)
    alone = []
    for flat in range(6):
        one = Network(np.array([4200.0]), LOSS[flat : flat + 1], np.zeros((1, 1)), 1 / 12)
        alone.append(float(one.step(t[flat : flat + 1], OUTDOOR_C, np.array([700.0]))[0]))
    assert together.step(t, OUTDOOR_C, np.full(6, 700.0)) == pytest.approx(alone)


def test_any_step_is_stable() -> None:
    network = Network(np.full(6, 4200.0), LOSS, six_flats().coupling_w_per_k, 1000.0)
    t = network.step(np.full(6, 90.0), OUTDOOR_C, np.zeros(6))
    assert ((t >= OUTDOOR_C) & (t < 90)).all()


def test_radiator_is_shut_above_the_setpoint_and_limited_below() -> None:
    found = radiator_w(
        np.array([22.0, 20.9, 10.0]), np.full(3, 21.0), np.full(3, 1000.0), np.full(3, 5000.0)
    )
    assert found == pytest.approx([0.0, 100.0, 5000.0])


def test_houses_side_by_side_are_solved_as_one_system_would_be() -> None:
    """Houses of three sizes, their flats mixed up: the same as one dense solution."""
    rng = np.random.default_rng(3)
    coupling = np.zeros((9, 9))
    for a, b in ((0, 4), (4, 7), (1, 8), (2, 6), (6, 3)):
        coupling[a, b] = coupling[b, a] = rng.uniform(20, 130)
    network = Network(rng.uniform(3000, 6000, 9), rng.uniform(50, 130, 9), coupling, 1 / 12)
    t, power = rng.uniform(15, 25, 9), rng.uniform(0, 3000, 9)
    stored = network.capacity_wh_per_k * 12
    matrix = np.diag(stored + network.heat_loss_w_per_k + coupling.sum(axis=1)) - coupling
    inflow = stored * t + network.heat_loss_w_per_k * OUTDOOR_C + power
    assert network.step(t, OUTDOOR_C, power) == pytest.approx(np.linalg.solve(matrix, inflow))
    given = [sum(coupling[a, b] * (t[a] - t[b]) for b in range(9)) for a in range(9)]
    assert network.to_neighbours_w(t) == pytest.approx(given)
    assert network.to_neighbours_w(np.stack([t, t + 1])) == pytest.approx(np.array([given] * 2))
