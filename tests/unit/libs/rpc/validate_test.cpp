#include "libs/rpc/validate.h"

#include <gtest/gtest.h>

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "libs/base/status.h"
#include "libs/rpc/crypto.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::rpc {
namespace {

using google::protobuf::Message;

// A schema with one field of each kind.
constexpr char kSchema[] = R"(
  name: "steward/test.proto" package: "t" syntax: "proto3"
  dependency: "google/protobuf/timestamp.proto" dependency: "google/protobuf/duration.proto"
  enum_type { name: "Color" value { name: "COLOR_UNSPECIFIED" number: 0 } value { name: "COLOR_RED" number: 1 } }
  message_type {
    name: "Inner"
    field { name: "title" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL options { [google.api.field_behavior]: REQUIRED } }
    field { name: "next" number: 2 type: TYPE_MESSAGE type_name: ".t.Inner" label: LABEL_OPTIONAL }
  }
  message_type {
    name: "All"
    field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL options { [google.api.field_behavior]: REQUIRED } }
    field { name: "note" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "color" number: 3 type: TYPE_ENUM type_name: ".t.Color" label: LABEL_OPTIONAL options { [google.api.field_behavior]: REQUIRED } }
    field { name: "inner" number: 4 type: TYPE_MESSAGE type_name: ".t.Inner" label: LABEL_OPTIONAL options { [google.api.field_behavior]: REQUIRED } }
    field { name: "items" number: 5 type: TYPE_MESSAGE type_name: ".t.Inner" label: LABEL_REPEATED }
    field { name: "tags" number: 6 type: TYPE_STRING label: LABEL_REPEATED options { [google.api.field_behavior]: REQUIRED } }
    field { name: "at" number: 7 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL }
    field { name: "wait" number: 8 type: TYPE_MESSAGE type_name: ".google.protobuf.Duration" label: LABEL_OPTIONAL }
    field { name: "blob" number: 9 type: TYPE_BYTES label: LABEL_OPTIONAL }
    field { name: "count" number: 10 type: TYPE_INT32 label: LABEL_OPTIONAL options { [google.api.field_behavior]: REQUIRED } }
    field { name: "state" number: 11 type: TYPE_ENUM type_name: ".t.Color" label: LABEL_OPTIONAL options { [google.api.field_behavior]: OUTPUT_ONLY } }
    field { name: "colors" number: 12 type: TYPE_ENUM type_name: ".t.Color" label: LABEL_REPEATED }
    field { name: "names" number: 13 type: TYPE_MESSAGE type_name: ".t.All.NamesEntry" label: LABEL_REPEATED }
    field { name: "request_id" number: 14 type: TYPE_STRING label: LABEL_OPTIONAL }
    nested_type {
      name: "NamesEntry" options { map_entry: true }
      field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
      field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
    }
  }
)";

class ValidateTest : public ::testing::Test {
 protected:
  ValidateTest() : type_(Type()) {}

  static const google::protobuf::Descriptor* Type() {
    static const google::protobuf::Descriptor* type = [] {
      google::protobuf::Timestamp::descriptor();
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kSchema, &file));
      factory().SetDelegateToGeneratedFactory(true);
      return pool().BuildFile(file)->FindMessageTypeByName("All");
    }();
    return type;
  }
  // Both stay for ever, like generated descriptors: plans are kept by type.
  static google::protobuf::DescriptorPool& pool() {
    static auto* pool =
        new google::protobuf::DescriptorPool(google::protobuf::DescriptorPool::generated_pool());
    return *pool;
  }
  static google::protobuf::DynamicMessageFactory& factory() {
    static auto* factory = new google::protobuf::DynamicMessageFactory;
    return *factory;
  }

  std::unique_ptr<Message> Make(const std::string& text) {
    std::unique_ptr<Message> message(factory().GetPrototype(type_)->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
    return message;
  }
  // A message that is fine apart from `text`.
  std::vector<FieldViolation> Faults(const std::string& text) {
    return FaultsOf(*Make("name: 'n' color: COLOR_RED inner { title: 't' } tags: 'a' " + text));
  }
  static std::vector<FieldViolation> FaultsOf(const Message& message) {
    absl::Status status = Validate(message);
    EXPECT_TRUE(status.ok() || ReasonOf(status) == "FIELD_INVALID");
    return status.ok() ? std::vector<FieldViolation>{} : RefusalOf(status)->fields;
  }
  std::string OnlyFault(const std::string& text) {
    auto faults = Faults(text);
    return faults.size() == 1 ? faults[0].field : std::to_string(faults.size()) + " faults";
  }

  const google::protobuf::Descriptor* type_;
};

