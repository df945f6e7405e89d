"""Lead exports: Marketo, Salesforce, HubSpot, plain CSV and JSON, each file checked against the importer's documented rules
before it is written. What an importer cannot take is told, lead by lead and field by field, and lies beside it in full.

    plan = plan_export(TARGETS["marketo"], leads, setting)      # nothing is written
    plan.files, plan.problems, plan.neutralised
"""
