"""Topics from offset 0, read with kafka-python: another Kafka client than the services'."""

from kafka import KafkaConsumer, TopicPartition

from . import protos as p

MESSAGES = {"steward.directory.v1": p.directory_events.DirectoryEvent, "steward.complaints.v1": p.complaints_events.ComplaintsEvent,
            "steward.sla.v1": p.sla_events.SlaEvent, "steward.leads.v1": p.leads_events.LeadsEvent,
            "steward.orders.v1": p.orders_events.OrdersEvent, "steward.scoring.v1": p.scoring_events.ScoringEvent}


class Record:
    def __init__(self, raw):
        self.topic, self.partition, self.offset = raw.topic, raw.partition, raw.offset
        self.key = raw.key.decode()
        self.value = raw.value
        self.headers = {name: value.decode() for name, value in raw.headers}
        self.version = int(self.headers["ce_sequence"])
        self.event_id = self.headers["ce_id"]
        self.type = self.headers["ce_type"].removeprefix(self.topic + ".")
        self.message = MESSAGES[self.topic].FromString(raw.value)
        self.event = getattr(self.message, self.message.WhichOneof("event"))


def read(bootstrap, topic):
    """Every record of a topic up to its end now, in order within each partition."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", consumer_timeout_ms=5000)
    try:
        partitions = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = {tp: end for tp, end in consumer.end_offsets(partitions).items() if end > 0}
        records = []
        while any(consumer.position(tp) < end for tp, end in ends.items()):
            for batch in consumer.poll(timeout_ms=500, max_records=5000).values():
                records.extend(Record(raw) for raw in batch)
        return records
    finally:
        consumer.close()


def partition_count(bootstrap, topic):
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        return len(consumer.partitions_for_topic(topic) or ())
    finally:
        consumer.close()
