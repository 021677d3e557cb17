#include "services/scoring/api/eligibility_api.h"

#include "libs/base/day.h"
#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/scoring/api/measures_api.h"
#include "services/scoring/domain/period.h"
#include "services/scoring/events/scoring_events.h"
#include "services/scoring/storage/definition_store.h"
#include "services/scoring/storage/period_store.h"

namespace steward::scoring {
namespace {

absl::StatusOr<StoredEligibility> Parse(const rpc::Call& call, const pb::Eligibility& from) {
  RETURN_IF_ERROR(CheckName("eligibility.scorecard", "scorecards", from.scorecard()));
  RETURN_IF_ERROR(CheckSubject(call, "eligibility.subject", from.subject()));
  ASSIGN_OR_RETURN(const Period period, ParsePeriod("eligibility.period", from.period()));
  StoredEligibility part{from.subject(), from.period(), from.scorecard(), 1, {}, {}, {}, {}};
  ASSIGN_OR_RETURN(part.days.first, rpc::FromProto("eligibility.first_day", from.first_day()));
  ASSIGN_OR_RETURN(part.days.last, rpc::FromProto("eligibility.last_day", from.last_day()));
  part.eligibility = {from.days(), from.period_days()};
  rpc::Faults faults;
  if (part.days.first < period.first || part.days.first > period.last) {
    faults.Add("eligibility.first_day", "lies from " + FormatDay(period.first) + " to " +
                                            FormatDay(period.last) + ", in the period");
  }
  if (part.days.last < part.days.first || part.days.last > period.last) {
    faults.Add("eligibility.last_day",
               "lies from the first day to " + FormatDay(period.last) + ", in the period");
  }
  if (part.eligibility.of_period < 1 ||
      part.eligibility.of_period > period.last - period.first + 1) {
    faults.Add("eligibility.period_days", "is at least one, and no more than the period has days");
  }
  if (part.eligibility.days < 1 || part.eligibility.days > part.eligibility.of_period ||
      part.eligibility.days > part.days.last - part.days.first + 1) {
    faults.Add("eligibility.days",
               "is at least one, and no more than period_days or than lie from first to last day");
  }
  RETURN_IF_ERROR(faults.status());
  return part;
}

// The parts of all cards of the subject, this one as it is to be.
absl::Status CheckTogether(const StoredEligibility& part,
                           const std::vector<StoredEligibility>& stored) {
  std::vector<PartCard> parts;
  for (const StoredEligibility& other : stored) {
    if (other.scorecard == part.scorecard) {
      continue;
    }
    if (other.eligibility.of_period != part.eligibility.of_period) {
      return FieldInvalid(
          "eligibility.period_days",
          "is " + std::to_string(other.eligibility.of_period) + " on " + other.scorecard);
    }
    parts.push_back({other.scorecard, other.eligibility.days});
  }
  parts.push_back({part.scorecard, part.eligibility.days});
  if (!CheckParts(parts, part.eligibility.of_period).ok()) {
    return FieldInvalid("eligibility.days", "the parts of " + part.subject +
                                                " have more days together than the period, " +
                                                std::to_string(part.eligibility.of_period));
  }
  return absl::OkStatus();
}

}  // namespace

void ToProto(const StoredEligibility& stored, v1::Eligibility* out) {
  out->set_scorecard(stored.scorecard);
  out->set_subject(stored.subject);
  out->set_period(stored.period);
  rpc::ToProto(stored.days.first, out->mutable_first_day());
  rpc::ToProto(stored.days.last, out->mutable_last_day());
  out->set_days(stored.eligibility.days);
  out->set_period_days(stored.eligibility.of_period);
  out->set_version(stored.version);
  *out->mutable_set_time() = rpc::ToProto(stored.set_time);
  out->set_set_by(stored.set_by);
}

void EligibilityApi::AddTo(rpc::Server& server) {
  server.Add<pb::SetEligibilityRequest, pb::Eligibility>(
      "/steward.scoring.v1.EligibilityService/SetEligibility",
      [this](rpc::Call& call, const pb::SetEligibilityRequest& request, pb::Eligibility* response) {
        return SetEligibility(call, request, response);
      });
  server.Add<pb::ListEligibilitiesRequest, pb::ListEligibilitiesResponse>(
      "/steward.scoring.v1.EligibilityService/ListEligibilities",
      [this](rpc::Call& call, const pb::ListEligibilitiesRequest& request,
             pb::ListEligibilitiesResponse* response) {
        return ListEligibilities(call, request, response);
      });
}

absl::Status EligibilityApi::SetEligibility(const rpc::Call& call,
                                            const pb::SetEligibilityRequest& request,
                                            pb::Eligibility* response) {
  ASSIGN_OR_RETURN(StoredEligibility part, Parse(call, request.eligibility()));
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Shared(part.period),
                 pg::LockKey::Exclusive("eligibility/" + part.subject)});
        command.Find();
        const pg::Pending card = QueueLatest(tx, part.scorecard);
        const pg::Pending period = QueuePeriod(tx, part.period);
        const pg::Pending rows = QueuePartsOf(tx, part.subject, part.period);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (card->rows() == 0) {
          return NotFound(part.scorecard);
        }
        if (period->rows() > 0) {
          ASSIGN_OR_RETURN(const StoredPeriod closed, ReadPeriod(*period, 0));
          if (closed.state == "CLOSED") {
            return Precondition("PERIOD_CLOSED", "the period is closed; its parts are fixed",
                                {{"period", part.period}});
          }
        }
        ASSIGN_OR_RETURN(const std::vector<StoredEligibility> stored, ReadEligibilities(*rows));
        RETURN_IF_ERROR(CheckTogether(part, stored));
        part.version = 1;
        for (const StoredEligibility& before : stored) {
          part.version = before.scorecard == part.scorecard ? before.version + 1 : part.version;
        }
        part.set_time = command.now();
        part.set_by = call.caller;
        ToProto(part, response);
        command.Claim(part.scorecard);
        QueueSetEligibility(tx, part);
        return command.Append({EligibilityEvent(*env_.ids, part)});
      });
}

absl::Status EligibilityApi::ListEligibilities(const rpc::Call& call,
                                               const pb::ListEligibilitiesRequest& request,
                                               pb::ListEligibilitiesResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  if (!request.subject().empty() || !call.reach.all) {
    RETURN_IF_ERROR(CheckSubject(call, "subject", request.subject()));
  }
  const std::string bound = "ListEligibilities\n" + request.period() + "\n" + request.subject();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   tokens_.Read(bound, request.page_token()));
  EligibilityCursor after;
  if (!cursor.empty()) {
    if (cursor.size() != 3) {
      return rpc::BadPageToken();
    }
    after = {cursor[0], cursor[1], cursor[2]};
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<StoredEligibility> parts,
                   scoring::ListEligibilities(*db, request.period(), request.subject(), after,
                                              page_size + 1, call.TimeLeft()));
  if (parts.size() > static_cast<size_t>(page_size)) {
    parts.resize(static_cast<size_t>(page_size));
    const StoredEligibility& last = parts.back();
    response->set_next_page_token(tokens_.Make(bound, {last.subject, last.period, last.scorecard}));
  }
  for (const StoredEligibility& part : parts) {
    ToProto(part, response->add_eligibilities());
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
