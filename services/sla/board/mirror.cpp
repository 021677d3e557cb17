#include "services/sla/board/mirror.h"

#include <algorithm>
#include <charconv>

#include "libs/base/status.h"

namespace steward::sla {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kServedSeconds = "3600";
constexpr const char* kFillingSeconds = "60";  // what a dead builder leaves goes away soon
constexpr const char* kStatuses[] = {"running", "warned", "paused", "breached"};
constexpr int64_t kNeverDue = 9'000'000'000'000'000;  // sorts last; exact as a double
constexpr char kSeparator = '\0';                     // no text of PostgreSQL holds one

std::string Key(const std::string& generation, const std::string& what) {
  return std::string(kBoardKey) + ":" + generation + ":" + what;
}
const char* Name(Party party) { return party == Party::kOwner ? "owners" : "teams"; }
std::string DueKey(const std::string& generation, Party party) {
  return Key(generation, std::string(Name(party)) + ":due");
}

std::vector<std::string> KeysOf(const std::string& generation) {
  return {Key(generation, "clocks"),         Key(generation, "counts"),
          Key(generation, "owners"),         Key(generation, "teams"),
          DueKey(generation, Party::kOwner), DueKey(generation, Party::kTeam)};
}

std::string DueText(const std::optional<Time>& due) {
  return due ? std::to_string(due->micros) : std::string();
}
std::string Score(const std::optional<Time>& due) {
  return std::to_string(due ? due->micros : kNeverDue);
}

int64_t Number(std::string_view text) {
  int64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}
std::optional<Time> ParseDue(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<Time>(Time{Number(text)});
}

std::string Pack(const Words& words) {
  std::string packed;
  for (const std::string& word : words) {
    packed += packed.empty() ? word : kSeparator + word;
  }
  return packed;
}
// Exactly `n` words, or empty: what somebody else wrote there counts as absent.
Words Unpack(const std::string& packed, size_t n) {
  Words words(1);
  for (const char c : packed) {
    if (c == kSeparator) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words.size() == n ? words : Words();
}

std::string PackClock(const OpenClock& c) {
  return Pack({c.status, DueText(c.due), c.owner, c.team});
}
std::optional<OpenClock> UnpackClock(const std::string& name, const redis::Reply& reply) {
  const Words words = Unpack(reply.text, 4);
  if (words.empty()) {
    return std::nullopt;
  }
  return OpenClock{name, words[0], words[2], words[3], ParseDue(words[1])};
}
std::string PackRow(int64_t clocks, const NextClock& next) {
  return Pack({std::to_string(clocks), DueText(next.due), next.name});
}

std::string PositionText(const eventing::Position& p) {
  return std::to_string(p.xid) + ":" + std::to_string(p.seq);
}

void PutHead(const BoardHead& head, std::vector<Words>& commands) {
  commands.push_back({"HSET", kBoardKey, "generation", head.generation, "position",
                      PositionText(head.position), "as_of", std::to_string(head.as_of.micros)});
  commands.push_back({"EXPIRE", kBoardKey, kServedSeconds});
  for (const std::string& key : KeysOf(head.generation)) {
    commands.push_back({"EXPIRE", key, kServedSeconds});
  }
}

// A command of many words, left out when it has no more than its key.
void Put(Words command, std::vector<Words>& commands) {
  if (command.size() > 2) {
    commands.push_back(std::move(command));
  }
}

}  // namespace

absl::Status BoardWriter::Drop() {
  ASSIGN_OR_RETURN(const redis::Reply generation,
                   redis_.Command({"HGET", kBoardKey, "generation"}));
  Words command = {"UNLINK", kBoardKey};
  for (const std::string& key : KeysOf(generation.text)) {
    command.push_back(key);
  }
  rows_.clear();
  counts_.clear();
  // A Compare that found another board is still watching it: the next EXEC would do nothing.
  return redis_.Pipeline({{"UNWATCH"}, command}).status();
}

absl::Status BoardWriter::Fill(const std::string& generation,
                               const std::vector<OpenClock>& clocks) {
  const std::string key = Key(generation, "clocks");
  Words command = {"HSET", key};
  for (const OpenClock& clock : clocks) {
    command.push_back(clock.name);
    command.push_back(PackClock(clock));
    counts_[clock.status] += 1;
    for (const auto& [party, who] :
         {std::pair{Party::kOwner, &clock.owner}, {Party::kTeam, &clock.team}}) {
      Row& row = rows_[party][*who];
      if (row.clocks++ == 0) {
        row.next = {clock.name, clock.due};
      }
    }
  }
  std::vector<Words> commands;
  Put(std::move(command), commands);
  commands.push_back({"EXPIRE", key, kFillingSeconds});
  return redis_.Pipeline(commands).status();
}

absl::Status BoardWriter::Finish(const BoardHead& head) {
  std::vector<Words> commands;
  Words counts = {"HSET", Key(head.generation, "counts")};
  for (const char* status : kStatuses) {
    counts.push_back(status);
    counts.push_back(std::to_string(counts_[status]));
  }
  Put(std::move(counts), commands);
  for (const auto& [party, rows] : rows_) {
    Words texts = {"HSET", Key(head.generation, Name(party))};
    Words scores = {"ZADD", DueKey(head.generation, party)};
    for (const auto& [who, row] : rows) {
      texts.insert(texts.end(), {who, PackRow(row.clocks, row.next)});
      scores.insert(scores.end(), {Score(row.next.due), who});
    }
    Put(std::move(texts), commands);
    Put(std::move(scores), commands);
  }
  PutHead(head, commands);
  ASSIGN_OR_RETURN(const std::vector<redis::Reply> done, redis_.Transaction(commands));
  return done.empty() ? absl::AbortedError("another process wrote the board") : absl::OkStatus();
}

absl::StatusOr<BoardWriter::Difference> BoardWriter::Compare(
    const BoardHead& head, const Words& names, const std::map<std::string, OpenClock>& open) {
  Words get = {"HMGET", Key(head.generation, "clocks")};
  get.insert(get.end(), names.begin(), names.end());
  std::vector<Words> commands = {{"WATCH", kBoardKey},
                                 {"HMGET", kBoardKey, "generation", "position"}};
  Put(std::move(get), commands);
  ASSIGN_OR_RETURN(const std::vector<redis::Reply> replies, redis_.Pipeline(commands));
  const std::vector<redis::Reply>& now = replies[1].elements;
  if (now[0].text != head.generation || now[1].text != PositionText(head.position)) {
    return absl::AbortedError("the board in Redis is not the one this process wrote");
  }
  Difference difference;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto found = open.find(names[i]);
    const redis::Reply& counted = replies[2].elements[i];
    const std::string is = found == open.end() ? std::string() : PackClock(found->second);
    if (counted.text == is) {
      continue;
    }
    const auto count = [&](const OpenClock& clock, int64_t n) {
      difference.statuses[clock.status] += n;
      difference.parties[Party::kOwner][clock.owner] += n;
      difference.parties[Party::kTeam][clock.team] += n;
    };
    if (const auto before = UnpackClock(names[i], counted)) {
      count(*before, -1);
    }
    if (found != open.end()) {
      count(found->second, 1);
      difference.clocks[names[i]] = found->second;
    } else {
      difference.clocks[names[i]] = std::nullopt;
    }
  }
  return difference;
}

