#include "tools/stewardctl/completion.h"

#include <map>
#include <set>

#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

// What may follow a path of words: `sla` is followed by `policy clock ...`, a command by its
// options and choices.
std::map<std::string, std::set<std::string>> WordsAfter(const Tool& tool) {
  std::map<std::string, std::set<std::string>> words;
  for (const Command& command : tool.commands()) {
    std::string path;
    size_t begin = 0;
    while (begin <= command.path.size()) {
      const size_t end = std::min(command.path.find(' ', begin), command.path.size());
      const std::string word = command.path.substr(begin, end - begin);
      words[path].insert(word);
      path += (path.empty() ? "" : " ") + word;
      begin = end + 1;
    }
    for (const Arg& arg : command.args) {
      if (!arg.positional) {
        words[path].insert("--" + arg.name);
      } else {
        words[path].insert(arg.choices.begin(), arg.choices.end());
      }
    }
  }
  return words;
}

std::map<std::string, std::set<std::string>> ChoicesOfOptions(const Tool& tool) {
  std::map<std::string, std::set<std::string>> choices;
  for (const Command& command : tool.commands()) {
    for (const Arg& arg : command.args) {
      if (!arg.positional && !arg.choices.empty()) {
        choices["--" + arg.name].insert(arg.choices.begin(), arg.choices.end());
      }
    }
  }
  choices["--output"] = {"json", "jsonl", "table"};
  return choices;
}

// A bash case with one line a key.
std::string Case(const std::string& variable,
                 const std::map<std::string, std::set<std::string>>& lines,
                 const std::string& result) {
  std::string text = "  case \"$" + variable + "\" in\n";
  for (const auto& [key, values] : lines) {
    text += "    \"" + key + "\") " + result + "=\"";
    for (const std::string& value : values) {
      text += (value == *values.begin() ? "" : " ") + value;
    }
    text += "\" ;;\n";
  }
  return text + "  esac\n";
}

}  // namespace

std::string BashCompletion(const Tool& tool) {
  std::string globals;
  for (const GlobalOption& option : GlobalOptions()) {
    globals += " --" + option.name;
  }
  return "# bash completion of stewardctl; load it with: source <(stewardctl completion)\n"
         "_stewardctl() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" "
         "path=\"\" next=\"\" i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    [[ ${COMP_WORDS[i]} == -* || ${COMP_WORDS[i]} == */* ]] || path+=\"${path:+ "
         "}${COMP_WORDS[i]}\"\n"
         "  done\n" +
         Case("before", ChoicesOfOptions(tool), "next") +
         "  if [[ -z $next ]]; then\n"
         "    while true; do\n" +
         Case("path", WordsAfter(tool), "next") +
         "      [[ -n $next || -z $path ]] && break\n"
         "      [[ $path == *' '* ]] && path=\"${path% *}\" || path=\"\"\n"
         "    done\n"
         "    next+=\"" +
         globals +
         "\"\n"
         "  fi\n"
         "  COMPREPLY=($(compgen -W \"$next\" -- \"$word\"))\n"
         "}\n"
         "complete -o default -F _stewardctl stewardctl\n";
}

void AddCompletion(Tool& tool) {
  tool.Add({"completion",
            "A completion script for bash.",
            "source <(stewardctl completion)",
            {},
            [](Session& session, const Args&) {
              session.Write(BashCompletion(MakeTool()));
              return absl::OkStatus();
            }});
}

}  // namespace stewardctl