TEST_F(ValidateTest, AllMissingFieldsAreNamedAtOnce) {
  EXPECT_EQ(FaultsOf(*Make("")), (std::vector<FieldViolation>{{"name", "is required"},
                                                              {"color", "is required"},
                                                              {"inner", "is required"},
                                                              {"tags", "must not be empty"}}))
      << "a number's zero may be meant";
  EXPECT_TRUE(Faults("").empty());
}

TEST_F(ValidateTest, PathsLeadToTheField) {
  EXPECT_EQ(OnlyFault("items { title: 'x' } items { }"), "items[1].title");
  EXPECT_EQ(OnlyFault("items { title: 'x' next { next { title: 'z' } } }"), "items[0].next.title");
  EXPECT_EQ(OnlyFault("tags: ''"), "tags[1]");
  EXPECT_EQ(OnlyFault("names { key: 'en' value: 'a\\000b' }"), "names[en].value");
}

TEST_F(ValidateTest, UnknownEnumValuesAreNamedWithTheKnownOnes) {
  auto message = Make(
      "name: 'n' color: COLOR_RED inner { title: 't' } tags: 'a' colors: COLOR_RED colors: "
      "COLOR_RED");
  const auto* reflection = message->GetReflection();
  reflection->SetEnumValue(message.get(), type_->FindFieldByName("color"), 77);
  reflection->SetRepeatedEnumValue(message.get(), type_->FindFieldByName("colors"), 1, -5);
  EXPECT_EQ(FaultsOf(*message),
            (std::vector<FieldViolation>{
                {"color", "has the unknown value 77; known are COLOR_RED"},
                {"colors[1]", "has the unknown value -5; known are COLOR_RED"}}));
}

TEST_F(ValidateTest, OutputOnlyFieldsAreNotLookedAt) {
  auto message = Make("name: 'n' color: COLOR_RED inner { title: 't' } tags: 'a'");
  message->GetReflection()->SetEnumValue(message.get(), type_->FindFieldByName("state"), 77);
  EXPECT_TRUE(FaultsOf(*message).empty());
}

