"""The building account: a run's summary for the accountant, as PDF, workbook and CSV."""
