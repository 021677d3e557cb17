#include "tools/stewardctl/versioned.h"

#include <memory>
#include <vector>

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/base/status.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tools/stewardctl/services.h"

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

const FieldDescriptor* FieldOf(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}
int32_t VersionOf(const Message& resource) {
  return resource.GetReflection()->GetInt32(resource, FieldOf(resource, "version"));
}
bool IsActive(const Message& resource) {
  return resource.GetReflection()->GetBool(resource, FieldOf(resource, "active"));
}
std::string NameOf(const Message& resource) {
  return resource.GetReflection()->GetString(resource, FieldOf(resource, "name"));
}
// Nothing where the request has no such field.
void SetFlag(const char* name, bool value, Message* request) {
  if (const FieldDescriptor* field = FieldOf(*request, name); field != nullptr) {
    request->GetReflection()->SetBool(request, field, value);
  }
}

// `sla.Create` and `sla.Create…Version`: the resource is the request's one message.
absl::Status Make(Session& session, const std::string& method, const Message& wanted, bool activate,
                  bool validate_only, Message* made) {
  const auto request = FindMethod(method).NewRequest();
  const auto* type = request->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->message_type() == wanted.GetDescriptor()) {
      request->GetReflection()->MutableMessage(request.get(), type->field(i))->CopyFrom(wanted);
    }
  }
  SetFlag("activate", activate, request.get());
  SetFlag("validate_only", validate_only, request.get());
  return session.Call(method, *request, made);
}

absl::Status Activate(Session& session, const std::string& method, const Message& made) {
  const auto request = FindMethod(method).NewRequest();
  const auto* reflection = request->GetReflection();
  reflection->SetString(request.get(), FieldOf(*request, "name"), NameOf(made));
  reflection->SetInt32(request.get(), FieldOf(*request, "version"), VersionOf(made));
  reflection->SetEnumValue(request.get(), FieldOf(*request, "mode"), steward::sla::v1::NEW_ONLY);
  const std::unique_ptr<Message> active(made.New());
  return session.Call(method, *request, active.get());
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

absl::StatusOr<std::string> ApplyVersioned(Session& session, const Message& wanted,
                                           const ApplyOptions& options) {
  const std::string& kind = wanted.GetDescriptor()->name();
  const auto get = FindMethod("sla.Get" + kind).NewRequest();
  get->GetReflection()->SetString(get.get(), FieldOf(*get, "name"), NameOf(wanted));
  const std::unique_ptr<Message> stored(wanted.New()), made(wanted.New());
  const absl::Status found = session.Call("sla.Get" + kind, *get, stored.get());
  if (found.code() == absl::StatusCode::kNotFound) {
    RETURN_IF_ERROR(Make(session, "sla.Create" + kind, wanted, options.activate,
                         options.validate_only, made.get()));
    return std::string(options.activate ? "created, active" : "created, not active");
  }
  RETURN_IF_ERROR(found);
  made->CopyFrom(*stored);
  std::string outcome = "unchanged";
  if (!SameContent(wanted, *stored)) {
    RETURN_IF_ERROR(Make(session, "sla.Create" + kind + "Version", wanted, /*activate=*/false,
                         options.validate_only, made.get()));
    outcome = "version " + std::to_string(VersionOf(*made));
  }
  const bool wants_activation =
      IsActive(*stored) ? VersionOf(*made) != VersionOf(*stored) : options.activate;
  if (wants_activation && !options.validate_only) {
    RETURN_IF_ERROR(Activate(session, "sla.Activate" + kind, *made));
    outcome += ", now active for what begins from now on";
  }
  return outcome;
}

}  // namespace stewardctl
