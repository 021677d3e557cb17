#include "libs/testing/pg_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "libs/base/ids.h"
#include "libs/testing/eventually.h"

namespace steward::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kBinaries[] = "/usr/lib/postgresql/15/bin/";
constexpr char kFolderPrefix[] = "steward-pg-";
constexpr size_t kLongestRoot = 60;  // a socket's path has 107 bytes at most
constexpr char kSettings[] = R"(
listen_addresses = ''
fsync = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 200
max_locks_per_transaction = 1024
idle_in_transaction_session_timeout = 10s
client_connection_check_interval = 1s
jit = off
autovacuum_naptime = 10s
log_min_messages = warning
)";

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "PgFixture: %s\n", what.c_str());
  std::abort();
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Starts a program in a child that dies with this process, as user postgres when we are root.
pid_t Spawn(const std::vector<std::string>& arguments, const std::string& log, int death_signal) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const passwd* postgres = geteuid() == 0 ? getpwnam("postgres") : nullptr;
  if (geteuid() == 0 && postgres == nullptr) {
    Die("there is no user postgres");
  }
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) {
    close(out);
    return child;
  }
  // Only calls that are safe after a fork from here on.
  if (postgres != nullptr && (setgroups(0, nullptr) != 0 || setgid(postgres->pw_gid) != 0 ||
                              setuid(postgres->pw_uid) != 0)) {
    _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, death_signal);  // after setuid, which clears it
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (getppid() != parent || chdir("/") != 0) {
    _exit(126);
  }
  execv(argv[0], argv.data());
  _exit(127);
}

// Children of a process, from /proc: backends leave the postmaster's process group.
std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    const std::string stat = ReadFile(entry.path() / "stat");
    const size_t command_end = stat.rfind(") ");
    if (command_end != std::string::npos && std::atoi(stat.c_str() + command_end + 4) == parent) {
      children.push_back(std::atoi(name.c_str()));
    }
  }
  return children;
}

// A zombie that nobody reaps does not count.
bool Running(pid_t pid) {
  const std::string stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  const size_t command_end = stat.rfind(") ");
  return command_end != std::string::npos && stat[command_end + 2] != 'Z';
}

// Folders of test binaries that died before they could clean up.
void RemoveLeftovers(const fs::path& root) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    const std::string name = entry.path().filename();
    if (name.rfind(kFolderPrefix, 0) == 0) {
      const pid_t owner = std::atoi(name.c_str() + sizeof(kFolderPrefix) - 1);
      if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) {
        fs::remove_all(entry.path(), ignored);
      }
    }
  }
}

}  // namespace

struct PgFixture::Impl {
  const pid_t owner = getpid();
  fs::path folder;
  std::atomic<pid_t> postmaster{0};
  std::mutex mutex;
  std::map<uint64_t, std::string> templates;
  int databases = 0;
  // Lives as long as the server: the death signal follows the thread that forked, not the process.
  std::thread keeper;
  std::condition_variable changed;
  bool want_running = false;
  bool quit = false;

  std::string Log() const { return folder / "server.log"; }
  std::string Data() const { return folder / "data"; }

  pg::Options OptionsFor(const std::string& database) const {
    pg::Options options;
    options.host = folder;
    options.database = database;
    options.user = "postgres";
    options.application_name = "steward-test";
    return options;
  }

  void MakeCluster() {
    fs::path root = fs::temp_directory_path();
    if (root.string().size() > kLongestRoot) {
      root = "/tmp";
    }
    RemoveLeftovers(root);
    std::string name = root / (kFolderPrefix + std::to_string(owner) + "-XXXXXX");
    if (mkdtemp(name.data()) == nullptr) {
      Die("cannot make " + name);
    }
    folder = name;
    chmod(name.c_str(), 0755);
    if (geteuid() == 0) {
      const passwd* postgres = getpwnam("postgres");
      if (postgres == nullptr || chown(name.c_str(), postgres->pw_uid, postgres->pw_gid) != 0) {
        Die("cannot give the folder to user postgres");
      }
    }
    const pid_t initdb = Spawn(
        {std::string(kBinaries) + "initdb", "--no-sync", "--auth=trust", "--username=postgres",
         "--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C", "--pgdata=" + Data()},
        Log(), SIGKILL);
    int state = 0;
    if (waitpid(initdb, &state, 0) != initdb || state != 0) {
      Die("initdb failed:\n" + ReadFile(Log()));
    }
    std::ofstream settings(Data() + "/postgresql.conf", std::ios::app);
    settings << kSettings << "unix_socket_directories = '" << folder.string() << "'\n";
    if (!settings.flush()) {
      Die("cannot write the settings");
    }
  }

