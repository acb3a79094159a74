"""Ways out, and the ledger of what was sent."""
