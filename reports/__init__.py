"""Documents for residents: the monthly report and the heating statement."""

__all__: list[str] = [
    "building_account",
    "letter",
    "monthly",
    "pdf",
    "print_building",
    "print_file",
    "statement",
]
