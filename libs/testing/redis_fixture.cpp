#include "libs/testing/redis_fixture.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "libs/testing/eventually.h"

extern char** environ;

namespace steward::testing {

struct RedisFixture::Impl {
  std::filesystem::path folder;
  pid_t pid = -1;
  pid_t owner = getpid();

  std::string socket() const { return (folder / "redis.sock").string(); }

  redis::Options Options() const {
    redis::Options options;
    options.host = socket();
    return options;
  }

  void Start() {
    std::string log = (folder / "redis.log").string();
    // setpriv ends the server with this process, should the test crash.
    std::vector<std::string> words = {"setpriv",
                                      "--pdeathsig",
                                      "KILL",
                                      "redis-server",
                                      "--port",
                                      "0",
                                      "--dir",
                                      folder.string(),
                                      "--save",
                                      "",
                                      "--appendonly",
                                      "no",
                                      "--unixsocket",
                                      socket(),
                                      "--logfile",
                                      log,
                                      "--enable-debug-command",
                                      "local"};
    std::vector<char*> arguments;
    for (std::string& word : words) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    if (posix_spawnp(&pid, "setpriv", nullptr, nullptr, arguments.data(), environ) != 0 ||
        !Answers()) {
      std::fprintf(stderr, "redis-server did not start; see %s\n", log.c_str());
      std::abort();
    }
  }

  bool Answers() const {
    return Eventually(Seconds(10),
                      [&] { return redis::Client(Options(), nullptr).Command({"PING"}).ok(); });
  }

  void Kill() {
    if (pid > 0) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      pid = -1;
    }
  }
};

namespace {
RedisFixture* g_shared = nullptr;
}  // namespace

RedisFixture::RedisFixture() : impl_(new Impl) {
  std::signal(SIGPIPE, SIG_IGN);  // as every service does: a killed server's socket is written to
  std::string pattern = (std::filesystem::temp_directory_path() / "steward-redis-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    std::abort();
  }
  impl_->folder = pattern;
  impl_->Start();
}

RedisFixture& RedisFixture::Shared() {
  static RedisFixture* shared = [] {
    g_shared = new RedisFixture;
    std::atexit([] {
      RedisFixture::Impl& impl = *g_shared->impl_;
      if (impl.owner == getpid()) {  // not in a forked child, as death tests make them
        impl.Kill();
        std::filesystem::remove_all(impl.folder);
      }
    });
    return g_shared;
  }();
  return *shared;
}

redis::Options RedisFixture::options() const { return impl_->Options(); }
void RedisFixture::Kill() { impl_->Kill(); }
void RedisFixture::Restart() {
  impl_->Kill();
  impl_->Start();
}
void RedisFixture::FlushAll() {
  if (!redis::Client(options(), nullptr).Command({"FLUSHALL"}).ok()) {
    std::abort();
  }
}

}  // namespace steward::testing
