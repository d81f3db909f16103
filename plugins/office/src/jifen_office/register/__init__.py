"""towns, villages, households and members, with personal data sealed."""
