"""Who may do what where, and what is written down about it."""
