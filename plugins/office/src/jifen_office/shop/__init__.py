"""vouchers, stock, what the village owes."""
