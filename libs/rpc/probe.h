#pragma once
// A server that ran out of descriptors while accepting never accepts again, though old connections
// live on. Only a new connection tells: this thread makes one to the own port now and then, and
// ends the process after three failures. Internal to the library.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "grpcpp/security/credentials.h"
#include "libs/base/time.h"

namespace steward::rpc {

class SelfProbe {
 public:
  SelfProbe(std::string target, std::shared_ptr<grpc::ChannelCredentials> credentials,
            Duration interval);
  ~SelfProbe() { Stop(); }
  void Stop();
  // One new connection and health call within two seconds; any answer is good.
  static bool Probe(const std::string& target,
                    const std::shared_ptr<grpc::ChannelCredentials>& credentials);

 private:
  void Loop();
  std::string target_;
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  Duration interval_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace steward::rpc
