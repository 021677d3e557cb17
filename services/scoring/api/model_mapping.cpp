#include "services/scoring/api/model_mapping.h"

#include "google/protobuf/util/json_util.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/validate.h"

namespace steward::scoring {
namespace {

constexpr std::string_view kCollection = "scoringModels/";
constexpr int kMostRules = 500;
constexpr int kMostValues = 200;

std::string Path(const char* list, int i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

Decimal Read(rpc::Faults& faults, const std::string& field, const std::string& text,
             Decimal when_empty) {
  if (text.empty()) {
    return when_empty;
  }
  const absl::StatusOr<Decimal> parsed = ParseDecimal("model." + field, text);
  faults.Add(parsed.status());
  return parsed.ok() ? *parsed : when_empty;
}

Decimal Needed(rpc::Faults& faults, const std::string& field, const std::string& text,
               Decimal when_wrong) {
  if (text.empty()) {
    faults.Add(field, "is a decimal such as `12.5`");
  }
  return Read(faults, field, text, when_wrong);
}

Limits ReadLimits(rpc::Faults& faults, const std::string& field,
                  const v1::ScoringModel::Limits& from) {
  Limits limits;
  limits.least = Read(faults, field + ".least", from.least(), Decimal{});
  if (!from.most().empty()) {
    limits.most = Read(faults, field + ".most", from.most(), *limits.least);
  }
  return limits;
}

std::set<std::string> Values(rpc::Faults& faults, const std::string& field,
                             const google::protobuf::RepeatedPtrField<std::string>& from) {
  if (from.size() > kMostValues) {
    faults.Add(field, "are at most " + std::to_string(kMostValues));
  }
  std::set<std::string> values;
  for (int i = 0; i < from.size(); ++i) {
    values.insert(faults.Line(field + "[" + std::to_string(i) + "]", from.Get(i), 200));
  }
  return values;
}

// People read both languages.
template <class Map>
void CheckNames(rpc::Faults& faults, const std::string& field, const Map& names) {
  for (const char* language : {"en", "zh-Hans"}) {
    const auto found = names.find(language);
    if (found == names.end() || found->second.empty()) {
      faults.Add(field, std::string("need `") + language + "`");
    } else {
      faults.Line(field, found->second, 200);
    }
  }
}

void ReadRules(rpc::Faults& faults, const v1::ScoringModel& from, PointModel& to) {
  for (int i = 0; i < from.features_size(); ++i) {
    const auto& rule = from.features(i);
    const std::string path = Path("features", i);
    to.features.push_back({faults.Line(path + ".id", rule.id()), rule.group(), rule.feature(),
                           Values(faults, path + ".values", rule.values()),
                           Needed(faults, path + ".points", rule.points(), Whole(1))});
  }
  for (int i = 0; i < from.events_size(); ++i) {
    const auto& rule = from.events(i);
    const std::string path = Path("events", i);
    Decay decay;
    if (!rule.decay().empty()) {
      const auto kind = ParseDecay("model." + path + ".decay", rule.decay());
      faults.Add(kind.status());
      decay.kind = kind.ok() ? *kind : Decay::Kind::kNone;
      decay.span = kind.ok() ? rpc::FromProto(rule.span()) : Duration{};
    }
    to.events.push_back({faults.Line(path + ".id", rule.id()), rule.group(),
                         faults.Line(path + ".event_kind", rule.event_kind(), 200),
                         Needed(faults, path + ".points", rule.points(), Whole(1)), decay});
  }
  for (int i = 0; i < from.idle_limits_size(); ++i) {
    const auto& limit = from.idle_limits(i);
    const std::string path = Path("idle_limits", i);
    to.idle.push_back({faults.Line(path + ".id", limit.id()), rpc::FromProto(limit.idle()),
                       Needed(faults, path + ".most", limit.most(), Decimal{}),
                       limit.except_feature(),
                       Values(faults, path + ".except_values", limit.except_values())});
  }
}

void ReadBands(rpc::Faults& faults, const v1::ScoringModel& from, ScoringModel& to) {
  for (int i = 0; i < from.bands_size(); ++i) {
    const std::string path = Path("bands", i);
    CheckNames(faults, path + ".display_names", from.bands(i).display_names());
    to.bands.push_back({faults.Line(path + ".id", from.bands(i).id()),
                        Needed(faults, path + ".least", from.bands(i).least(), Whole(i))});
  }
}

void ReadWin(rpc::Faults& faults, const v1::ScoringModel::WinSettings& from, WinSettings& to) {
  if (!from.method().empty() && from.method() != "shrunk_rate" && from.method() != "naive_bayes") {
    faults.Add("win.method", "is `shrunk_rate` or `naive_bayes`");
  }
  if (from.stages_size() + from.features_size() + from.count_missing_size() > kMostValues) {
    faults.Add("win.stages", "and features are at most " + std::to_string(kMostValues));
    return;
  }
  const auto lines = [&](const std::string& field, const auto& list) {
    std::vector<std::string> read;
    for (int i = 0; i < list.size(); ++i) {
      read.push_back(faults.Line(field + "[" + std::to_string(i) + "]", list.Get(i), 200));
    }
    return read;
  };
  to.stages = lines("win.stages", from.stages());
  to.features = lines("win.features", from.features());
  to.count_missing = lines("win.count_missing", from.count_missing());
  if (from.method() == "naive_bayes") {
    to.method = WinMethod::kNaiveBayes;
    const char* other = from.least_won() != 0             ? "win.least_won"
                        : from.least_lost() != 0          ? "win.least_lost"
                        : !from.weight_of_prior().empty() ? "win.weight_of_prior"
                                                          : nullptr;
    if (other != nullptr) {
      faults.Add(other, "does not belong to the method `naive_bayes`, which has no such setting");
    }
    return;
  }
  to.least_won = from.least_won() != 0 ? from.least_won() : to.least_won;
  to.least_lost = from.least_lost() != 0 ? from.least_lost() : to.least_lost;
  to.weight_of_prior =
      Read(faults, "win.weight_of_prior", from.weight_of_prior(), to.weight_of_prior);
}

}  // namespace

std::string ModelName(const std::string& id) { return std::string(kCollection) + id; }

absl::StatusOr<std::string> ParseModelName(std::string_view field, std::string_view name) {
  RETURN_IF_ERROR(CheckName(field, "scoringModels", name));
  return std::string(name.substr(kCollection.size()));
}

absl::StatusOr<ScoringModel> FromProto(const v1::ScoringModel& from, const std::string& id,
                                       int32_t version) {
  rpc::Faults faults("model");
  if (from.groups_size() + from.features_size() + from.events_size() + from.idle_limits_size() +
          from.bands_size() >
      kMostRules) {
    faults.Add("features", "with all other lists are at most " + std::to_string(kMostRules));
    return faults.status();
  }
  ScoringModel model;
  model.points.id = id;
  model.points.version = version;
  CheckNames(faults, "display_names", from.display_names());
  for (int i = 0; i < from.groups_size(); ++i) {
    const std::string path = Path("groups", i);
    CheckNames(faults, path + ".display_names", from.groups(i).display_names());
    model.points.groups.push_back({faults.Line(path + ".id", from.groups(i).id()),
                                   ReadLimits(faults, path + ".limits", from.groups(i).limits())});
  }
  ReadRules(faults, from, model.points);
  ReadBands(faults, from, model);
  model.points.overall = ReadLimits(faults, "overall", from.overall());
  ReadWin(faults, from.win(), model.win);
  faults.Add(CheckScoringModel(model));
  RETURN_IF_ERROR(faults.status());
  return model;
}

std::string ToJson(const v1::ScoringModel& from) {
  v1::ScoringModel kept = from;
  kept.clear_name();
  kept.clear_version();
  kept.clear_active();
  kept.clear_created_by();
  kept.clear_create_time();
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  // Every model has a JSON form: it has no Any, and its durations were checked.
  (void)google::protobuf::util::MessageToJsonString(kept, &json, options);
  return json;
}

absl::Status ToProto(const StoredModel& from, v1::ScoringModel* to) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // a later release wrote it
  to->Clear();
  if (!google::protobuf::util::JsonStringToMessage(from.spec, to, options).ok()) {
    return absl::InternalError("scoring model " + from.id + "@" + std::to_string(from.version) +
                               " does not parse");
  }
  to->set_name(ModelName(from.id));
  to->set_version(from.version);
  to->set_active(from.active);
  to->set_created_by(from.created_by);
  *to->mutable_create_time() = rpc::ToProto(from.create_time);
  return absl::OkStatus();
}

absl::StatusOr<ScoringModel> FromStored(const StoredModel& stored) {
  v1::ScoringModel parsed;
  RETURN_IF_ERROR(ToProto(stored, &parsed));
  return FromProto(parsed, stored.id, stored.version);
}

}  // namespace steward::scoring