absl::Status BoardWriter::PutParties(const std::string& generation, Party party,
                                     const std::map<std::string, int64_t>& changes,
                                     const std::map<std::string, NextClock>& next,
                                     Commands& commands) {
  const std::string key = Key(generation, Name(party));
  Words get = {"HMGET", key};
  for (const auto& [who, change] : changes) {
    get.push_back(who);
  }
  ASSIGN_OR_RETURN(const redis::Reply counted, redis_.Command(get));
  Words put = {"HSET", key}, drop = {"HDEL", key};
  Words add = {"ZADD", DueKey(generation, party)}, remove = {"ZREM", DueKey(generation, party)};
  size_t i = 0;
  for (const auto& [who, change] : changes) {
    const Words words = Unpack(counted.elements[i++].text, 3);
    const int64_t clocks = (words.empty() ? 0 : Number(words[0])) + change;
    const auto found = next.find(who);
    if (clocks <= 0 || found == next.end()) {
      // Without a next clock the count is kept: PostgreSQL is ahead of the journal, and what ended it is about to come.
      if (clocks <= 0) {
        drop.push_back(who);
      } else {
        put.insert(put.end(), {who, PackRow(clocks, NextClock())});
      }
      remove.push_back(who);
      continue;
    }
    put.insert(put.end(), {who, PackRow(clocks, found->second)});
    add.insert(add.end(), {Score(found->second.due), who});
  }
  for (Words* command : {&put, &drop, &add, &remove}) {
    Put(std::move(*command), commands);
  }
  return absl::OkStatus();
}