  void Keep() {
    std::unique_lock lock(mutex);
    while (!quit) {
      if (want_running && postmaster == 0) {
        postmaster = Spawn({std::string(kBinaries) + "postgres", "-D", Data()}, Log(), SIGQUIT);
        changed.notify_all();
      }
      changed.wait(lock);
    }
  }

  void Start() {
    {
      std::unique_lock lock(mutex);
      want_running = true;
      changed.notify_all();
      changed.wait(lock, [&] { return postmaster != 0; });
    }
    const bool up = Eventually(Seconds(20), [&] {
      if (waitpid(postmaster, nullptr, WNOHANG) == postmaster) {
        Die("the server ended:\n" + ReadFile(Log()));
      }
      return pg::Connection::Open(OptionsFor("postgres")).ok();
    });
    if (!up) {
      Die("the server does not answer:\n" + ReadFile(Log()));
    }
  }

  void StopWith(int signal) {
    const std::lock_guard lock(mutex);
    want_running = false;
    const pid_t server = postmaster;
    if (server == 0) {
      return;
    }
    std::vector<pid_t> backends;
    if (signal == SIGKILL) {
      kill(server, SIGSTOP);  // makes no more of them
      backends = ChildrenOf(server);
      for (const pid_t backend : backends) {
        kill(backend, SIGKILL);
      }
    }
    kill(server, signal);
    waitpid(server, nullptr, 0);
    for (const pid_t backend : backends) {
      Eventually(Seconds(10), [&] { return !Running(backend); });
    }
    postmaster = 0;
  }

  void Shutdown() {
    if (getpid() != owner) {
      return;  // a forked child of the test
    }
    StopWith(SIGQUIT);
    {
      const std::lock_guard lock(mutex);
      quit = true;
    }
    changed.notify_all();
    keeper.join();
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
};

PgFixture::PgFixture() : impl_(new Impl) {
  impl_->MakeCluster();
  impl_->keeper = std::thread([impl = impl_] { impl->Keep(); });
  impl_->Start();
}

PgFixture& PgFixture::Shared() {
  // Never destroyed: tests' own statics may still use it; the server is stopped by atexit.
  static PgFixture* const fixture = [] {
    static PgFixture* made = new PgFixture;
    std::atexit([] { made->impl_->Shutdown(); });
    return made;
  }();
  return *fixture;
}

pg::Options PgFixture::NewDatabase(const std::vector<pg::Migration>& migrations) {
  std::string all;
  for (const pg::Migration& migration : migrations) {
    all += std::to_string(migration.number) + ':' + std::string(migration.name) + ':' +
           std::string(migration.sql) + '\0';
  }
  const std::lock_guard lock(impl_->mutex);
  auto admin = pg::Connection::Open(impl_->OptionsFor("postgres"));
  if (!admin.ok()) {
    Die(admin.status().ToString());
  }
  const auto run = [&](const std::string& sql) {
    if (const absl::Status status = (*admin)->RunScript(sql); !status.ok()) {
      Die(sql + ": " + status.ToString());
    }
  };
  std::string& base = impl_->templates[StableHash(all)];
  if (base.empty()) {
    base = "template_" + std::to_string(impl_->templates.size());
    run("CREATE DATABASE " + base);
    auto connection = pg::Connection::Open(impl_->OptionsFor(base));
    if (!connection.ok()) {
      Die(connection.status().ToString());
    }
    if (const absl::Status status = pg::Migrate(**connection, migrations); !status.ok()) {
      Die(status.ToString());
    }
    const int backend = (*connection)->backend_pid();
    connection->reset();  // a database in use is no template
    Eventually(Seconds(5), [&] { return !Running(backend); });
  }
  const std::string database = "test_" + std::to_string(++impl_->databases);
  run("CREATE DATABASE " + database + " TEMPLATE " + base);
  return impl_->OptionsFor(database);
}

void PgFixture::Kill() { impl_->StopWith(SIGKILL); }

void PgFixture::Restart() {
  impl_->StopWith(SIGINT);
  impl_->Start();
}

}  // namespace steward::testing
