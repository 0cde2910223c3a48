// SPDX-License-Identifier: MIT
#include "support/certificates.hpp"

#include "support/leak_check.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace cohort::test {

namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { ::X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { ::X509_EXTENSION_free(extension); }
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using File = std::unique_ptr<std::FILE, Free>;

void require(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string("certificates for tests: ") + what);
}

void extend(X509* certificate, int kind, const std::string& value) {
    const std::unique_ptr<X509_EXTENSION, Free> made(::X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
    require(made && ::X509_add_ext(certificate, made.get(), -1) == 1, value.c_str());
}

Certificate unsigned_certificate(EVP_PKEY* key, const char* name, long valid_until, int serial) {
    Certificate made(::X509_new());
    ::X509_set_version(made.get(), X509_VERSION_3);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(made.get()), serial);
    ::X509_gmtime_adj(X509_getm_notBefore(made.get()), -7200);
    ::X509_gmtime_adj(X509_getm_notAfter(made.get()), valid_until);
    ::X509_set_pubkey(made.get(), key);
    ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    return made;
}

Key new_key() {
    Key key(EVP_EC_gen("P-256"));
    require(key != nullptr, "a key");
    return key;
}

void write(const std::filesystem::path& path, X509* certificate) {
    const File file(std::fopen(path.c_str(), "w"));
    require(file && ::PEM_write_X509(file.get(), certificate) == 1, path.c_str());
}

void write(const std::filesystem::path& path, EVP_PKEY* key) {
    const File file(std::fopen(path.c_str(), "w"));
    require(file && ::PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, path.c_str());
}

}  // namespace

struct Certificates::Authority {
    explicit Authority(const char* name) : key(new_key()), certificate(unsigned_certificate(key.get(), name, 7200, 1)) {
        ::X509_set_issuer_name(certificate.get(), ::X509_get_subject_name(certificate.get()));
        extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
        require(::X509_sign(certificate.get(), key.get(), ::EVP_sha256()) > 0, "an authority");
    }
    Key key;
    Certificate certificate;
};

Certificates::Certificates()
    : folder_(std::filesystem::path(temporary_folder()) / "certificates"),
      trusted_(std::make_unique<Authority>("trusted")),
      other_(std::make_unique<Authority>("another")) {
    std::filesystem::create_directory(folder_);
    write(folder_ / "ca.pem", trusted_->certificate.get());
}

Certificates::~Certificates() {
    std::filesystem::remove_all(folder_);
}

TlsOptions Certificates::issue(const Request& request) const {
    const Authority& authority = request.by_another ? *other_ : *trusted_;
    const int serial = ++issued_ + 1;
    const Key key = new_key();
    const Certificate made = unsigned_certificate(key.get(), "peer", request.valid_until, serial);
    ::X509_set_issuer_name(made.get(), ::X509_get_subject_name(authority.certificate.get()));
    extend(made.get(), NID_subject_alt_name, request.names);
    require(::X509_sign(made.get(), authority.key.get(), ::EVP_sha256()) > 0, "a certificate");
    TlsOptions files = trusting();
    files.cert = folder_ / (std::to_string(serial) + ".pem");
    files.key = folder_ / (std::to_string(serial) + ".key");
    write(files.cert, made.get());
    write(files.key, key.get());
    return files;
}

TlsOptions Certificates::trusting() const {
    return {.cert = {}, .key = {}, .ca = folder_ / "ca.pem"};
}

}  // namespace cohort::test
