"""Conflicts that an import must ask about: folder and database disagree on one thing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from estate.database.changes import key_text, missing_schemes
from estate.findings import Finding
from estate.periods import Period, share_days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from estate.database.changes import Matched
    from estate.database.reading import Stored
    from estate.model import Building

    Numbered = Sequence[tuple[int, Any]]
    """Rows with their numbers: those of a file, then stored ones that it lacks."""


def explained(
    findings: Sequence[Finding],
    numbered: Mapping[str, Numbered],
    files: Mapping[str, Matched],
) -> Iterator[Finding]:
    """Explain rows that a finding names but that are not in the file."""
    for finding in findings:
        name = finding.data["file"].removesuffix(".csv")
        missing = files[name].missing
        own = numbered[name][len(files[name].pairs) :]
        odd = {finding.data.get(each) for each in ("row", "other")}
        told = [
            f"row {number} is {key_text(name, each.record)}, which the database has and the folder "
            f"lacks: write it there again, with its end, or import with --remove {name}"
            for (number, _), each in zip(own, missing, strict=True)
            if number in odd
        ]
        message = "; ".join([finding.message, *told])
        yield Finding(finding.name, message, finding.data)


def hidden_devices(matched: Matched, numbered: Numbered) -> Iterator[Finding]:
    """Find new devices in the place of one that the folder lacks: it was renamed, or replaced."""
    for pair, (number, new) in zip(matched.pairs, numbered, strict=False):
        if pair.before is not None or new.point is not None:
            continue
        for each in matched.missing:
            old = each.record
            same = (old.kind, old.flat, old.room) == (new.kind, new.flat, new.room)
            if same and share_days(old, new):
                message = (
                    f"devices.csv row {number}: {new.device} stands where {old.device} stands, "
                    f"which the folder lacks; write the row of {old.device} again with its 'to' "
                    f"where {new.device} took its place, else name the measuring point of "
                    f"{new.device} in the column point"
                )
                data = {"file": "devices.csv", "row": number, "device": old.device}
                yield Finding("import.place_taken", message, data)


def doubled_amounts(
    files: Mapping[str, Matched], numbered: Mapping[str, Numbered]
) -> Iterator[Finding]:
    """Find new amounts alongside stored ones that the folder lacks; they may be the same."""
    for name, is_like in LIKE.items():
        for pair, (number, new) in zip(files[name].pairs, numbered[name], strict=False):
            like = [each for each in files[name].missing if is_like(each.record, new)]
            if pair.before is None and like:
                key = key_text(name, like[0].record)
                message = (
                    f"{name}.csv row {number} is new beside {key}, which the database has for some "
                    "of its days and the folder lacks; write that row again if both count, or "
                    f"import with --remove {name} if this one takes its place"
                )
                data = {"file": f"{name}.csv", "row": number, "key": key}
                yield Finding("import.doubled", message, data)


def _shares_a_period(one: Any, other: Any) -> bool:  # noqa: ANN401  costs or charges
    period = Period(one.period_start, one.period_end)
    return period.overlap(other.period_start, other.period_end) is not None


LIKE: Mapping[str, Callable[[Any, Any], bool]] = {
    "costs": lambda one, other: (
        (one.item, one.kind) == (other.item, other.kind) and _shares_a_period(one, other)
    ),
    "aconto": lambda one, other: one.tenancy == other.tenancy and _shares_a_period(one, other),
}
"""When an amount may stand for another one."""


def kept_findings(
    given: Building, stored: Stored | None, files: Mapping[str, Matched]
) -> Iterator[Finding]:
    """Report what is kept although the folder lacks it."""
    for use in missing_schemes(given, stored.building if stored else None):
        yield _kept("building.yaml", f"scheme {use.scheme} from {use.start}")
    for name, matched in files.items():
        for each in matched.missing:
            yield _kept(f"{name}.csv", key_text(name, each.record))


def _kept(file: str, key: str) -> Finding:
    message = (
        f"{file}: {key} is in the database and not in the folder, and is kept; if it has ended, "
        "write it there with its end; if it never was, import with --remove"
    )
    return Finding("import.kept", message, {"file": file, "key": key})
