#include "libs/metrics/process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace steward::metrics {
namespace {

struct Reading {
  std::optional<double> cpu_seconds, resident_bytes, open_fds, max_fds, start_time_seconds;
};

double BootTime() {
  std::ifstream stat("/proc/stat");
  std::string word;
  while (stat >> word) {
    if (word == "btime") {
      double seconds = 0;
      stat >> seconds;
      return seconds;
    }
  }
  return 0;
}

// Fields 14, 15 (CPU ticks), 22 (start in ticks after boot) and 24 (resident pages) of /proc/self/stat. The second
// field is the program's name in brackets and may hold anything, so counting starts behind the last bracket.
void ReadStat(Reading& reading) {
  std::ifstream file("/proc/self/stat");
  std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  size_t bracket = line.rfind(')');
  if (bracket == std::string::npos) {
    return;
  }
  std::istringstream fields(line.substr(bracket + 1));
  std::vector<std::string> words((std::istream_iterator<std::string>(fields)),
                                 std::istream_iterator<std::string>());
  constexpr size_t kFirst = 3;  // words[0] is field 3
  if (words.size() <= 24 - kFirst) {
    return;
  }
  auto number = [&](size_t field) { return std::stod(words[field - kFirst]); };
  double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  reading.cpu_seconds = (number(14) + number(15)) / ticks;
  static const double boot = BootTime();
  reading.start_time_seconds = boot + number(22) / ticks;
  reading.resident_bytes = number(24) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void ReadDescriptors(Reading& reading) {
  if (DIR* dir = opendir("/proc/self/fd")) {
    double count = -3;  // `.`, `..` and the folder's own descriptor
    while (readdir(dir) != nullptr) {
      ++count;
    }
    closedir(dir);
    reading.open_fds = count;
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    reading.max_fds = static_cast<double>(limit.rlim_cur);
  }
}

}  // namespace

const std::vector<ProcessMetric>& ProcessMetrics() {
  static const std::vector<ProcessMetric> kMetrics = {
      {"process_cpu_seconds_total", "counter", "User and system CPU time in seconds."},
      {"process_max_fds", "gauge", "Limit of open file descriptors."},
      {"process_open_fds", "gauge", "Open file descriptors."},
      {"process_resident_memory_bytes", "gauge", "Resident memory in bytes."},
      {"process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970."},
  };
  return kMetrics;
}

std::string ProcessText() {
  Reading reading;
  ReadStat(reading);
  ReadDescriptors(reading);
  const std::optional<double> values[] = {reading.cpu_seconds, reading.max_fds, reading.open_fds,
                                          reading.resident_bytes, reading.start_time_seconds};
  std::string out;
  for (size_t i = 0; i < ProcessMetrics().size(); ++i) {
    const ProcessMetric& metric = ProcessMetrics()[i];
    if (values[i]) {
      absl::StrAppend(&out, "# HELP ", metric.name, " ", metric.help, "\n# TYPE ", metric.name, " ",
                      metric.type, "\n");
      std::ostringstream number;
      number.imbue(std::locale::classic());
      number.precision(15);
      number << *values[i];
      absl::StrAppend(&out, metric.name, " ", number.str(), "\n");
    }
  }
  return out;
}

}  // namespace steward::metrics
