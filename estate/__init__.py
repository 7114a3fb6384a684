"""The bottom layer: buildings, flats, tenancies, devices, quantities, findings."""

__all__: list[str] = [
    "database",
    "devices",
    "errors",
    "files",
    "findings",
    "model",
    "numbers",
    "periods",
    "printable",
    "purposes",
    "quantities",
    "record",
    "sources",
]
