#pragma once
// Which columns a table of each message has.

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace stewardctl {

struct Column {
  std::string header, path;
};
// The columns made for this message, else one for each of its plain fields.
std::vector<Column> ColumnsOf(const google::protobuf::Descriptor& type);

}  // namespace stewardctl
