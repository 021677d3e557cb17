// stewardctl: the command line of Steward. The commands are data (command.h); each group has a
// file.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "libs/base/time.h"
#include "tools/stewardctl/exit_code.h"
#include "tools/stewardctl/parser.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

absl::StatusOr<SessionOptions> ReadGlobals(const Args& globals) {
  SessionOptions options;
  options.context_file = globals.Text("context");
  options.address = globals.Text("address");
  options.token_file = globals.Text("token-file");
  options.tls_certificate_file = globals.Text("tls-certificate-file");
  options.tls_key_file = globals.Text("tls-key-file");
  options.tls_ca_file = globals.Text("tls-ca-file");
  options.request_id = globals.Text("request-id");
  options.quiet = globals.Flag("quiet");
  options.yes = globals.Flag("yes");
  options.color =
      isatty(STDOUT_FILENO) != 0 && !globals.Flag("no-color") && std::getenv("NO_COLOR") == nullptr;
  const std::string output = globals.Text("output", "table");
  if (output != "table" && output != "json" && output != "jsonl") {
    return absl::InvalidArgumentError("--output is table, json or jsonl");
  }
  options.format = output == "json"    ? Format::kJson
                   : output == "jsonl" ? Format::kJsonl
                                       : Format::kTable;
  const auto timeout = steward::ParseDuration(globals.Text("timeout", "10s"));
  if (!timeout.ok() || timeout->micros <= 0) {
    return absl::InvalidArgumentError("--timeout is a span such as 500ms or 10s");
  }
  options.timeout = *timeout;
  return options;
}

int Main(int argc, char** argv) {
  const Tool tool = MakeTool();
  const Parsed parsed = ParseCommandLine(tool, argc, argv);
  std::fputs(parsed.out.c_str(), stdout);
  std::fputs(parsed.err.c_str(), stderr);
  if (parsed.command == nullptr) {
    return parsed.exit_code;
  }
  auto options = ReadGlobals(parsed.globals);
  absl::Status status = options.status();
  if (options.ok()) {
    Session session(*std::move(options));
    status = parsed.command->action(session, parsed.args);
  }
  if (!status.ok()) {
    std::fputs(Explain(status).c_str(), stderr);
  }
  return ExitCode(status);
}

}  // namespace
}  // namespace stewardctl

int main(int argc, char** argv) { return stewardctl::Main(argc, argv); }
