#include "services/leads/config.h"

namespace steward::leads {

void Config::AddTo(config::Loader& loader) {
  loader.Add("tier_schemes_file", &tier_schemes_file,
             "Tier schemes of customers in protobuf's text form; empty = the shipped ones.");
  loader.Add("phone_region", &phone_region,
             "Region (ISO 3166-1 alpha-2) in which a phone number without `+` is read.");
}

}  // namespace steward::leads
