#include "libs/base/version.h"

namespace steward {

std::string_view Version() { return STEWARD_VERSION; }
std::string_view Revision() { return STEWARD_REVISION; }

}  // namespace steward