absl::Status BoardWriter::Apply(const Difference& difference, const Next& next,
                                const BoardHead& head) {
  Commands commands;
  const std::string key = Key(head.generation, "clocks");
  Words put = {"HSET", key}, drop = {"HDEL", key};
  for (const auto& [name, clock] : difference.clocks) {
    if (clock) {
      put.insert(put.end(), {name, PackClock(*clock)});
    } else {
      drop.push_back(name);
    }
  }
  Put(std::move(put), commands);
  Put(std::move(drop), commands);
  for (const auto& [status, n] : difference.statuses) {
    if (n != 0) {
      commands.push_back({"HINCRBY", Key(head.generation, "counts"), status, std::to_string(n)});
    }
  }
  for (const auto& [party, changes] : difference.parties) {
    RETURN_IF_ERROR(PutParties(head.generation, party, changes, next.at(party), commands));
  }
  PutHead(head, commands);
  ASSIGN_OR_RETURN(const std::vector<redis::Reply> done, redis_.Transaction(commands));
  return done.empty() ? absl::AbortedError("another process wrote the board") : absl::OkStatus();
}

namespace {

// Rows of the parties in order of their next due.
absl::StatusOr<std::vector<BoardRow>> ReadRows(redis::Client& redis, const std::string& generation,
                                               Party party, const redis::Reply& order) {
  std::vector<BoardRow> rows;
  if (order.elements.empty()) {
    return rows;
  }
  Words get = {"HMGET", Key(generation, Name(party))};
  for (const redis::Reply& who : order.elements) {
    get.push_back(who.text);
  }
  ASSIGN_OR_RETURN(const redis::Reply texts, redis.Command(get));
  for (size_t i = 0; i < texts.elements.size(); ++i) {
    const Words words = Unpack(texts.elements[i].text, 3);
    if (!words.empty() && !words[2].empty()) {
      rows.push_back({order.elements[i].text, words[2], ParseDue(words[1]), Number(words[0])});
    }
  }
  return rows;
}

}  // namespace

absl::StatusOr<std::optional<BoardCopy>> ReadBoardCopy(redis::Client& redis, Time oldest,
                                                       int limit) {
  const Words get_head = {"HMGET", kBoardKey, "generation", "as_of"};
  ASSIGN_OR_RETURN(const redis::Reply head, redis.Command(get_head));
  const std::string generation = head.elements[0].text;
  BoardCopy copy;
  copy.as_of = Time{Number(head.elements[1].text)};
  if (generation.empty() || copy.as_of < oldest) {
    return std::nullopt;
  }
  const std::string last = std::to_string(limit - 1);
  Words counts = {"HMGET", Key(generation, "counts")};
  counts.insert(counts.end(), std::begin(kStatuses), std::end(kStatuses));
  ASSIGN_OR_RETURN(const std::vector<redis::Reply> lists,
                   redis.Pipeline({counts,
                                   {"ZRANGE", DueKey(generation, Party::kOwner), "0", last},
                                   {"ZRANGE", DueKey(generation, Party::kTeam), "0", last}}));
  for (size_t i = 0; i < std::size(kStatuses); ++i) {
    copy.data.counts.emplace_back(kStatuses[i], Number(lists[0].elements[i].text));
  }
  ASSIGN_OR_RETURN(copy.data.owners, ReadRows(redis, generation, Party::kOwner, lists[1]));
  ASSIGN_OR_RETURN(copy.data.teams, ReadRows(redis, generation, Party::kTeam, lists[2]));
  // A generation that was replaced meanwhile may have been read half.
  ASSIGN_OR_RETURN(const redis::Reply still, redis.Command(get_head));
  if (still.elements[0].text != generation) {
    return std::nullopt;
  }
  return copy;
}

}  // namespace steward::sla
