"""What an alert is, when it is raised, and who hears of it.  Knows no Kafka."""
