#include "libs/rpc/credentials.h"

#include <unistd.h>

#include <string_view>

#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_certificate_verifier.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace steward::rpc {
namespace {

namespace tls = grpc::experimental;

constexpr unsigned kRefreshSeconds = 5;

std::shared_ptr<tls::CertificateProviderInterface> Watch(const TlsFiles& files) {
  return std::make_shared<tls::FileWatcherCertificateProvider>(files.key, files.certificate,
                                                               files.ca, kRefreshSeconds);
}

}  // namespace

std::string TlsFiles::Fault() const {
  for (const std::string* path : {&certificate, &key, &ca}) {
    if (path->empty()) {
      return "certificate, key and CA must be given together";
    }
    if (access(path->c_str(), R_OK) != 0) {
      return "cannot read " + *path;
    }
  }
  return "";
}

std::shared_ptr<grpc::ServerCredentials> ServerCredentialsFor(const TlsFiles& files) {
  if (files.empty()) {
    return grpc::InsecureServerCredentials();
  }
  tls::TlsServerCredentialsOptions options(Watch(files));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  // The name in a client's certificate is no host name; who may call is the policy's matter.
  options.set_check_call_host(false);
  return tls::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> ChannelCredentialsFor(const TlsFiles& files,
                                                                bool check_host) {
  if (files.empty()) {
    return grpc::InsecureChannelCredentials();
  }
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watch(files));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  if (!check_host) {
    options.set_check_call_host(false);
    options.set_certificate_verifier(std::make_shared<tls::NoOpCertificateVerifier>());
  }
  return tls::TlsCredentials(options);
}

std::string PeerService(const grpc::AuthContext& context) {
  constexpr std::string_view kScheme = "spiffe://";
  constexpr std::string_view kAccount = "/sa/";
  std::vector<grpc::string_ref> ids = context.FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  if (!context.IsPeerAuthenticated() || ids.size() != 1) {
    return "";
  }
  std::string_view id(ids[0].data(), ids[0].size());
  size_t account = id.rfind(kAccount);
  if (id.substr(0, kScheme.size()) != kScheme || account == std::string_view::npos) {
    return "";
  }
  std::string_view service = id.substr(account + kAccount.size());
  // `dev` names plaintext development and must not come from a certificate.
  bool usable = service.find('/') == std::string_view::npos && service != "dev";
  return usable ? std::string(service) : "";
}

}  // namespace steward::rpc
