#include "libs/rpc/validate.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace steward::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kMaxDepth = 100;
constexpr size_t kMaxViolations = 50;
constexpr size_t kMaxNameCharacters = 200;
constexpr size_t kMaxTextCharacters = 4'000;
constexpr size_t kMaxBytes = 1 << 20;
constexpr int64_t kMaxTimestampSeconds = 253'402'300'799;
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int32_t kMaxNanos = 999'999'999;

// What has to be looked at in one message type; made once per type.
struct Plan;
struct FieldPlan {
  enum class Kind { kPlain, kText, kBytes, kEnum, kMessage };
  const FieldDescriptor* field;
  Kind kind = Kind::kPlain;
  bool required = false;
  size_t limit = 0;            // characters of a text
  const Plan* plan = nullptr;  // of a message
};
struct Plan {
  enum class Form { kFields, kTimestamp, kDuration };
  Form form = Form::kFields;
  std::vector<FieldPlan> fields;
};

// Names and ids are short; everything else may be prose.
size_t LimitOf(const std::string& name) {
  static constexpr std::array<std::string_view, 16> kShort = {
      "name", "names",    "id",      "ids",  "parent", "owner", "member", "team",
      "role", "customer", "partner", "etag", "kind",   "key",   "type",   "region"};
  std::string_view last(name);
  if (size_t underscore = last.rfind('_'); underscore != std::string_view::npos) {
    last.remove_prefix(underscore + 1);
  }
  return std::find(kShort.begin(), kShort.end(), last) != kShort.end() ? kMaxNameCharacters
                                                                       : kMaxTextCharacters;
}

bool HasBehavior(const FieldDescriptor* field, google::api::FieldBehavior wanted) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == wanted) {
      return true;
    }
  }
  return false;
}

class Plans {
 public:
  static const Plan& Of(const Descriptor* type) {
    thread_local absl::flat_hash_map<const Descriptor*, const Plan*> known;
    const Plan*& plan = known[type];
    if (plan == nullptr) {
      static Plans* plans = new Plans;  // lives as long as the process, like descriptors
      std::lock_guard lock(plans->mutex_);
      plan = plans->Make(type);
    }
    return *plan;
  }

 private:
  // `partial`: the row of an update, which takes what its mask names; its own required fields may
  // be left out.
  const Plan* Make(const Descriptor* type, bool partial = false) {
    std::unique_ptr<Plan>& slot = plans_[{type, partial}];
    if (slot) {
      return slot.get();  // also ends the recursion of a recursive type
    }
    slot = std::make_unique<Plan>();
    Plan* plan = slot.get();
    if (type->full_name() == "google.protobuf.Timestamp") {
      plan->form = Plan::Form::kTimestamp;
    } else if (type->full_name() == "google.protobuf.Duration") {
      plan->form = Plan::Form::kDuration;
    }
    for (int i = 0; plan->form == Plan::Form::kFields && i < type->field_count(); ++i) {
      AddField(type->field(i), partial, plan);
    }
    return plan;
  }

  void AddField(const FieldDescriptor* field, bool partial, Plan* plan) {
    if (HasBehavior(field, google::api::OUTPUT_ONLY)) {
      return;  // ignored by every handler
    }
    const bool required = !partial && HasBehavior(field, google::api::REQUIRED);
    FieldPlan out{.field = field, .required = required};
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      out.kind = FieldPlan::Kind::kText;
      // A map entry's strings go by the name of the map.
      const Descriptor* type = field->containing_type();
      out.limit = LimitOf(type->options().map_entry() ? MapNameOf(type) : field->name());
    } else if (field->type() == FieldDescriptor::TYPE_BYTES) {
      out.kind = FieldPlan::Kind::kBytes;
    } else if (field->type() == FieldDescriptor::TYPE_ENUM) {
      out.kind = FieldPlan::Kind::kEnum;
    } else if (field->message_type() != nullptr) {
      out.kind = FieldPlan::Kind::kMessage;
      const Descriptor* owner = field->containing_type();
      out.plan = Make(field->message_type(), owner->FindFieldByName("update_mask") != nullptr);
    } else if (!out.required) {
      return;
    }
    plan->fields.push_back(out);
  }

  // `display_names` for the entry type `DisplayNamesEntry`.
  static std::string MapNameOf(const Descriptor* entry) {
    const Descriptor* owner = entry->containing_type();
    for (int i = 0; owner != nullptr && i < owner->field_count(); ++i) {
      if (owner->field(i)->message_type() == entry) {
        return owner->field(i)->name();
      }
    }
    return entry->name();
  }

  std::mutex mutex_;
  std::map<std::pair<const Descriptor*, bool>, std::unique_ptr<Plan>> plans_;
};

class Checker {
 public:
  void CheckMessage(const Message& message, const Plan& plan, int depth) {
    if (depth > kMaxDepth) {
      return Violate("is nested more than 100 levels deep");
    }
    if (plan.form != Plan::Form::kFields) {
      return CheckInstant(message, plan.form);
    }
    for (const FieldPlan& field : plan.fields) {
      if (violations_.size() >= kMaxViolations) {
        return;
      }
      size_t length = path_.size();
      path_.append(length == 0 ? "" : ".").append(field.field->name());
      CheckField(message, field, depth);
      path_.resize(length);
    }
  }

  std::vector<FieldViolation> Take() { return std::move(violations_); }

