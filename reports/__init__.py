"""The monthly report: figures, words and pages for residents."""
