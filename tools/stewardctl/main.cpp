// stewardctl: the command line of Steward. CLI11 parses; the commands are data (command.h).

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "libs/base/time.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/exit_code.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

// Where the parser leaves what was given; lives as long as the parser.
struct Given {
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> flags;
};

CLI::App* SubCommand(CLI::App& parent, const std::string& name) {
  for (CLI::App* child : parent.get_subcommands([&](CLI::App* app) { return app->get_name() == name; })) {
    return child;
  }
  CLI::App* child = parent.add_subcommand(name);
  child->require_subcommand(0, 1);
  child->fallthrough();  // global options may stand behind the command
  return child;
}

// The app at a path, made on the way.
CLI::App* AppAt(CLI::App& root, const std::string& path, const Tool& tool) {
  CLI::App* app = &root;
  std::string walked;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find(' ', begin), path.size());
    const std::string word = path.substr(begin, end - begin);
    walked += (walked.empty() ? "" : " ") + word;
    app = SubCommand(*app, word);
    if (const auto group = tool.groups().find(walked); group != tool.groups().end()) {
      app->description(group->second);
    }
    begin = end + 1;
  }
  return app;
}

std::string HelpOf(const Arg& arg) {
  std::string choices;
  for (const std::string& choice : arg.choices) {
    choices += (choices.empty() ? " One of: " : ", ") + choice;
  }
  return arg.help + choices + (choices.empty() ? "" : ".");
}

void AddArg(CLI::App& app, const Arg& arg, Given* given) {
  const std::string name = arg.positional ? arg.name : "--" + arg.name;
  if (arg.kind == Arg::Kind::kFlag) {
    app.add_flag(name, given->flags[arg.name], HelpOf(arg));
    return;
  }
  CLI::Option* option = app.add_option(name, given->values[arg.name], HelpOf(arg));
  option->required(arg.required)->type_name(arg.positional ? "" : "TEXT");
  if (arg.kind == Arg::Kind::kList && !arg.positional) {
    option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
  } else if (arg.kind == Arg::Kind::kText) {
    option->expected(1);
  }
}

// Sets what the user gave: an option that was left out is not in Args.
Args Collect(const CLI::App& app, const Command& command, const Given& given) {
  Args args;
  for (const Arg& arg : command.args) {
    const std::string name = arg.positional ? arg.name : "--" + arg.name;
    if (app.count(name) > 0) {
      const auto values = given.values.find(arg.name);
      args.Set(arg.name, values == given.values.end() ? std::vector<std::string>() : values->second);
    }
  }
  return args;
}

void AddGlobals(CLI::App& app, Given* given) {
  for (const GlobalOption& option : GlobalOptions()) {
    if (option.value.empty()) {
      app.add_flag("--" + option.name, given->flags[option.name], option.help);
    } else {
      app.add_option("--" + option.name, given->values[option.name], option.help)->expected(1)->type_name(option.value);
    }
  }
}

absl::StatusOr<SessionOptions> ReadGlobals(const Given& given) {
  const auto text = [&](const char* name) {
    const auto found = given.values.find(name);
    return found == given.values.end() || found->second.empty() ? std::string() : found->second.front();
  };
  SessionOptions options;
  options.context_file = text("context");
  options.address = text("address");
  options.token_file = text("token-file");
  options.tls_certificate_file = text("tls-certificate-file");
  options.tls_key_file = text("tls-key-file");
  options.tls_ca_file = text("tls-ca-file");
  options.request_id = text("request-id");
  options.quiet = given.flags.at("quiet");
  options.yes = given.flags.at("yes");
  options.color = isatty(STDOUT_FILENO) != 0 && !given.flags.at("no-color") && std::getenv("NO_COLOR") == nullptr;
  const std::string output = text("output");
  if (output != "" && output != "table" && output != "json" && output != "jsonl") {
    return absl::InvalidArgumentError("--output is table, json or jsonl");
  }
  options.format = output == "json" ? Format::kJson : output == "jsonl" ? Format::kJsonl : Format::kTable;
  if (const std::string timeout = text("timeout"); !timeout.empty()) {
    const auto span = steward::ParseDuration(timeout);
    if (!span.ok() || span->micros <= 0) {
      return absl::InvalidArgumentError("--timeout is a span such as 500ms or 10s");
    }
    options.timeout = *span;
  }
  return options;
}

int Run(const Command& command, const CLI::App& app, const Given& own, const Given& globals) {
  auto options = ReadGlobals(globals);
  absl::Status status = options.status();
  if (options.ok()) {
    Session session(*std::move(options));
    status = command.action(session, Collect(app, command, own));
  }
  if (!status.ok()) {
    std::fputs(Explain(status).c_str(), stderr);
  }
  return ExitCode(status);
}

int Main(int argc, char** argv) {
  const Tool tool = MakeTool();
  CLI::App root("The command line of Steward. Every command has --help with examples.", "stewardctl");
  root.require_subcommand(0, 1);
  root.fallthrough();
  Given globals;
  AddGlobals(root, &globals);
  std::vector<std::unique_ptr<Given>> given;
  int exit_code = kOk;
  for (const Command& command : tool.commands()) {
    given.push_back(std::make_unique<Given>());
    Given* own = given.back().get();
    CLI::App* app = AppAt(root, command.path, tool);
    app->description(command.help)->footer("Examples:\n" + command.example + "\n\nOptions of every command: stewardctl --help");
    for (const Arg& arg : command.args) {
      AddArg(*app, arg, own);
    }
    app->callback([&, app, own] { exit_code = Run(command, *app, *own, globals); });
  }
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return root.exit(error) == 0 ? kOk : kUsage;
  }
  for (CLI::App* app = &root;; app = app->get_subcommands().front()) {
    if (app->get_subcommands().empty()) {
      const bool group = !app->get_subcommands([](CLI::App*) { return true; }).empty();
      if (group) {  // no command was named: say what there is
        std::fputs(app->help().c_str(), stdout);
        return app == &root && argc > 1 ? kUsage : kOk;
      }
      return exit_code;
    }
  }
}

}  // namespace
}  // namespace stewardctl

int main(int argc, char** argv) { return stewardctl::Main(argc, argv); }
