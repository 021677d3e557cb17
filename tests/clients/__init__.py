"""Independent clients of Steward for tests: grpcio on stubs made from proto/, confluent-kafka and kafka-python, psycopg. They share no
code with the services."""
