// The example models can be loaded as they are.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "google/protobuf/util/json_util.h"
#include "services/scoring/api/model_mapping.h"

namespace steward::scoring {
namespace {

TEST(ExampleModels, CanBeLoaded) {
  int models = 0;
  for (const auto& file : std::filesystem::directory_iterator(STEWARD_MODELS)) {
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    v1::ScoringModel model;
    const auto parsed = google::protobuf::util::JsonStringToMessage(text.str(), &model);
    ASSERT_TRUE(parsed.ok()) << file.path() << ": " << parsed.ToString();
    const auto id = ParseModelName("name", model.name());
    ASSERT_TRUE(id.ok()) << id.status();
    EXPECT_EQ(*id, file.path().stem().string());
    const auto checked = FromProto(model, *id, 1);
    EXPECT_TRUE(checked.ok()) << file.path() << ": " << checked.status();
    // What is stored comes back as it was.
    const auto stored = FromStored({*id, 1, ToJson(model), "", {}, false});
    ASSERT_TRUE(stored.ok()) << stored.status();
    EXPECT_EQ(stored->points.events.size(), static_cast<size_t>(model.events_size()));
    ++models;
  }
  EXPECT_EQ(models, 2);
}

}  // namespace
}  // namespace steward::scoring
