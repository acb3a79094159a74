"""The ways in: TCP, UDP, files and standard input, somebody's Kafka topic; and archives of decoded positions."""
