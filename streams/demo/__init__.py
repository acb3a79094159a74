"""`hullwatch demo`: every stage on embedded servers, and the Angara case in three minutes, or a recording."""
