#include "tools/stewardctl/changes.h"

#include <memory>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "tools/stewardctl/services.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {
namespace {

namespace pb = steward::operations::v1;
constexpr steward::Duration kPause = steward::Milliseconds(300);

bool IsTransient(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

// The payload as JSON; its bytes when this program does not know the message.
std::string PayloadJson(const std::string& service, const std::string& bytes) {
  const ServiceInfo* info = FindService(service);
  const std::unique_ptr<google::protobuf::Message> message(info->topic_message->New());
  return message->ParseFromString(bytes) ? ToJson(*message, JsonStyle::kCompact) : "{}";
}

}  // namespace

absl::Status FollowChanges(Session& session, const Follow& follow,
                           const std::function<void(const pb::Change&)>& show) {
  pb::ListChangesRequest request;
  request.set_page_size(200);
  request.set_aggregate(follow.aggregate);
  request.mutable_type_prefixes()->Add(follow.type_prefixes.begin(), follow.type_prefixes.end());
  request.set_from_end(follow.from_end);
  absl::Status failure;
  bool lost = false;
  Poll(kPause, [&] {
    pb::ListChangesResponse response;
    do {
      response.Clear();
      failure = session.Call(follow.service + ".operations.ListChanges", request, &response);
      if (!failure.ok()) {
        if (IsTransient(failure) && !follow.once && !lost) {
          session.Say("the " + follow.service + " service does not answer; waiting for it");
        }
        lost = true;
        return IsTransient(failure) && !follow.once;
      }
      for (const pb::Change& change : response.changes()) {
        show(change);
      }
      request.set_page_token(response.next_page_token());
    } while (response.changes_size() > 0);
    if (lost) {
      session.Say("the " + follow.service + " service answers again");
      lost = false;
    }
    return !follow.once;
  });
  return failure;
}

std::string ChangeLine(const std::string& service, const pb::Change& change, bool json) {
  const std::string payload = PayloadJson(service, change.payload());
  if (!json) {
    return steward::FormatTime(steward::rpc::FromProto(change.recorded_at())) + "  " +
           change.type() + "  " + change.aggregate() + " v" +
           std::to_string(change.aggregate_version()) + "  " + change.actor() + "  " +
           Printable(payload) + "\n";
  }
  pb::Change bare = change;
  bare.clear_payload();
  std::string line = ToJson(bare);
  const std::string empty = "\"payload\":\"\"";
  line.replace(line.find(empty), empty.size(), "\"payload\":" + payload);
  return line + "\n";
}

}  // namespace stewardctl
