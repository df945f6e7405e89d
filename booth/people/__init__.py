"""People's data, sealed: contacts, consents, tickets, erasure and the audit of who did what with it."""
