#pragma once
// What was built, as the build knew it.

#include <string_view>

namespace steward {

std::string_view Version();   // `0.1.0`
std::string_view Revision();  // of the source, or `unknown`

}  // namespace steward
