#include "libs/service/loopback.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace steward::service {
namespace {

bool Consume(std::string_view& text, std::string_view prefix) {
  bool has = text.substr(0, prefix.size()) == prefix;
  text.remove_prefix(has ? prefix.size() : 0);
  return has;
}

// The host of `host:port`, `[v6]:port`, or of an address without port.
std::string HostOf(std::string_view address) {
  if (!address.empty() && address.front() == '[') {
    return std::string(address.substr(1, address.find(']') - 1));
  }
  bool one_colon = std::count(address.begin(), address.end(), ':') == 1;
  return std::string(one_colon ? address.substr(0, address.find(':')) : address);
}

}  // namespace

bool IsLoopback(std::string_view address) {
  if (Consume(address, "unix:") || (!address.empty() && address.front() == '/')) {
    return true;
  }
  for (std::string_view scheme : {"dns:///", "ipv4:", "ipv6:"}) {
    Consume(address, scheme);
  }
  std::string host = HostOf(address);
  if (host == "localhost") {
    return true;
  }
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool AllLoopback(std::string_view addresses) {
  while (!addresses.empty()) {
    std::string_view one = addresses.substr(0, addresses.find(','));
    addresses.remove_prefix(std::min(one.size() + 1, addresses.size()));
    if (!one.empty() && !IsLoopback(one)) {
      return false;
    }
  }
  return true;
}

}  // namespace steward::service
