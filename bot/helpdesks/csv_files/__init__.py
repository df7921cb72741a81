"""Tickets from CSV files, as help desks and spreadsheets export them: `backstop import`, and a watched folder."""
