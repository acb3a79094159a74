"""The screen of the watch: one page, its API and its live stream.  Knows no Kafka: streams/dashboard.py feeds it."""
