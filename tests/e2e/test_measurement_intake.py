"""An outside system writes values to its topic with a Kafka client of its own, and they are read back through the API."""

import uuid
from datetime import datetime, timezone

import pytest
from clients import protos as p
from clients.system import eventually
from google.type.date_pb2 import Date
from kafka import KafkaProducer

TOPIC = "steward.scoring.measurements.v1"
KPI = "kpis/k-002-cs-3"
DAY = Date(year=2026, month=2, day=5)


@pytest.fixture(scope="module")
def producer(system):
    made = KafkaProducer(bootstrap_servers=system.stack.kafka.bootstrap, acks="all")
    yield made
    made.close()


def write(producer, external_id, version, value, subject, kpi=KPI):
    """One record as the README of scoring describes it."""
    key = f"measurements/survey-e2e/{external_id}"
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    headers = {
        "content-type": "application/protobuf", "ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": "/survey-e2e",
        "ce_dataschema": "urn:steward:proto:steward.scoring.intake.v1.Measurement", "ce_type": f"{TOPIC}.measurement.reported",
        "ce_subject": key, "ce_time": now, "ce_recordedtime": now, "ce_sequence": f"{version:020}"}
    said = p.measurement_intake.MeasurementReported(kpi=kpi, subject=subject, day=DAY, value=value)
    producer.send(TOPIC, key=key.encode(), value=p.measurement_intake.Measurement(measurement_reported=said).SerializeToString(),
                  headers=[(name, text.encode()) for name, text in headers.items()]).get(timeout=20)
    return key


def values(system, subject):
    listed = system.call("scoring", "ListMeasurements", p.measurements.ListMeasurementsRequest(subject=subject))
    return {(m.external_id, m.version): m.value for m in listed.measurements}


def parked(system, key):
    return [r for r in system.call("scoring", "ListParkedRecords", p.operations.ListParkedRecordsRequest(filter=f'key = "{key}"')).parked_records
            if r.state == "parked"]


def test_values_are_recorded_and_corrected(system, producer):
    subject, one = f"members/{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
    write(producer, one, 2, "88", subject)  # its first version comes after it
    write(producer, one, 1, "91.5", subject)
    eventually("both versions", 30, lambda: values(system, subject) == {(one, 1): "91.5", (one, 2): "88"})
    card = system.call("scoring", "GetScorecard", p.scorecards.GetScorecardRequest(
        scorecard="scorecards/sc-002-cs", subject=subject, period="periods/2026-q1"))
    assert [(line.value, line.source) for line in card.lines if line.kpi == KPI] == [("88", "external")]


def test_a_bad_value_is_parked_and_the_good_one_goes_on_once_it_is_discarded(system, producer):
    subject, one = f"members/{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
    key = write(producer, one, 1, "NaN", subject)
    [bad] = eventually("the bad record", 30, lambda: parked(system, key))
    assert bad.reason == "refused" and bad.text.startswith("measurement.value: ")
    write(producer, one, 2, "77", subject)
    eventually("the mended record behind it", 30, lambda: {r.reason for r in parked(system, key)} == {"refused", "behind"})
    system.call("scoring", "DiscardParkedRecords", p.operations.DiscardParkedRecordsRequest(
        names=[bad.name], reason="sent anew", request_id=str(uuid.uuid4())))
    released = system.call("scoring", "ReleaseParkedRecords", p.operations.ReleaseParkedRecordsRequest(key=key, request_id=str(uuid.uuid4())))
    assert (released.released, released.still_parked) == (1, 0)
    assert values(system, subject) == {(one, 1): "77"}
