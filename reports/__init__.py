"""Documents for residents: the monthly report, the heating statement, and words of alerts."""

__all__: list[str] = [
    "alert",
    "building_account",
    "letter",
    "monthly",
    "pdf",
    "print_building",
    "print_file",
    "statement",
]
