"""The auditor: an independent check of what must always be true. It shares no code with the services: tables are read under a
read-only role, topics from offset 0 with another Kafka client, events decoded with Python protobuf and folded with models of its own.

Every check says how much it checked; one that checked nothing has failed."""
