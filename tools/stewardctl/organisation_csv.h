#pragma once
// Members, teams and roles of `directory import` as CSV files, one kind a file, recognised by its header.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "steward/directory/v1/directory_service.pb.h"

namespace stewardctl {

struct NamedText {
  std::string file, text;
};

struct OrganisationCsv {
  steward::directory::v1::ImportOrganisationRequest request;
  // Where what stands in the request comes from: `members[3]` -> `people.csv line 5`.
  std::map<std::string, std::string> places;
};

// The kinds of files and their columns, one kind a line.
std::string OrganisationCsvHelp();

// Rows of the files over what is `stored`: a column that a file does not have keeps its value, an empty cell empties it,
// and assignments and leaves replace those of the members that they name. INVALID_ARGUMENT holds every fault, each as
// `people.csv line 5 column kind`.
absl::StatusOr<OrganisationCsv> ReadOrganisationCsv(
    const std::vector<NamedText>& files,
    const steward::directory::v1::ImportOrganisationRequest& stored);

// A refusal of the server, its fields led back to the lines of the files.
absl::Status AtPlaces(const absl::Status& status, const std::map<std::string, std::string>& places);

}  // namespace stewardctl
