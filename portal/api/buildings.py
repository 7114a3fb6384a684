"""Master data: buildings out, estates and costs in."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Self

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from billing.schemes import shipped_schemes
from estate import model
from estate.files.writer import write_folder
from estate.model import Estate
from operations.accounts.costs_in import add_costs
from operations.estates import import_estate
from operations.settings import IN_DATABASE
from portal.access.guard import LoggedIn, OpenInstallation
from portal.api.answers import (
    NOT_MODIFIED,
    AskedPart,
    Building,
    Listing,
    answer,
    listing,
    refusals,
)
from portal.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from estate.database.importing import Imported

router = APIRouter(prefix="/api/v1", tags=["Master data"])

DryRun = Annotated[bool, Query(description="Change nothing, and answer what would be changed.")]


class BuildingSummary(BaseModel):
    """A building."""

    id: str
    name: str
    address: str
    homes: int
    area_m2: float


class EstateDocument(BaseModel):
    """An estate as the files of its folder say it (docs/estate-folder.md); money in øre."""

    model_config = ConfigDict(extra="forbid")

    building: model.Building
    flats: list[model.Flat] = Field(min_length=1)
    neighbours: list[model.Neighbour] = []
    tenancies: list[model.Tenancy] = []
    persons: list[model.Person] = []
    devices: list[model.Device] = []
    costs: list[model.Cost] = []
    aconto: list[model.Aconto] = []

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, document: Any) -> Any:  # noqa: ANN401  whatever was sent
        """Refuse characters that no name has, and that a database or a file may trip over."""
        if any(not each.isprintable() for each in _texts(document)):
            raise ValueError("a text holds a character that cannot be printed; leave it out")
        return document

    @model_validator(mode="after")
    def _names_no_file(self) -> Self:
        """Refuse schemes by the name of a file: it would be one of this machine's."""
        named = {each.scheme for each in self.building.schemes}
        shipped = shipped_schemes()
        if not named <= {*shipped}:
            raise ValueError(f"a scheme is one of {', '.join(shipped)}")
        return self

    def estate(self) -> Estate:
        """Return it as an estate."""
        names = [name for name in type(self).model_fields if name != "building"]
        return Estate.of(self.building, {name: getattr(self, name) for name in names})


class ChangeDocument(BaseModel):
    """A row that is added, changed or removed; of persons not to what."""

    file: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any]


class Finding(BaseModel):
    """Something that the data says."""

    name: str
    severity: str
    message: str


class ImportDocument(BaseModel):
    """What an import changed."""

    building: str
    new: bool
    changes: list[ChangeDocument]
    findings: list[Finding]


@router.get(
    "/buildings", response_model=Listing[BuildingSummary], responses=refusals() | NOT_MODIFIED
)
def list_buildings(
    request: Request, visitor: LoggedIn, serving: OpenInstallation, part: AskedPart
) -> Response:
    """List the buildings that the token is for."""
    estates = serving.estates().by_building
    found = [
        BuildingSummary(
            id=name,
            name=each.building.name,
            address=each.building.address,
            homes=len(each.flats),
            area_m2=sum(flat.area_m2 for flat in each.flats),
        )
        for name, each in sorted(estates.items())
        if visitor.works_for(name)
    ]
    return answer(request, listing(found, part))


@router.put(
    "/buildings/{building}/estate", response_model=ImportDocument, responses=refusals(404, 413)
)
def put_estate(
    building: Building,
    document: EstateDocument,
    visitor: LoggedIn,
    serving: OpenInstallation,
    *,
    dry_run: DryRun = False,
) -> ImportDocument:
    """
    Bring a building in the database to what a document says.

    Rows that it lacks stay as they are: whoever moves out gets a last day. Of each change it is
    kept who made it.
    """
    if document.building.id != building:
        raise Problem(422, "input", reason="the document is of another building than the address")
    if serving.settings.estates != IN_DATABASE:
        reason = "the estates of this installation are folders; import them into the database"
        raise Problem(422, "input", reason=reason)
    with TemporaryDirectory() as name:
        directory = Path(name) / building
        write_folder(directory, document.estate())
        done = import_estate(serving.settings, directory, visitor.name, dry=dry_run)
    serving.look_again()
    return _told(done)


@router.post(
    "/buildings/{building}/costs", response_model=ImportDocument, responses=refusals(404, 413)
)
def post_costs(
    building: Building,
    costs: Annotated[list[model.Cost], Field(min_length=1, max_length=1000)],
    visitor: LoggedIn,
    serving: OpenInstallation,
    *,
    dry_run: DryRun = False,
) -> ImportDocument:
    """Add amounts of the supplier's bill; one of the same days, item and kind takes its place."""
    done = add_costs(serving.settings, building, costs, visitor.name, dry=dry_run)
    serving.look_again()
    return _told(done)


def _texts(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for name, value in document.items():
            yield from _texts(name)
            yield from _texts(value)
    elif isinstance(document, list):
        for value in document:
            yield from _texts(value)


def _told(done: Imported) -> ImportDocument:
    return ImportDocument(
        building=done.building,
        new=done.new,
        changes=[ChangeDocument(**each._asdict()) for each in done.changes],
        findings=[
            Finding(name=each.name, severity=each.severity, message=each.message)
            for each in done.findings
        ],
    )
