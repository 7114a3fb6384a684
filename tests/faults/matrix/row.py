"""One row of the matrix of faults: what was done, what it cost, and what it cost the control."""

from __future__ import annotations

from typing import NamedTuple


class Cost(NamedTuple):
    """
    What one kind of fault cost.

    Attributes
    ----------
    tries : int
        How often the fault was made.
    lost : int
        What was promised and is not there, or faults that nobody was told of.
    note : str
        What else was seen.
    """

    tries: int
    lost: int
    note: str = ""


class Row(NamedTuple):
    """
    A fault with its control, a variant without the protection, which must lose.

    Attributes
    ----------
    fault : str
    where : str
        The store or the clock that it befell.
    cost, control_cost : Cost
    control : str
        What the control leaves out.
    """

    fault: str
    where: str
    cost: Cost
    control: str
    control_cost: Cost

    def line(self) -> str:
        """Return it as a line of a table in Markdown."""
        cells = [
            self.fault, self.where, self.cost.tries, self.cost.lost, self.control,
            self.control_cost.lost, self.cost.note,
        ]  # fmt: skip
        return "| " + " | ".join(str(cell) for cell in cells) + " |"

    def told(self) -> dict[str, object]:
        """Return it for a program."""
        control = {"control": self.control, "control_lost": self.control_cost.lost}
        return {"fault": self.fault, "where": self.where, **self.cost._asdict(), **control}

    def faults(self) -> list[str]:
        """Tell what is not as it must be."""
        told = []
        if self.cost.lost:
            told.append(f"{self.cost.lost} lost")
        if not self.cost.tries:
            told.append("nothing was tried")
        if not self.control_cost.lost:
            told.append(f"the control ({self.control}) lost nothing, so that it shows nothing")
        return [f"{self.fault}, {self.where}: {each}" for each in told]
