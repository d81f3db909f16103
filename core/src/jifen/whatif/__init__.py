"""What a change of rules would do: one period under two rule books, and what differs (R2, R16)."""
