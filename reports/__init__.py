"""Documents for residents: the monthly report and the heating statement."""
