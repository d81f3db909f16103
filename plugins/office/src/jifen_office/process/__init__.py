"""recorded, reviewed, posted, objected to, final."""