TEST_F(ValidateTest, TextIsCleanAndBounded) {
  EXPECT_EQ(OnlyFault("note: 'a\\000b'"), "note");
  EXPECT_EQ(OnlyFault("note: '\\xC3\\x28'"), "note");
  auto message = Make("name: 'n' color: COLOR_RED inner { title: 't' } tags: 'a'");
  auto set = [&](const char* field, const std::string& text) {
    message->GetReflection()->SetString(message.get(), type_->FindFieldByName(field), text);
    return FaultsOf(*message).size();
  };
  std::string chinese;
  for (int i = 0; i < 200; ++i) {
    chinese += "字";
  }
  EXPECT_EQ(set("name", chinese), 0u) << "characters count, not bytes";
  EXPECT_EQ(set("name", chinese + "x"), 1u);
  EXPECT_EQ(set("name", "n"), 0u);
  EXPECT_EQ(set("note", std::string(4'000, 'x')), 0u);
  EXPECT_EQ(set("note", std::string(4'001, 'x')), 1u);
  EXPECT_EQ(set("note", "right\xE2\x80\xAEleft ${jndi:x} '; DROP TABLE \x1B[31m\r\n"), 0u)
      << "stored verbatim";
  EXPECT_EQ(set("blob", std::string(1 << 20, '\0')), 0u);
  EXPECT_EQ(set("blob", std::string((1 << 20) + 1, '\0')), 1u);
}

TEST_F(ValidateTest, InstantsAndDurationsAreInRange) {
  for (const char* good : {"at { }", "at { seconds: 253402300799 nanos: 999999999 }", "wait { }",
                           "wait { seconds: -1 nanos: -1 }", "wait { seconds: 315576000000 }"}) {
    EXPECT_TRUE(Faults(good).empty()) << good;
  }
  for (const char* bad : {"at { seconds: -1 }", "at { seconds: 253402300800 }", "at { nanos: -1 }",
                          "at { nanos: 1000000000 }", "at { seconds: -9223372036854775808 }"}) {
    EXPECT_EQ(OnlyFault(bad), "at") << bad;
  }
  for (const char* bad : {"wait { seconds: 1 nanos: -1 }", "wait { seconds: -1 nanos: 1 }",
                          "wait { seconds: 315576000001 }", "wait { nanos: 1000000000 }",
                          "wait { seconds: -9223372036854775808 }"}) {
    EXPECT_EQ(OnlyFault(bad), "wait") << bad;
  }
}

TEST_F(ValidateTest, NestingAndTheNumberOfFaultsAreBounded) {
  auto message = Make("name: 'n' color: COLOR_RED inner { title: 't' } tags: 'a'");
  Message* inner =
      message->GetReflection()->MutableMessage(message.get(), type_->FindFieldByName("inner"));
  for (int i = 0; i < 150; ++i) {
    const auto* reflection = inner->GetReflection();
    reflection->SetString(inner, inner->GetDescriptor()->FindFieldByName("title"), "t");
    inner = reflection->MutableMessage(inner, inner->GetDescriptor()->FindFieldByName("next"));
  }
  auto faults = FaultsOf(*message);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].description, "is nested more than 100 levels deep");
  std::string many;
  for (int i = 0; i < 500; ++i) {
    many += "items { } ";
  }
  EXPECT_EQ(Faults(many).size(), 50u);
}

TEST_F(ValidateTest, RealRequestsOfTheSchema) {
  operations::v1::DiscardParkedRecordsRequest request;
  EXPECT_EQ(FaultsOf(request).size(), 2u);
  request.add_names("parkedRecords/1");
  request.set_reason("known fault");
  EXPECT_TRUE(FaultsOf(request).empty());
}

TEST(RequestHash, IgnoresRequestIdAndUnknownFieldsOnly) {
  operations::v1::ReleaseParkedRecordsRequest request;
  request.set_key("k");
  std::string hash = RequestHash(request);
  EXPECT_EQ(hash.size(), 32u);
  request.set_request_id("1");
  EXPECT_EQ(RequestHash(request), hash);
  EXPECT_EQ(request.request_id(), "1") << "the request itself is untouched";
  ASSERT_TRUE(request.MergeFromString(std::string("\xF8\x3F\x01", 3)));
  EXPECT_EQ(RequestHash(request), hash);
  request.set_reason("r");
  EXPECT_NE(RequestHash(request), hash);
}

TEST(RequestHash, IsTheSameForMapsInAnyOrder) {
  operations::v1::ServiceStatus a, b;
  for (int i = 0; i < 50; ++i) {
    (*a.mutable_extra())["k" + std::to_string(i)] = "v";
    (*b.mutable_extra())["k" + std::to_string(49 - i)] = "v";
  }
  EXPECT_EQ(RequestHash(a), RequestHash(b));
  EXPECT_EQ(DeterministicBytes(a), DeterministicBytes(b));
}

TEST(ProtoTime, RoundTripsAndFloors) {
  for (int64_t micros :
       {int64_t{0}, int64_t{1}, int64_t{1'700'000'000'123'456}, int64_t{-1}, int64_t{-1'500'000}}) {
    EXPECT_EQ(FromProto(ToProto(Time{micros})).micros, micros);
    EXPECT_GE(ToProto(Time{micros}).nanos(), 0);
    EXPECT_EQ(FromProto(ToProto(Duration{micros})).micros, micros);
  }
  google::protobuf::Timestamp t;
  t.set_seconds(5);
  t.set_nanos(1'999);
  EXPECT_EQ(FromProto(t).micros, 5'000'001);
}

TEST(Base64Url, HasOneFormPerValue) {
  for (const std::string& bytes : {std::string(), std::string("f"), std::string("fo"),
                                   std::string("foo"), std::string("\xFF\xFE\xFD\x00", 4)}) {
    EXPECT_EQ(DecodeBase64Url(EncodeBase64Url(bytes)), bytes);
  }
  EXPECT_EQ(EncodeBase64Url("\xFB\xFF"), "-_8");
  for (const char* bad : {"A", "AB", "Zh", "Zm9=", "Zm9v=", "Zm 9", "+_8", "/w", "AAAAA"}) {
    EXPECT_FALSE(DecodeBase64Url(bad)) << bad;
  }
}

TEST(Hashes, KnownAnswers) {
  EXPECT_EQ(ToHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(HmacSha256("key", "The quick brown fox jumps over the lazy dog")),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}

}  // namespace
}  // namespace steward::rpc
