#include "services/sla/config.h"

namespace steward::sla {

void AddSettings(config::Loader& loader, Config& config) {
  loader.Add("input_hold_ms", &config.input_hold_ms,
             "How long breaches and levels wait while an input is behind; then they fire, marked "
             "input_stale.",
             0, 600'000);
  loader.Add("board", &config.board,
             "Keep the live board in Redis; without it PostgreSQL answers.");
}

}  // namespace steward::sla
