"""Pure: who should hear of an alert, who must not, and why not."""
