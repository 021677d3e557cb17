#include "tools/stewardctl/parser.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <sstream>

#include "tools/stewardctl/exit_code.h"

namespace stewardctl {
namespace {

// Where CLI11 leaves what was given; lives as long as the parser.
struct Given {
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> flags;
};

CLI::App* Child(CLI::App& parent, const std::string& name) {
  for (CLI::App* child :
       parent.get_subcommands([&](CLI::App* app) { return app->get_name() == name; })) {
    return child;
  }
  CLI::App* child = parent.add_subcommand(name);
  child->require_subcommand(0, 1);
  child->fallthrough();  // options of every command may stand behind it
  return child;
}

// The app at a path, made on the way.
CLI::App* AppAt(CLI::App& root, const std::string& path, const Tool& tool) {
  CLI::App* app = &root;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find(' ', begin), path.size());
    app = Child(*app, path.substr(begin, end - begin));
    if (const auto group = tool.groups().find(path.substr(0, end)); group != tool.groups().end()) {
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

std::string NameOf(const Arg& arg) { return arg.positional ? arg.name : "--" + arg.name; }

void AddArg(CLI::App& app, const Arg& arg, Given* given) {
  if (arg.kind == Arg::Kind::kFlag) {
    app.add_flag(NameOf(arg), given->flags[arg.name], HelpOf(arg));
    return;
  }
  CLI::Option* option = app.add_option(NameOf(arg), given->values[arg.name], HelpOf(arg));
  option->required(arg.required)->type_name(arg.positional ? "" : "TEXT");
  if (arg.kind == Arg::Kind::kText || !arg.positional) {
    option->expected(1)->allow_extra_args(false);
  }
  if (arg.kind == Arg::Kind::kList) {
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
}

void AddGlobals(CLI::App& app, Given* given) {
  for (const GlobalOption& option : GlobalOptions()) {
    if (option.value.empty()) {
      app.add_flag("--" + option.name, given->flags[option.name], option.help);
    } else {
      app.add_option("--" + option.name, given->values[option.name], option.help)
          ->expected(1)
          ->allow_extra_args(false)
          ->type_name(option.value);
    }
  }
}

void Take(const CLI::App& app, const std::string& option, const std::string& name,
          const Given& given, Args* args) {
  if (app.count(option) > 0) {
    const auto values = given.values.find(name);
    args->Set(name, values == given.values.end() ? std::vector<std::string>() : values->second);
  }
}

// The deepest app that was named.
CLI::App* Named(CLI::App& root) {
  CLI::App* app = &root;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
  }
  return app;
}

}  // namespace

Parsed ParseCommandLine(const Tool& tool, int argc, const char* const* argv) {
  CLI::App root("The command line of Steward. Every command has --help with examples.",
                "stewardctl");
  root.require_subcommand(0, 1);
  Given globals;
  AddGlobals(root, &globals);
  std::map<const CLI::App*, std::pair<const Command*, std::unique_ptr<Given>>> commands;
  for (const Command& command : tool.commands()) {
    CLI::App* app = AppAt(root, command.path, tool);
    app->description(command.help);
    app->footer("Examples:\n" + command.example +
                "\n\nOptions of every command: stewardctl --help");
    auto& [declared, given] = commands[app];
    declared = &command;
    given = std::make_unique<Given>();
    for (const Arg& arg : command.args) {
      AddArg(*app, arg, given.get());
    }
  }
  Parsed parsed;
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::stringstream out, err;
    parsed.exit_code = root.exit(error, out, err) == 0 ? kOk : kUsage;
    parsed.out = out.str();
    parsed.err = err.str();
    return parsed;
  }
  const CLI::App* app = Named(root);
  const auto found = commands.find(app);
  if (found == commands.end()) {  // a group, or nothing: say what there is
    parsed.out = app->help();
    return parsed;
  }
  parsed.command = found->second.first;
  for (const Arg& arg : parsed.command->args) {
    Take(*app, NameOf(arg), arg.name, *found->second.second, &parsed.args);
  }
  for (const GlobalOption& option : GlobalOptions()) {
    Take(root, "--" + option.name, option.name, globals, &parsed.globals);
  }
  return parsed;
}

}  // namespace stewardctl
