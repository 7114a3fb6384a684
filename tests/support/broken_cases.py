"""
For every finding of a bill's inputs: good files, how they are spoiled, and what the message names.

Each spoiling is small: one cell, row, option or file. Other findings may come with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.broken_inputs import good_days, good_year
from tests.support.spoilings import (
    FACTS,
    HALF_OF_GAS,
    HEAT_COST,
    LOSS,
    METERED,
    OLD_GAS,
    PERMIT,
    TRIAL,
    Make,
    Spoil,
    allocators_in_b,
    both,
    box_in_the_sun,
    by_meters,
    days,
    export,
    meter_in_mwh,
    meter_read_too_high,
    meter_that_stands,
    more,
    one_reading_of_zero,
    options,
    replaced_meter,
    swap,
    taken_out,
    too_much_heat,
    two_meters,
    under,
    without,
    wrong_rows,
)

IN_POINT = "heat,A,2020-01-01,,2030-01-01,yes,p"
Case = tuple[Make, Spoil, str]
CASES: Mapping[str, Case] = {
    "estate.file.missing": (
        good_year, lambda inputs: (inputs.estate / "flats.csv").unlink(), "flats.csv",
    ),
    "estate.file.unreadable": (
        good_year, lambda inputs: (inputs.estate / "costs.csv").write_bytes(b"\xff\xfe"),
        "costs.csv",
    ),
    "estate.building.invalid": (
        good_year, swap("building.yaml", "tenure: almen", "tenure: leje"),
        "building.yaml: tenure is 'leje'",
    ),
    "estate.column.missing": (
        good_year, swap("flats.csv", "area_m2", "x_area"), "flats.csv: the column 'area_m2'",
    ),
    "estate.column.unknown": (
        good_year, swap("flats.csv", "position_factor", "position"), "'position'",
    ),
    "estate.column.twice": (
        good_year, swap("flats.csv", ",address,", ",flat,"), "flats.csv: the column 'flat'",
    ),
    "estate.cell.invalid": (
        good_year, swap("flats.csv", "A,30,", "A,-30,"), "flats.csv row 2, column area_m2",
    ),
    "estate.rows.duplicate": (
        good_year, more("flats.csv", "A,Street 1 C,50,1"), "flats.csv row 4",
    ),
    "estate.rows.unknown": (
        good_year, swap("tenancies.csv", "B-1,B", "B-1,C"), "tenancies.csv row 3",
    ),
    "estate.rows.order": (
        good_year, swap("tenancies.csv", "A,2020-01-01,", "A,2020-01-01,2019-01-01"),
        "tenancies.csv row 2",
    ),
    "estate.rows.overlap": (
        good_year, more("tenancies.csv", "A-2,A,2025-06-01,,digital"), "tenancies.csv row 4",
    ),
    "estate.rows.neighbour": (
        good_year, swap("neighbours.csv", "A,B,", "A,A,"), "neighbours.csv row 2",
    ),
    "estate.rows.circle": (
        good_year,
        both(
            swap("costs.csv", "received", "received,id,replaces"),
            swap("costs.csv", "9000,final,2026-02-01", "9000,final,2026-02-01,a,b"),
            swap("costs.csv", "1500,final,2026-02-01", "1500,final,2026-02-01,b,a"),
        ),
        "costs.csv row",
    ),
    "estate.rows.point_taken": (
        good_year,
        both(
            swap("devices.csv", "remote", "remote,point"),
            swap("devices.csv", "heat,A,2020-01-01,,2030-01-01,yes", IN_POINT),
            more("devices.csv", "more-A,heat,A,2025-06-01,,2030-01-01,yes,p"),
        ),
        "devices.csv row 6",
    ),
    "estate.rows.point_elsewhere": (
        good_year,
        both(
            swap("devices.csv", "remote", "remote,point"),
            swap("devices.csv", "heat,A,2020-01-01,,2030-01-01,yes", IN_POINT),
            more("devices.csv", "cold-B,cold_water,B,2025-06-01,,2030-01-01,yes,p"),
        ),
        "devices.csv row 6",
    ),
    "readings.file.unreadable": (
        good_year, swap("readings.csv", "time,device", "when,device"), "readings.csv",
    ),
    "readings.column.unknown": (
        good_year, swap("readings.csv", "quantity,value", "quantity,value,note"), "readings.csv",
    ),
    "readings.row.invalid": (
        good_year, more("readings.csv", "yesterday,heat-A,heat_kwh,1"), "readings.csv row 30",
    ),
    "readings.rows.more": (good_year, wrong_rows, "readings.csv"),
    "readings.repeated": (
        good_year, more("readings.csv", "2025-01-01T00:00:00+01:00,heat-A,heat_kwh,3001"),
        "1 readings stand in readings.csv again",
    ),
    "readings.time.twice": (
        good_year, export("2025-10-26 02:00;heat-A;1", "2025-10-26 03:00;heat-A;1"),
        "export.csv: 1 rows are in the repeated hour of local time",
    ),
    "readings.use.gap": (
        good_year, export("2025-10-27 02:00;heat-A;1", "2025-10-27 04:00;heat-A;1", use=True),
        "heat_volume_m3 of device heat-A",
    ),
    "readings.none": (
        good_year, swap("readings.csv", "T00", "T"), "readings.csv: it has no usable readings",
    ),
    "readings.rejected": (
        good_year, more("readings.csv", "2025-03-01T00:00Z,heat-C,heat_kwh,1"), "heat-C",
    ),
    "readings.kind.contradicted": (
        good_year, more("readings.csv", "2025-03-01T00:00Z,heat-A,hot_water_m3,1"), "heat-A",
    ),
    "reports.address.missing": (
        good_year,
        both(
            swap("tenancies.csv", "A,2020-01-01,", "A,2020-01-01,2025-12-01"),
            options("--statements", "pdf"),
        ),
        "tenancy A-1",
    ),
    "billing.costs.missing": (
        good_year, without("costs.csv", "2025-01-01"), "costs.csv has no cost within 2025-01-01",
    ),
    "billing.costs.beyond": (
        good_year, swap("costs.csv", "2026-01-01,heat,rebate", "2026-02-01,heat,rebate"),
        "costs.csv: the rebate cost of heat from 2025-01-01 to 2026-02-01",
    ),
    "billing.costs.provisional": (
        good_year, swap("costs.csv", "9000,final", "9000,provisional"),
        "costs.csv: the energy cost of heat",
    ),
    "billing.costs.kind": (
        good_year, swap("costs.csv", "hot_water,energy", "hot_water,inspection"),
        "costs.csv: the inspection cost of hot_water",
    ),
    "billing.costs.sign": (
        good_year, swap("costs.csv", "-100.00,-20.00", "100.00,20.00"),
        "costs.csv: the rebate cost of heat",
    ),
    "billing.costs.vat": (
        good_year, swap("costs.csv", "-20.00", "20.00"), "costs.csv: the rebate cost of heat",
    ),
    "billing.costs.co2": (
        good_year,
        both(
            swap("costs.csv", "vat_amount", "co2_amount"),
            swap("costs.csv", ",2000.00,9000", ",12000.00,9000"),
        ),
        "has 12000.00 for CO2",
    ),
    "billing.costs.received": (
        good_year, swap("costs.csv", "9000,final,2026-02-01", "9000,final,2027-02-01"),
        "costs.csv: the energy cost of heat from 2025-01-01 came on 2027-02-01",
    ),
    "billing.costs.overlap": (
        good_year, more("costs.csv", HEAT_COST), "costs.csv: the energy cost of heat from 2025-01",
    ),
    "billing.costs.set_aside": (
        good_year, more("costs.csv", "2025-03-01,2025-04-01,heat,energy,1.00,0.00,9,provisional,"),
        "costs.csv: the energy cost of heat from 2025-03-01",
    ),
    "billing.aconto.twice": (
        good_year, more("aconto.csv", "A-1,2025-01-01,2025-02-01,9.00"),
        "aconto.csv: the charge of A-1 from 2025-01-01",
    ),
    "billing.aconto.not_counted": (
        good_year,
        both(
            more("tenancies.csv", "A-0,A,2018-01-01,2019-01-01,digital"),
            more("aconto.csv", "A-0,2025-01-01,2025-02-01,9.00"),
        ),
        "aconto.csv: the charge of A-0 from 2025-01-01",
    ),
    "billing.costs.gap": (
        good_year, swap("costs.csv", "2025-01-01,2026-01-01,hot", "2025-02-01,2026-01-01,hot"),
        "costs.csv: hot_water has no energy cost on 31 days",
    ),
    "billing.derive.no_energy": (
        good_year,
        both(
            under(*by_meters(0.6), more=taken_out("by: kwh_per_m2")),
            swap("costs.csv", ",9000,", ",,"),
        ),
        "costs.csv",
    ),
    "billing.derive.unmeasured": (
        good_year, under(*by_meters(0.6), more=taken_out("by: metered_energy")), "devices.csv",
    ),
    "billing.derive.exceeds": (
        # 45 m³ of 200 kWh each are all of the 9,000 kWh, and more than is left.
        good_year,
        both(
            under(*by_meters(0.6), more=taken_out("by: kwh_per_m3, kwh_per_m3: 200")),
            swap("costs.csv", ",9000,", ",8000,"),
        ),
        "costs.csv",
    ),
    "billing.derive.computed": (
        good_year, under(*by_meters(0.6), more=taken_out("by: [metered_energy, kwh_per_m2]")),
        "loss is taken out of heat by kwh_per_m2",
    ),
    "billing.item.no_rule": (
        good_year, swap("costs.csv", ",hot_water,", ",lift,"), "the item lift of costs.csv",
    ),
    "billing.scheme.missing": (
        good_year, swap("building.yaml", "from: 2024", "from: 2026"), "building.yaml",
    ),
    "billing.scheme.changes": (
        good_year,
        swap("building.yaml", METERED, METERED + "\n  - {scheme: dk-climate, from: 2025-07-01}"),
        "--period 2025-01-01/2025-07-01 and use --period 2025-07-01/2026-01-01",
    ),
    "billing.scheme.not_permitted": (
        good_year, swap("building.yaml", METERED, TRIAL), "building.yaml",
    ),
    "billing.scheme.not_yet": (
        good_year,
        both(under(*by_meters(0.6)), swap("../own.yaml", "2020-01-01", "2025-06-01")),
        "valid from 2025-06-01",
    ),
    "billing.scheme.permit_changes": (
        good_year, swap("building.yaml", METERED, PERMIT), "the permit 'J1'",
    ),
    "billing.scheme.permit_long": (
        good_year,
        swap("building.yaml", METERED,
             "{scheme: dk-climate, from: 2020-01-01, "
             "permit: {reference: J2, from: 2020-01-01, to: 2030-01-01}}"),
        "the permit 'J2'",
    ),
    "billing.law.metered_fraction": (
        good_year, under(*by_meters(0.39), country="DK"), "39% of heat",
    ),
    "billing.law.metered_fraction_high": (
        good_year, under(*by_meters(0.75), country="DE"), "75% of heat",
    ),
    "billing.law.metered_fraction_exact": (
        good_year, both(HALF_OF_GAS, swap("building.yaml", FACTS, OLD_GAS)), "exactly 70%",
    ),
    "billing.law.metered_fraction_unusual": (
        good_year, under(*by_meters(0.6, "heat_units"), country="CH"), "usually 70%",
    ),
    "billing.law.metered_whole": (
        good_year,
        both(under(*by_meters(0.4), country="DK", more=LOSS), without("costs.csv", "hot_water")),
        "26% of all heat",
    ),
    "billing.law.facts": (good_year, HALF_OF_GAS, "building.yaml does not say fuel"),
    "billing.law.position": (
        good_year, under(*by_meters(0.6, "heat_units"), country="DK"), "own splits heat",
    ),
    "billing.law.few_flats": (good_year, options("--scheme", "at-heizkg"), "flats.csv has 2 flats"),
    "billing.law.period_short": (
        good_year, days("2025-01-01/2025-07-01"), "2025-01-01/2025-07-01 is shorter",
    ),
    "billing.law.period_transition": (
        good_year, days("2025-01-01/2026-03-01"), "2025-01-01/2026-03-01 is longer",
    ),
    "billing.law.period_long": (
        good_year, days("2025-01-01/2026-08-01"), "2025-01-01/2026-08-01 is longer",
    ),
    "billing.law.received": (
        good_year, swap("costs.csv", "1500,final,2026-02-01", "1500,final,"),
        "costs.csv: the energy cost of hot_water",
    ),
    "billing.law.period_not_over": (
        good_year, options("--issued", "2025-12-31"), "before the period is over",
    ),
    "billing.law.account_due": (
        good_year,
        both(under(*by_meters(0.7), country="AT"), options("--issued", "2026-07-01")),
        "it was due on 2026-06-30",
    ),
    "billing.law.correction": (
        good_year,
        options("--issued", "2026-05-02", "--first-issued", "2026-03-01"),
        "made on 2026-03-01 and are not late; they are corrected on 2026-05-02",
    ),
    "billing.law.operation_by_use": (
        good_year,
        both(under(*by_meters(0.7), country="AT"),
             swap("costs.csv", "2000.00,400.00,1500,final", "2000.00,400.00,1500,final,2026-02-01\n"
                  "2025-01-01,2026-01-01,heat,fixed,100.00,20.00,,final")),
        "splits the fixed cost of heat by use",
    ),
    "billing.law.unmetered": (
        good_year,
        both(under(*by_meters(0.7), country="DE"), without("devices.csv", "heat-")),
        "no home has a meter for heat",
    ),
    "billing.law.co2_untold": (
        good_year, under(*by_meters(0.7), country="DE"), "costs.csv: the energy cost of heat",
    ),
    "billing.law.derived_fraction": (
        good_year,
        under(*by_meters(0.7), country="AT", more=taken_out("by: fixed, fraction: 0.2")),
        "takes 20% out of heat for loss",
    ),
    "billing.law.information_cost": (
        good_year,
        more("costs.csv", "2025-01-01,2026-01-01,heat,information,100.00,20.00,,final,2026-02-01"),
        "costs.csv: the cost of monthly information of heat",
    ),
    "billing.law.late": (
        good_year, options("--issued", "2026-05-02"), "after its deadline 2026-05-01",
    ),
    "billing.law.remote_reading": (
        good_year, swap("devices.csv", "heat-A,heat,A,2020-01-01,,2030-01-01,yes",
                        "heat-A,heat,A,2021-01-01,,2030-01-01,no"),
        "devices.csv: meter heat-A",
    ),
    "billing.law.verification": (
        good_year, swap("devices.csv", "heat-B,heat,B,2020-01-01,,2030",
                        "heat-B,heat,B,2020-01-01,,2025"),
        "devices.csv: meter heat-B",
    ),
    "billing.law.monthly_information": (
        good_year, swap("building.yaml", "monthly_information: yes", "monthly_information: no"),
        "building.yaml: residents are not informed",
    ),
    "billing.law.estimate_ceiling": (
        good_year, under(*by_meters(0.7), country="DE", more="estimated_area_ceiling: 0.5"),
        "allows 25%",
    ),
    "billing.law.statement": (
        good_year, without("building.yaml", "complaint_board"), "where to complain",
    ),
    "billing.law.reduction": (
        good_year,
        both(under(*by_meters(0.7), country="DE"),
             swap("building.yaml", "monthly_information: yes", "monthly_information: no")),
        "2 tenants may deduct 3%",
    ),
    "billing.flat.column": (
        good_year, under("key: shares, fraction: 1.0"), "flat A has no shares",
    ),
    "billing.flat.position": (
        good_year, swap("flats.csv", "B,120,0.8", "B,120,"), "flat B has no position factor",
    ),
    "billing.position.no_need": (
        good_year,
        both(
            under(*by_meters(0.6), more="position_condition: {outdoor_c: 20}"),
            swap("flats.csv", "position_factor", "heat_loss_w_per_k"),
        ),
        "flat A needs 0.0 W/m²",
    ),
    "billing.position.low": (
        good_year, swap("flats.csv", "B,120,0.8", "B,120,0.08"),
        "flat B has the position factor 0.080",
    ),
    "billing.climate.suspect": (good_days, box_in_the_sun, "flat A"),
    "billing.climate.glitch": (good_days, one_reading_of_zero, "1 single readings of temperature"),
    "billing.climate.refused": (
        good_days,
        both(
            swap("tenancies.csv", "delivery", "delivery,climate_refused"),
            swap("tenancies.csv", "A,2020-01-01,,digital", "A,2020-01-01,,digital,yes"),
        ),
        "flat A",
    ),
    "billing.climate.missing": (good_days, without("readings.csv", "box-"), "flat A: 48 of 48"),
    "billing.climate.estimated": (
        good_days, without("readings.csv", "2025-02-01T05:30:00+01:00,box-A"), "flat A: 1 of 48",
    ),
    "billing.outdoor.missing": (good_days, without("readings.csv", ",out,"), "48 of 48 hours"),
    "billing.outdoor.estimated": (
        good_days, without("readings.csv", "2025-02-01T05:30:00+01:00,out"), "1 of 48 hours",
    ),
    "billing.register.break": (good_year, replaced_meter, "register heat-A"),
    "billing.register.implausible": (good_days, too_much_heat, "flat A: 100 kWh"),
    "billing.register.left_out": (
        good_year, more("readings.csv", "2025-05-01T12:00:00+02:00,heat-A,heat_kwh,77000"),
        "flat A: 1 of 6 readings of heat-A",
    ),
    "billing.register.not_one_meter": (good_year, two_meters, "flat A: the 9 readings of heat-A"),
    "billing.register.interpolated": (
        good_year,
        both(
            swap("tenancies.csv", "A-1,A,2020-01-01,", "A-1,A,2020-01-01,2025-06-01"),
            more("tenancies.csv", "A-2,A,2025-06-01,,digital"),
        ),
        "heat-A was not read near 2025-06-01",
    ),
    "billing.register.no_device": (
        good_year, swap("devices.csv", "heat-A,heat,A,2020-01-01", "heat-A,heat,A,2025-03-01"),
        "flat A: there was no meter of kind heat from 2025-01-01 to 2025-03-01",
    ),
    "billing.register.still": (good_year, meter_that_stands, "flat A: heat meter heat-A"),
    "billing.costs.received_early": (
        good_year, swap("costs.csv", "9000,final,2026-02-01", "9000,final,2025-02-01"),
        "came on 2025-02-01, before its last day was over",
    ),
    "billing.register.high": (
        good_year, meter_read_too_high, "flat A: 93,000 by its heat meters",
    ),
    "billing.register.unit": (good_year, meter_in_mwh, "flat A: 3 by its heat meters"),
    "billing.register.common_silent": (
        good_year,
        both(
            under(*by_meters(0.6), more=taken_out("by: [metered_energy, kwh_per_m2]")),
            more("devices.csv", "tank,heat,,2020-01-01,,2030-01-01,yes"),
        ),
        "common meter tank",
    ),
    "billing.register.missing": (good_year, without("readings.csv", "heat-"), "flat A (A-1)"),
    "billing.meter.groups": (good_year, allocators_in_b, "divided by area: 20.0% for homes"),
    "billing.meter.groups_by_area": (
        good_year,
        both(
            allocators_in_b,
            under("key: heat_units, fraction: 1.0, groups: main_meter"),
        ),
        "add the readings of the main meter",
    ),
    "billing.meter.not_counted": (
        good_year, more("devices.csv", "unit-A,allocator,A,2025-11-01,,2030-01-01,yes"),
        "flat A: allocator unit-A",
    ),
    "billing.register.none": (
        good_year, more("costs.csv", HEAT_COST.replace("heat", "cold_water")),
        "no meter of kind cold_water",
    ),
    "billing.register.estimated": (good_year, without("readings.csv", "heat-A"), "flat A (A-1)"),
    "billing.estimate.ceiling": (
        good_year,
        both(under(*by_meters(0.7), country="DE"), without("readings.csv", "heat-B")),
        "heat-1 is split",
    ),
    "billing.component.no_weight": (
        good_days, swap("readings.csv", "out,temperature_c,3", "out,temperature_c,33"),
        "heat-1 is split by area",
    ),
}  # fmt: skip
