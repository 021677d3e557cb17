#pragma once
// Transport security: mutual TLS from files that may be replaced at any time, or plaintext.
// Internal to the library.

#include <memory>
#include <string>

#include "grpcpp/security/auth_context.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"

namespace steward::rpc {

struct TlsFiles {
  std::string certificate, key, ca;
  bool empty() const { return certificate.empty() && key.empty() && ca.empty(); }
  // Names the file that is missing or cannot be read; "" = fine.
  std::string Fault() const;
};

// Requires and verifies a client certificate.
std::shared_ptr<grpc::ServerCredentials> ServerCredentialsFor(const TlsFiles& files);
// `check_host` off only for a probe of the own port.
std::shared_ptr<grpc::ChannelCredentials> ChannelCredentialsFor(const TlsFiles& files,
                                                                bool check_host);

// The service of the peer's certificate, `sla` in `spiffe://<domain>/ns/<namespace>/sa/sla`; ""
// when there is none.
std::string PeerService(const grpc::AuthContext& context);

}  // namespace steward::rpc
