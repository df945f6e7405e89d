"""The day report: one event log, two views of it, for account service and for IT.

`model.day_report(day)` makes the figures (pure) from what `gathered` brings together; `text`, `json` and `html` show them.
People are numbers here (`people.PeopleCounts`), never persons.
"""
