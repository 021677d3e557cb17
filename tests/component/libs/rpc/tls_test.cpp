// Mutual TLS: the certificate names the calling service, and nobody without one gets in.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "libs/base/status.h"
#include "libs/testing/eventually.h"
#include "tests/component/libs/rpc/harness.h"

namespace steward::rpc {
namespace {

struct Certificate {
  std::string certificate, key;
};

class Authority {
 public:
  Authority(const TempFolder& folder, const std::string& name) : folder_(folder), name_(name) {
    Run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
        name + " -keyout " + folder.Path(name + ".key") + " -out " + file());
  }
  std::string file() const { return folder_.Path(name_ + ".pem"); }

  // `alternative` as in `subjectAltName`.
  Certificate Issue(const std::string& name, const std::string& alternative, int days = 1) const {
    Certificate out{folder_.Path(name + ".pem"), folder_.Path(name + ".key")};
    std::string extensions = folder_.Write(name + ".ext", "subjectAltName=" + alternative + "\n");
    Run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
        " -keyout " + out.key + " -out " + folder_.Path(name + ".csr"));
    Run("openssl x509 -req -days " + std::to_string(days) + " -CAcreateserial -CA " + file() +
        " -CAkey " + folder_.Path(name_ + ".key") + " -extfile " + extensions + " -in " +
        folder_.Path(name + ".csr") + " -out " + out.certificate);
    return out;
  }

 private:
  static void Run(const std::string& command) {
    ASSERT_EQ(std::system((command + " 2>/dev/null").c_str()), 0) << command;
  }
  const TempFolder& folder_;
  std::string name_;
};

class TlsTest : public ::testing::Test, protected Harness {
 protected:
  void SetUp() override {
    Certificate own = authority.Issue(
        "server", "IP:127.0.0.1,DNS:localhost,URI:spiffe://steward/ns/test/sa/operations");
    options.development = false;
    options.tls_certificate_file = own.certificate;
    options.tls_key_file = own.key;
    options.tls_ca_file = authority.file();
    options.self_probe = true;  // passes through the handshake too
    options.probe_interval = Milliseconds(50);
    ASSERT_EQ(Start(), absl::OkStatus());
  }
  absl::Status CallAs(const Certificate& certificate, const std::string& ca,
                      const std::string& host = "localhost") {
    ClientOptions client_options;
    client_options.target = host + ":" + std::to_string(server->port());
    client_options.tls_certificate_file = certificate.certificate;
    client_options.tls_key_file = certificate.key;
    client_options.tls_ca_file = ca;
    client_options.own_connection = true;
    Client client(client_options);
    client.SetToken(Token("members/ann"));
    ops::Version version;
    return client.Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5));
  }
  Authority authority{folder, "ca"};
};

TEST_F(TlsTest, TheCertificateNamesThePeer) {
  Certificate known = authority.Issue("ctl", "URI:spiffe://steward/ns/test/sa/stewardctl");
  EXPECT_TRUE(CallAs(known, authority.file()).ok()) << CallAs(known, authority.file());
  EXPECT_TRUE(CallAs(known, authority.file(), "127.0.0.1").ok());
  for (const char* other :
       {"URI:spiffe://steward/ns/test/sa/other", "URI:spiffe://steward/ns/test/sa/dev",
        "DNS:stewardctl", "URI:spiffe://steward/stewardctl", "URI:https://steward/sa/stewardctl",
        "URI:spiffe://steward/ns/test/sa/stewardctl,URI:spiffe://steward/ns/test/sa/other"}) {
    absl::Status status = CallAs(authority.Issue("other", other), authority.file());
    EXPECT_EQ(ReasonOf(status), "PEER_NOT_ALLOWED") << other << status;
  }
  EXPECT_EQ(entered, 2);
}

TEST_F(TlsTest, StrangersDoNotGetIn) {
  Authority foreign(folder, "foreign");
  Certificate stranger = foreign.Issue("stranger", "URI:spiffe://steward/ns/test/sa/stewardctl");
  Certificate expired =
      authority.Issue("expired", "URI:spiffe://steward/ns/test/sa/stewardctl", -1);
  EXPECT_EQ(CallAs(stranger, authority.file()).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CallAs(expired, authority.file()).code(), absl::StatusCode::kUnavailable);
  // Plaintext on the port.
  EXPECT_EQ(ClientFor("members/ann")
                ->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(),
                         std::make_unique<ops::Version>().get(), Seconds(5))
                .code(),
            absl::StatusCode::kUnavailable);
  // And a client refuses a server of another authority.
  Certificate known = authority.Issue("ctl", "URI:spiffe://steward/ns/test/sa/stewardctl");
  EXPECT_EQ(CallAs(known, foreign.file()).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(entered, 0);
}

TEST_F(TlsTest, ReplacedFilesCountWithoutARestart) {
  Authority next(folder, "next");
  Certificate stranger = next.Issue("ctl", "URI:spiffe://steward/ns/test/sa/stewardctl");
  EXPECT_EQ(CallAs(stranger, authority.file()).code(), absl::StatusCode::kUnavailable);
  std::ifstream old(authority.file()), added(next.file());
  std::stringstream both;
  both << old.rdbuf() << added.rdbuf();
  folder.Write("both.pem", both.str());
  std::filesystem::rename(folder.Path("both.pem"),
                          authority.file());  // as a mounted secret changes: at once
  EXPECT_TRUE(
      testing::Eventually(Seconds(20), [&] { return CallAs(stranger, authority.file()).ok(); }));
}

}  // namespace
}  // namespace steward::rpc