 private:
  void Violate(std::string_view description) {
    violations_.push_back({path_, std::string(description)});
  }

  void CheckField(const Message& message, const FieldPlan& plan, int depth) {
    const Reflection* reflection = message.GetReflection();
    const FieldDescriptor* field = plan.field;
    if (field->is_repeated()) {
      int count = reflection->FieldSize(message, field);
      if (plan.required && count == 0) {
        Violate("must not be empty");
      }
      for (int i = 0; i < count && violations_.size() < kMaxViolations; ++i) {
        size_t length = path_.size();
        AppendIndex(message, field, i);
        CheckValue(message, plan, i, depth);
        path_.resize(length);
      }
      return;
    }
    // Without presence HasField says whether a scalar differs from its default; zero may be meant.
    bool present = reflection->HasField(message, field);
    if (!present && plan.required &&
        (plan.kind != FieldPlan::Kind::kPlain || field->has_presence())) {
      return Violate("is required");
    }
    if (present) {
      CheckValue(message, plan, -1, depth);
    }
  }

  void AppendIndex(const Message& message, const FieldDescriptor* field, int i) {
    path_.push_back('[');
    if (field->is_map()) {
      const Message& entry = message.GetReflection()->GetRepeatedMessage(message, field, i);
      const FieldDescriptor* key = field->message_type()->map_key();
      if (key->type() == FieldDescriptor::TYPE_STRING) {
        std::string text = entry.GetReflection()->GetString(entry, key);
        path_.append(text.size() <= 64 && IsCleanUtf8(text) ? text : std::to_string(i));
      } else {
        path_.append(std::to_string(i));
      }
    } else {
      path_.append(std::to_string(i));
    }
    path_.push_back(']');
  }

  // `index` -1 = singular.
  void CheckValue(const Message& message, const FieldPlan& plan, int index, int depth) {
    const Reflection* reflection = message.GetReflection();
    const FieldDescriptor* field = plan.field;
    std::string scratch;
    switch (plan.kind) {
      case FieldPlan::Kind::kPlain:
        return;
      case FieldPlan::Kind::kText:
        return CheckText(
            index < 0 ? reflection->GetStringReference(message, field, &scratch)
                      : reflection->GetRepeatedStringReference(message, field, index, &scratch),
            plan, index);
      case FieldPlan::Kind::kBytes: {
        size_t size =
            (index < 0 ? reflection->GetStringReference(message, field, &scratch)
                       : reflection->GetRepeatedStringReference(message, field, index, &scratch))
                .size();
        if (size > kMaxBytes) {
          Violate("must have at most 1 MiB");
        }
        return;
      }
      case FieldPlan::Kind::kEnum:
        return CheckEnum(index < 0 ? reflection->GetEnumValue(message, field)
                                   : reflection->GetRepeatedEnumValue(message, field, index),
                         plan);
      case FieldPlan::Kind::kMessage:
        return CheckMessage(index < 0 ? reflection->GetMessage(message, field)
                                      : reflection->GetRepeatedMessage(message, field, index),
                            *plan.plan, depth + 1);
    }
  }

  void CheckText(const std::string& text, const FieldPlan& plan, int index) {
    if (!IsCleanUtf8(text)) {
      return Violate("must be UTF-8 without NUL");
    }
    if (index >= 0 && plan.required && text.empty()) {
      return Violate("must not be empty");
    }
    auto starts_character = [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; };
    if (text.size() > plan.limit && static_cast<size_t>(std::count_if(
                                        text.begin(), text.end(), starts_character)) > plan.limit) {
      Violate("must have at most " + std::to_string(plan.limit) + " characters");
    }
  }

  void CheckEnum(int value, const FieldPlan& plan) {
    const auto* type = plan.field->enum_type();
    if (type->FindValueByNumber(value) == nullptr) {
      std::string known;
      for (int i = 0; i < type->value_count() && i < 32; ++i) {
        if (type->value(i)->number() != 0) {
          known += (known.empty() ? "" : ", ") + type->value(i)->name();
        }
      }
      Violate("has the unknown value " + std::to_string(value) + "; known are " + known);
    } else if (plan.required && value == 0) {
      Violate("is required");
    }
  }

  void CheckInstant(const Message& message, Plan::Form form) {
    const Reflection* reflection = message.GetReflection();
    const Descriptor* type = message.GetDescriptor();
    int64_t seconds = reflection->GetInt64(message, type->field(0));
    int32_t nanos = reflection->GetInt32(message, type->field(1));
    if (form == Plan::Form::kTimestamp) {
      if (seconds < 0 || seconds > kMaxTimestampSeconds || nanos < 0 || nanos > kMaxNanos) {
        Violate("must lie from 1970 to 9999");
      }
      return;
    }
    bool mixed = (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0);
    if (mixed || seconds < -kMaxDurationSeconds || seconds > kMaxDurationSeconds ||
        nanos < -kMaxNanos || nanos > kMaxNanos) {
      Violate("must be a duration of at most 10,000 years, seconds and nanos with one sign");
    }
  }

  std::string path_;
  std::vector<FieldViolation> violations_;
};

}  // namespace

absl::Status Validate(const Message& request) {
  Checker checker;
  checker.CheckMessage(request, Plans::Of(request.GetDescriptor()), 1);
  std::vector<FieldViolation> violations = checker.Take();
  return violations.empty() ? absl::OkStatus() : FieldsInvalid(std::move(violations));
}

}  // namespace steward::rpc
