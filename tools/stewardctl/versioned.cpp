#include "tools/stewardctl/versioned.h"

#include <memory>
#include <vector>

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/message_differencer.h"

namespace stewardctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsOutputOnly(const FieldDescriptor& field) {
  for (int i = 0; i < field.options().ExtensionSize(google::api::field_behavior); ++i) {
    if (field.options().GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY) {
      return true;
    }
  }
  return false;
}

void ClearField(const char* name, Message* message) {
  if (const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
      field != nullptr) {
    message->GetReflection()->ClearField(message, field);
  }
}

std::unique_ptr<Message> ForClients(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  std::vector<const FieldDescriptor*> set;
  copy->GetReflection()->ListFields(*copy, &set);
  for (const FieldDescriptor* field : set) {
    if (IsOutputOnly(*field)) {
      copy->GetReflection()->ClearField(copy.get(), field);
    }
  }
  return copy;
}

}  // namespace

bool SameContent(const Message& file, const Message& stored) {
  const auto left = ForClients(file), right = ForClients(stored);
  const FieldDescriptor* from = file.GetDescriptor()->FindFieldByName("effective_from");
  if (from != nullptr && !file.GetReflection()->HasField(file, from)) {
    ClearField("effective_from", right.get());
  }
  return google::protobuf::util::MessageDifferencer::Equals(*left, *right);
}

}  // namespace stewardctl
