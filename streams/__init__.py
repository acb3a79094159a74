"""Everything that touches Kafka, Faust or the wall clock.  No business rule lives here."""
