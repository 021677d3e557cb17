#include "libs/rpc/field_mask.h"

#include <algorithm>
#include <string>
#include <vector>

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "libs/base/status.h"

namespace steward::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::util::FieldMaskUtil;

bool ClientMaySet(const FieldDescriptor& field) {
  const google::protobuf::FieldOptions& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    const auto behavior = options.GetExtension(google::api::field_behavior, i);
    if (behavior == google::api::OUTPUT_ONLY || behavior == google::api::IDENTIFIER ||
        behavior == google::api::IMMUTABLE) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> PathsOf(const google::protobuf::Message& source,
                                 const google::protobuf::FieldMask& mask) {
  std::vector<std::string> paths(mask.paths().begin(), mask.paths().end());
  std::vector<const FieldDescriptor*> fields;
  if (paths.empty()) {
    source.GetReflection()->ListFields(source, &fields);
  } else if (paths == std::vector<std::string>{"*"}) {
    for (int i = 0; i < source.GetDescriptor()->field_count(); ++i) {
      fields.push_back(source.GetDescriptor()->field(i));
    }
    paths.clear();
  }
  for (const FieldDescriptor* field : fields) {
    paths.push_back(field->name());
  }
  return paths;
}

}  // namespace

absl::Status ApplyMask(const google::protobuf::Message& source,
                       const google::protobuf::FieldMask& mask, google::protobuf::Message* target) {
  google::protobuf::FieldMask taken;
  std::vector<FieldViolation> violations;
  for (const std::string& path : PathsOf(source, mask)) {
    std::vector<const FieldDescriptor*> fields;
    if (!FieldMaskUtil::GetFieldDescriptors(source.GetDescriptor(), path, &fields)) {
      violations.push_back(
          {"update_mask", "`" + path + "` is no field of " + source.GetDescriptor()->name()});
    } else if (std::all_of(fields.begin(), fields.end(),
                           [](const auto* field) { return ClientMaySet(*field); })) {
      taken.add_paths(path);
    }
  }
  if (!violations.empty()) {
    return FieldsInvalid(std::move(violations));
  }
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(source, taken, options, target);
  return absl::OkStatus();
}

}  // namespace steward::rpc
