#pragma once
// A private Redis 7 for a test binary, on a Unix socket in a temporary folder.

#include "libs/redis/client.h"

namespace steward::testing {

class RedisFixture {
 public:
  static RedisFixture& Shared();
  redis::Options options() const;
  void Kill();  // kill -9
  void Restart();
  void FlushAll();

 private:
  RedisFixture();
  struct Impl;
  Impl* impl_;
};

}  // namespace steward::testing
