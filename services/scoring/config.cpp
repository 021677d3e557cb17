#include "services/scoring/config.h"

namespace steward::scoring {

void Config::AddTo(config::Loader& loader) {
  const auto target = [&loader](const char* name, std::string* value, const char* service) {
    loader.Add(name, value,
               std::string("Address of the ") + service +
                   " service, asked before a freeze whether its relay has published everything.");
  };
  target("directory_target", &directory_target, "directory");
  target("complaints_target", &complaints_target, "complaints");
  target("sla_target", &sla_target, "sla");
  target("leads_target", &leads_target, "leads");
  target("orders_target", &orders_target, "orders");
  loader.Add("owner_timeout_ms", &owner_timeout_ms,
             "How long such a question waits; they are asked side by side.", 1, 30000);
}

}  // namespace steward::scoring
