#include "libs/rpc/key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <vector>

namespace steward::rpc {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Bignum = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

constexpr size_t kCoordinate = 32;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;

const unsigned char* Bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* Bytes(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }

Bignum ToBignum(std::string_view bytes) {
  return Bignum(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

// OpenSSL keeps errors in a queue of the thread; a later caller must not find ours.
absl::Status Failure(std::string_view what) {
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::string_view(what.data(), what.size()));
}

EVP_PKEY* PublicFrom(const char* type, ParamBuilder builder) {
  Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return key;
}

// r||s to the DER form that EVP wants.
std::string RawToDer(std::string_view raw) {
  Bignum r = ToBignum(raw.substr(0, kCoordinate));
  Bignum s = ToBignum(raw.substr(kCoordinate));
  Signature signature(ECDSA_SIG_new());
  if (!r || !s || !signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
    return "";
  }
  r.release();
  s.release();
  unsigned char* der = nullptr;
  int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) {
    return "";
  }
  std::string out(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::string DerToRaw(std::string_view der) {
  const unsigned char* in = Bytes(der);
  Signature signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  std::string raw(2 * kCoordinate, '\0');
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), Bytes(raw), kCoordinate) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), Bytes(raw) + kCoordinate, kCoordinate) < 0) {
    return "";
  }
  return raw;
}

bool IsP256(const EVP_PKEY* key) {
  char group[32] = {};
  size_t size = 0;
  return EVP_PKEY_get_group_name(key, group, sizeof(group), &size) == 1 &&
         std::string_view(group) == "prime256v1";
}

}  // namespace

absl::StatusOr<Key> Key::Adopt(void* handle) {
  auto* key = static_cast<EVP_PKEY*>(handle);
  if (key == nullptr) {
    return Failure("not a usable key");
  }
  std::shared_ptr<void> owned(key, [](void* k) { EVP_PKEY_free(static_cast<EVP_PKEY*>(k)); });
  if (EVP_PKEY_is_a(key, "EC") && IsP256(key)) {
    return Key(std::move(owned), Algorithm::kEs256);
  }
  int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_is_a(key, "RSA") && bits >= kMinRsaBits && bits <= kMaxRsaBits) {
    return Key(std::move(owned), Algorithm::kRs256);
  }
  return Failure("a key must be EC P-256 or RSA with 2048 to 8192 bits");
}

absl::StatusOr<Key> Key::FromEcPoint(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinate || y.size() != kCoordinate) {
    return Failure("the coordinates of a P-256 key have 32 bytes");
  }
  std::string point("\x04");
  point.append(x).append(y);
  ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return Failure("out of memory");
  }
  return Adopt(PublicFrom("EC", std::move(builder)));
}

absl::StatusOr<Key> Key::FromRsaNumbers(std::string_view n, std::string_view e) {
  if (n.empty() || n.size() > kMaxRsaBits / 8 || e.empty() || e.size() > 8) {
    return Failure("the numbers of an RSA key are out of range");
  }
  Bignum modulus = ToBignum(n);
  Bignum exponent = ToBignum(e);
  ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || !modulus || !exponent ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return Failure("out of memory");
  }
  return Adopt(PublicFrom("RSA", std::move(builder)));
}

absl::StatusOr<Key> Key::FromPrivatePem(std::string_view pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // No password callback: an encrypted key must fail instead of asking on the terminal.
  auto no_password = [](char*, int, int, void*) { return -1; };
  return Adopt(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
}

absl::StatusOr<Key> Key::GenerateEc() { return Adopt(EVP_EC_gen("P-256")); }

bool Key::Verify(std::string_view bytes, std::string_view signature) const {
  std::string der;
  if (algorithm_ == Algorithm::kEs256) {
    der = signature.size() == 2 * kCoordinate ? RawToDer(signature) : "";
    signature = der;
  }
  DigestContext context(EVP_MD_CTX_new());
  bool good = !signature.empty() && context &&
              EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                                   static_cast<EVP_PKEY*>(handle_.get())) == 1 &&
              EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(bytes),
                               bytes.size()) == 1;
  ERR_clear_error();
  return good;
}

absl::StatusOr<std::string> Key::Sign(std::string_view bytes) const {
  DigestContext context(EVP_MD_CTX_new());
  size_t size = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                         static_cast<EVP_PKEY*>(handle_.get())) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(bytes), bytes.size()) != 1) {
    return Failure("the key cannot sign");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(bytes), bytes.size()) != 1) {
    return Failure("the key cannot sign");
  }
  signature.resize(size);
  return algorithm_ == Algorithm::kEs256 ? DerToRaw(signature) : signature;
}

absl::StatusOr<std::string> Key::PrivatePem() const {
  Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PrivateKey(bio.get(), static_cast<EVP_PKEY*>(handle_.get()), nullptr,
                                       nullptr, 0, nullptr, nullptr) != 1) {
    return Failure("the key cannot be written");
  }
  char* data = nullptr;
  long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::StatusOr<Key::Point> Key::EcPoint() const {
  BIGNUM* x = nullptr;
  BIGNUM* y = nullptr;
  auto* key = static_cast<EVP_PKEY*>(handle_.get());
  bool found = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
               EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1;
  Bignum owned_x(x);
  Bignum owned_y(y);
  Point point{std::string(kCoordinate, '\0'), std::string(kCoordinate, '\0')};
  if (!found || BN_bn2binpad(x, Bytes(point.x), kCoordinate) < 0 ||
      BN_bn2binpad(y, Bytes(point.y), kCoordinate) < 0) {
    return Failure("not an EC key");
  }
  return point;
}

}  // namespace steward::rpc
