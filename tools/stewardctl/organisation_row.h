#pragma once
// One row of a CSV file of the directory: its cells by column, as what they stand for.

#include <string>
#include <vector>

#include "libs/base/status.h"
#include "steward/directory/v1/directory.pb.h"
#include "tools/stewardctl/csv.h"

namespace stewardctl {

// Without white space at both ends.
std::string Trimmed(std::string text);

// Faults go to the list, each with its place: `people.csv line 5 column kind`.
class OrganisationRow {
 public:
  // The file and the list outlive it.
  OrganisationRow(const std::string& file, const Csv& csv, const CsvRow& row,
                  std::vector<steward::FieldViolation>* faults)
      : place_(file + " line " + std::to_string(row.line)),
        csv_(csv),
        cells_(row.cells),
        faults_(faults) {}

  const std::string& place() const { return place_; }
  void Fault(const std::string& column, const std::string& text);
  bool IsBlank() const;
  // The right number of cells, each of them text.
  bool IsSound();

  bool Has(const char* column) const { return csv_.Column(column).has_value(); }
  // "" without the column.
  std::string Text(const char* column) const;
  // `true`, `false` or empty.
  bool Truth(const char* column);
  // `person`, `system` or empty.
  steward::directory::v1::Member::Kind MemberKind(const char* column);
  // Of the columns `from` and `to`.
  steward::directory::v1::Period Period();

 private:
  void SetTime(const char* column,
               google::protobuf::Timestamp* (steward::directory::v1::Period::*field)(),
               steward::directory::v1::Period* period);

  const std::string place_;
  const Csv& csv_;
  const std::vector<std::string>& cells_;
  std::vector<steward::FieldViolation>* faults_;
};

}  // namespace stewardctl
