"""The building account: one summary of a run, for the accountant, as page, workbook and CSV."""
