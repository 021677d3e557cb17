#pragma once
// A point model compiled for many leads at once: a table of points by code for each group and feature, so a score is a sum of look-ups
// and the limits. Gives exactly what ScorePoints gives, without its trace; ScorePoints is the one that explains.

#include <span>
#include <vector>

#include "services/scoring/domain/lead_batch.h"

namespace steward::scoring {

// Not thread-safe: it learns what its dictionary learns.
class PointKernel {
 public:
  // `model` passed CheckModel. The dictionary outlives the kernel.
  PointKernel(PointModel model, LeadDictionary& dictionary);

  PointKernel(const PointKernel&) = delete;
  PointKernel& operator=(const PointKernel&) = delete;

  // The points of each lead of a batch of this dictionary at its instant; events after it do not count. OUT_OF_RANGE VALUE_OVERFLOW.
  [[nodiscard]] absl::Status Score(const LeadBatch& batch, std::span<const Time> at,
                                   std::span<Decimal> to);

 private:
  struct Table {
    size_t column;
    std::vector<int64_t> points;  // by code
  };
  struct Group {
    int64_t least, most;
    std::vector<Table> tables;
    std::vector<std::vector<const EventRule*>> rules;  // by kind of event
  };
  struct Idle {
    size_t column = 0;
    std::vector<bool> excepted;  // by code; empty = no feature is
  };
  void Extend(const LeadBatch& batch);
  static void AddTables(const LeadBatch& batch, size_t first, const Group& group,
                        std::span<int64_t> sums);
  void AddEvents(const LeadBatch& batch, size_t first, std::span<const Time> at, const Group& group,
                 std::span<int64_t> sums) const;
  void Finish(const LeadBatch& batch, size_t first, std::span<const Time> at,
              std::span<int64_t> totals) const;
  absl::Status ScoreLarge(const LeadBatch& batch, std::span<const Time> at,
                          std::span<Decimal> to) const;

  PointModel model_;
  LeadDictionary& dictionary_;
  std::vector<Group> groups_;
  std::vector<Idle> idle_;
  double bound_ = 0;        // of any sum of one lead without events
  double event_bound_ = 0;  // of what one event adds
};

}  // namespace steward::scoring
