#include "libs/eventing/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "steward/complaints/events/v1/complaints_events.pb.h"

namespace steward::eventing {
namespace {

using complaints::events::v1::ComplaintsEvent;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr char kTopic[] = "steward.complaints.v1";
constexpr char kSchema[] = "steward.complaints.events.v1.ComplaintsEvent";
const Source kSource{"complaints", kTopic, kSchema};

JournalRow Row() {
  ComplaintsEvent event;
  event.mutable_ticket_first_responded()->set_cycle(1);
  return {.xid = 7,
          .seq = 1,
          .event_id = Uuid::Parse("01890a5d-ac96-774b-bcce-b302099a8057").value(),
          .aggregate = "complaints/c1",
          .aggregate_version = 2,
          .type = "ticket.first_responded",
          .occurred_at = ParseTime("2026-03-01T08:00:00Z").value(),
          .recorded_at = ParseTime("2026-03-01T08:00:01.000250Z").value(),
          .actor = "members/m1",
          .correlation = "corr",
          .causation = "cause",
          .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          .payload = event.SerializeAsString()};
}

kafka::Record Wire(const kafka::Message& message) {
  return {.topic = message.topic,
          .partition = 0,
          .offset = 5,
          .timestamp = {},
          .key = message.key,
          .value = message.value,
          .tombstone = false,
          .headers = {message.headers.begin(), message.headers.end()}};
}

void SetHeader(kafka::Record& record, const std::string& name, const std::string& value) {
  for (auto& header : record.headers) {
    if (header.first == name) {
      header.second = value;
    }
  }
}

Decoded Read(const kafka::Record& record) {
  return Decode(record, ComplaintsEvent::default_instance());
}

TEST(EventName, FirstUnderscoreIsADot) {
  ComplaintsEvent event;
  event.mutable_ticket_first_responded();
  EXPECT_EQ(EventName(event), "ticket.first_responded");
  event.mutable_opinion_graded_response_started();
  EXPECT_EQ(EventName(event), "opinion.graded_response_started");
  EXPECT_THAT(EventNames(event), Contains("repeat.detected"));
  EXPECT_EQ(EventNames(event).size(), 23u);
}

TEST(EventNameDeathTest, CrashesWhenNoneIsSet) {
  EXPECT_DEATH(EventName(ComplaintsEvent::default_instance()), "no event is set");
}

TEST(Envelope, HeadersAreThoseOfTheContract) {
  const kafka::Message message = ToMessage(kSource, Row());
  EXPECT_EQ(message.key, "complaints/c1");
  const kafka::Record record = Wire(message);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"content-type", "application/protobuf"},
      {"ce_specversion", "1.0"},
      {"ce_id", "01890a5d-ac96-774b-bcce-b302099a8057"},
      {"ce_source", "/steward/complaints"},
      {"ce_dataschema", "urn:steward:proto:steward.complaints.events.v1.ComplaintsEvent"},
      {"ce_type", "steward.complaints.v1.ticket.first_responded"},
      {"ce_subject", "complaints/c1"},
      {"ce_partitionkey", "complaints/c1"},
      {"ce_time", "2026-03-01T08:00:00.000000Z"},
      {"ce_recordedtime", "2026-03-01T08:00:01.000250Z"},
      {"ce_sequence", "00000000000000000002"},
      {"ce_correlationid", "corr"},
      {"ce_causationid", "cause"},
      {"ce_actor", "members/m1"},
      {"ce_traceparent", Row().traceparent},
      {"traceparent", Row().traceparent}};
  EXPECT_EQ(record.headers, expected);
}

TEST(Envelope, RoundTrip) {
  const Decoded decoded = Read(Wire(ToMessage(kSource, Row())));
  ASSERT_EQ(decoded.reason, "") << decoded.error;
  const Event& event = decoded.event;
  const JournalRow row = Row();
  EXPECT_EQ(event.event_id, row.event_id);
  EXPECT_EQ(event.topic, kTopic);
  EXPECT_EQ(event.aggregate, row.aggregate);
  EXPECT_EQ(event.version, row.aggregate_version);
  EXPECT_EQ(event.type, row.type);
  EXPECT_EQ(event.occurred_at, row.occurred_at);
  EXPECT_EQ(event.recorded_at, row.recorded_at);
  EXPECT_EQ(event.origin.actor, row.actor);
  EXPECT_EQ(event.origin.correlation, row.correlation);
  EXPECT_EQ(event.origin.causation, row.causation);
  EXPECT_EQ(event.origin.traceparent, row.traceparent);
  EXPECT_EQ(event.message->SerializeAsString(), row.payload);
}

