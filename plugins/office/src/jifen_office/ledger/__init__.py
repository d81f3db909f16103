"""append-only, chained, enforced in the database."""