TEST(Decode, WithoutReadableKeyTheRecordStandsAlone) {
  kafka::Record record = Wire(ToMessage(kSource, Row()));
  for (const std::optional<std::string>& key :
       {std::optional<std::string>(), std::optional<std::string>(""),
        std::optional<std::string>("\xff\xfe"),
        std::optional<std::string>(std::string(513, 'k'))}) {
    record.key = key;
    const Decoded decoded = Read(record);
    EXPECT_EQ(decoded.reason, reason::kUnparsable);
    EXPECT_EQ(decoded.event.aggregate, "");
  }
}

TEST(Decode, WhatIsReadableKeepsItsPlace) {
  kafka::Record record = Wire(ToMessage(kSource, Row()));
  record.value = "\x0a\xff\xff\xff";
  const Decoded decoded = Read(record);
  EXPECT_EQ(decoded.reason, reason::kUnparsable);
  EXPECT_EQ(decoded.event.aggregate, "complaints/c1");
  EXPECT_EQ(decoded.event.version, 2);
  EXPECT_EQ(decoded.event.type, "ticket.first_responded");
}

TEST(Decode, EachFaultHasItsReason) {
  const kafka::Record good = Wire(ToMessage(kSource, Row()));
  const auto with = [&](const std::string& header, const std::string& value) {
    kafka::Record record = good;
    SetHeader(record, header, value);
    return std::string(Read(record).reason);
  };
  EXPECT_EQ(with("ce_sequence", "0"), reason::kUnparsable);
  EXPECT_EQ(with("ce_sequence", "-1"), reason::kUnparsable);
  EXPECT_EQ(with("ce_sequence", "99999999999999999999"), reason::kUnparsable);
  EXPECT_EQ(with("ce_id", "no uuid"), reason::kUnparsable);
  EXPECT_EQ(with("ce_time", "yesterday"), reason::kUnparsable);
  EXPECT_EQ(with("ce_recordedtime", ""), reason::kUnparsable);
  EXPECT_EQ(with("ce_subject", "complaints/other"), reason::kUnparsable);
  EXPECT_EQ(with("ce_specversion", "0.3"), reason::kUnparsable);
  EXPECT_EQ(with("content-type", "Application/CloudEvents+json"), reason::kUnparsable);
  EXPECT_EQ(with("ce_actor", "\xc3"), reason::kUnparsable);
  EXPECT_EQ(with("ce_type", "steward.complaints.v1.ticket.closed"), reason::kUnparsable);

  kafka::Record record = good;
  record.value.assign(kMaxPayloadBytes + 1, 'x');
  EXPECT_EQ(Read(record).reason, reason::kTooLarge);
  record = good;
  record.value.clear();
  EXPECT_EQ(Read(record).reason, reason::kUnknownType);
  record.tombstone = true;
  EXPECT_EQ(Read(record).reason, reason::kUnparsable);
  record = good;
  record.value = "\xfa\x07\x00";  // field 127, a message: an event this build does not know
  record.value.push_back('\0');
  EXPECT_NE(Read(record).reason, "");
}

TEST(Decode, UnknownEventOfThisSchemaOrOfANewerOne) {
  kafka::Record record = Wire(ToMessage(kSource, Row()));
  record.value = std::string("\xfa\x07\x00", 3);
  EXPECT_EQ(Read(record).reason, reason::kUnknownType);
  SetHeader(record, "ce_dataschema",
            "urn:steward:proto:steward.complaints.events.v2.ComplaintsEvent");
  EXPECT_EQ(Read(record).reason, reason::kSchemaTooNew);
}

TEST(Decode, InvalidUtf8InAStringDoesNotParse) {
  kafka::Record record = Wire(ToMessage(kSource, Row()));
  ComplaintsEvent event;
  event.mutable_ticket_first_responded()->set_from_state("\xff");
  record.value = event.SerializeAsString();
  EXPECT_EQ(Read(record).reason, reason::kUnparsable);
}

TEST(Readable, EscapesWhatNoTableTakes) {
  EXPECT_EQ(Readable("plain \xe4\xbd\xa0"), "plain \xe4\xbd\xa0");
  EXPECT_EQ(Readable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_THAT(Readable("\xff"), HasSubstr("\\xff"));
}

}  // namespace
}  // namespace steward::eventing
