// SPDX-License-Identifier: MIT
#include "channel/network/openssl_tls.hpp"

#include <cohort/base/errors.hpp>

#include "os/poll.hpp"
#include "os/process_identity.hpp"
#include "os/socket.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <new>
#include <system_error>

namespace cohort::channel {

namespace {

constexpr std::size_t kRecord = 16384;

/// OpenSSL takes itself down when the program ends, perhaps before static objects of the program that hold connections:
/// those are left as they are.
constinit std::atomic<bool> openssl_is_gone{false};

/// Keeps what nobody can free any more: leak checkers see that it was not lost.
void leave(const void* what) noexcept {
    struct Left {
        const void* what;
        const Left* before;
    };
    static constinit std::atomic<const Left*> last{nullptr};
    last = new (std::nothrow) Left{what, last};
}

// Destroyed before OpenSSL, since made after it.
void note_the_end_of_openssl() {
    static const struct Mark {
        Mark() { ::OPENSSL_init_ssl(0, nullptr); }
        ~Mark() { openssl_is_gone = true; }
    } mark;
}

std::span<const std::byte> bytes_of(const char* data, std::size_t size) noexcept {
    return {reinterpret_cast<const std::byte*>(data), size};
}

/// What the library said last in this thread.
std::string take_reason() {
    const unsigned long error = ::ERR_peek_error();
    ::ERR_clear_error();
    if (ERR_SYSTEM_ERROR(error)) return std::system_category().message(ERR_GET_REASON(error));
    const char* text = ::ERR_reason_error_string(error);
    return text ? text : "no reason is given";
}

[[noreturn]] void fail_file(const char* what, const std::string& file) {
    const unsigned long error = ::ERR_peek_error();
    const std::string text = std::string("TLS ") + what + " '" + file + "'";
    if (ERR_SYSTEM_ERROR(error)) {
        ::ERR_clear_error();
        throw std::system_error(ERR_GET_REASON(error), std::system_category(), text);
    }
    throw ValueError(text + ": " + take_reason());
}

// A key that has a password is refused: there is nobody to be asked.
int no_password(char*, int, int, void*) {
    return 0;
}

}  // namespace

// The library's own transport raises SIGPIPE, and waits where the socket does.
struct OpenSslTls::Transport {
    static OpenSslTls& owner(BIO* bio) noexcept { return *static_cast<OpenSslTls*>(::BIO_get_data(bio)); }

    template <class Call>
    static int attempt(BIO* bio, int retry, Call call) noexcept {
        BIO_clear_retry_flags(bio);
        OpenSslTls& tls = owner(bio);
        try {
            if (const std::optional<std::size_t> count = call(tls)) {
                if (*count == 0) tls.ended_ = true;
                return static_cast<int>(*count);
            }
            tls.error_ = EAGAIN;
        } catch (const std::system_error& error) {
            tls.error_ = error.code().value();
        } catch (...) {
            tls.error_ = ENOMEM;
        }
        if (tls.error_ == EAGAIN) ::BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
        return -1;
    }

    static int write(BIO* bio, const char* data, int size) {
        return attempt(bio, BIO_FLAGS_WRITE, [&](const OpenSslTls& tls) -> std::optional<std::size_t> {
            return os::send_stream(tls.socket_, bytes_of(data, static_cast<std::size_t>(size)), {}, MSG_DONTWAIT, {});
        });
    }

    static int read(BIO* bio, char* data, int size) {
        return attempt(bio, BIO_FLAGS_READ, [&](const OpenSslTls& tls) {
            return os::receive_stream(tls.socket_, {reinterpret_cast<std::byte*>(data), static_cast<std::size_t>(size)},
                                      MSG_DONTWAIT, {});
        });
    }

    static long control(BIO* bio, int command, long, void*) {
        if (command == BIO_CTRL_EOF) return owner(bio).ended_ ? 1 : 0;
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }
};

void TlsContext::Free::operator()(ssl_ctx_st* context) const noexcept {
    openssl_is_gone ? leave(context) : ::SSL_CTX_free(context);
}
void TlsContext::Free::operator()(bio_method_st* method) const noexcept {
    openssl_is_gone ? leave(method) : ::BIO_meth_free(method);
}
void OpenSslTls::Free::operator()(ssl_st* session) const noexcept {
    openssl_is_gone ? leave(session) : ::SSL_free(session);
}

TlsContext::TlsContext(Side side, const Address& address)
    : side_((note_the_end_of_openssl(), side)),
      host_(address.host()),
      method_(::BIO_meth_new(BIO_TYPE_SOURCE_SINK, "cohort's socket")),
      context_(::SSL_CTX_new(side == Side::listener ? ::TLS_server_method() : ::TLS_client_method())) {
    if (!method_ || !context_) throw std::bad_alloc();
    ::BIO_meth_set_write(method_.get(), &OpenSslTls::Transport::write);
    ::BIO_meth_set_read(method_.get(), &OpenSslTls::Transport::read);
    ::BIO_meth_set_ctrl(method_.get(), &OpenSslTls::Transport::control);
    const TlsOptions& options = address.tls();
    if (side == Side::listener && options.cert.empty())
        throw ValueError("a Listener at " + address.to_string() + " needs a certificate: .cert and .key");
    if (side == Side::client && host_.empty())
        throw ValueError("a Client of " + address.to_string() + " needs the host that is named in the certificate");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
    ::SSL_CTX_set_num_tickets(context_.get(), 0);  // nothing is sent that no frame asked for
    SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    ::SSL_CTX_set_default_passwd_cb(context_.get(), no_password);
    use_certificate(options);
    trust(options);
}

void TlsContext::use_certificate(const TlsOptions& options) {
    ::ERR_clear_error();
    if (options.cert.empty()) return;
    const std::string& key = options.key.empty() ? options.cert : options.key;
    if (::SSL_CTX_use_certificate_chain_file(context_.get(), options.cert.c_str()) != 1)
        fail_file("certificate", options.cert);
    if (::SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) fail_file("key", key);
}

void TlsContext::trust(const TlsOptions& options) {
    if (side_ == Side::listener && options.ca.empty()) return;
    ::ERR_clear_error();
    if (options.ca.empty())
        ::SSL_CTX_set_default_verify_paths(context_.get());
    else if (::SSL_CTX_load_verify_file(context_.get(), options.ca.c_str()) != 1)
        fail_file("certificates of authorities", options.ca);
    ::SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

namespace {

// Whom the listener's certificate must name.
void expect_host(SSL* session, const std::string& host) {
    X509_VERIFY_PARAM* const names = ::SSL_get0_param(session);
    if (::X509_VERIFY_PARAM_set1_ip_asc(names, host.c_str()) == 1) return;
    ::ERR_clear_error();
    ::X509_VERIFY_PARAM_set_hostflags(names, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (::X509_VERIFY_PARAM_set1_host(names, host.c_str(), host.size()) != 1 ||
        SSL_set_tlsext_host_name(session, host.c_str()) != 1)
        throw ValueError("TLS: '" + host + "' is no host's name");
}

}  // namespace

OpenSslTls::OpenSslTls(std::shared_ptr<const TlsContext> context, int socket)
    : context_(std::move(context)),
      socket_(socket),
      owner_(os::current_pid()),
      session_(::SSL_new(context_->context_.get())) {
    BIO* const bio = session_ ? ::BIO_new(context_->method_.get()) : nullptr;
    if (!bio) throw std::bad_alloc();
    ::BIO_set_data(bio, this);
    ::BIO_set_init(bio, 1);
    ::SSL_set_bio(session_.get(), bio, bio);
    if (context_->side() == TlsContext::Side::listener) {
        ::SSL_set_accept_state(session_.get());
        return;
    }
    ::SSL_set_connect_state(session_.get());
    expect_host(session_.get(), context_->host_);
}

OpenSslTls::~OpenSslTls() = default;

void OpenSslTls::require_own_process() const {
    if (owner_ != os::current_pid()) throw ValueError("a TLS connection is for the process that made it alone");
}

void OpenSslTls::wait_for(Wants wants) const {
    if (wants == Wants::to_read) os::wait_readable(socket_, Deadline(forever));
    if (wants == Wants::to_write) os::wait_writable(socket_, Deadline(forever));
}

// What a call waits for that has not done its work. Throws if it never will.
OpenSslTls::Wants OpenSslTls::wants_after(int result, std::string_view text) {
    switch (::SSL_get_error(session_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return Wants::to_read;
        case SSL_ERROR_WANT_WRITE:
            return Wants::to_write;
        case SSL_ERROR_ZERO_RETURN:
            return Wants::nothing;
        default:
            fail(text);
    }
}

void OpenSslTls::fail(std::string_view text) const {
    const auto error = ::ERR_peek_error();
    const bool by_socket = error_ != 0 && error_ != EAGAIN;
    if (by_socket || ended_) {
        ::ERR_clear_error();
        throw std::system_error(by_socket ? error_ : ECONNRESET, std::system_category(), std::string(text));
    }
    const bool is_alert = ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET;
    if (::SSL_is_init_finished(session_.get()) && !is_alert)
        throw std::system_error(EPROTO, std::system_category(), std::string(text) + " (TLS: " + take_reason() + ")");
    throw AuthenticationError((text.empty() ? std::string() : std::string(text) + ": ") + reason());
}

std::string OpenSslTls::reason() const {
    const auto error = ::ERR_peek_error();
    const int code = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && code == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        ::ERR_clear_error();
        const long found = ::SSL_get_verify_result(session_.get());
        const std::string host = found == X509_V_ERR_HOSTNAME_MISMATCH || found == X509_V_ERR_IP_ADDRESS_MISMATCH
                                     ? ", it is not for '" + context_->host_ + "'"
                                     : "";
        return std::string("TLS: its certificate is refused: ") + ::X509_verify_cert_error_string(found) + host;
    }
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && code == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
        return "TLS: it has no certificate, and this side asks for one: " + take_reason();
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && code >= SSL_AD_REASON_OFFSET)
        return "TLS: it has refused this side: " + take_reason();
    return "TLS: it does not speak TLS 1.3 here: " + take_reason();
}

bool OpenSslTls::advance() {
    require_own_process();
    const std::lock_guard guard(mutex_);
    ::ERR_clear_error();
    error_ = 0;
    const int result = ::SSL_do_handshake(session_.get());
    if (result == 1) return true;
    if (wants_after(result, {}) == Wants::nothing) fail({});
    return false;
}

std::size_t OpenSslTls::send(std::span<const std::byte> head, std::span<const std::byte> body, int flags,
                             std::string_view text) {
    require_own_process();
    std::array<std::byte, kRecord> joined;
    std::span<const std::byte> record = body.first(std::min(body.size(), kRecord));
    if (!head.empty()) {
        const auto first = head.first(std::min(head.size(), kRecord));
        auto* end = std::ranges::copy(first, joined.data()).out;
        const auto second = body.first(std::min(body.size(), kRecord - first.size()));
        end = std::ranges::copy(second, end).out;
        record = {joined.data(), end};
    }
    if (record.empty()) return 0;
    for (;;) {
        Wants wants{};
        {
            const std::lock_guard guard(mutex_);
            ::ERR_clear_error();
            error_ = 0;
            std::size_t sent = 0;
            const int result = ::SSL_write_ex(session_.get(), record.data(), record.size(), &sent);
            if (result == 1) return sent;
            wants = wants_after(result, text);
        }
        if (wants == Wants::nothing) throw std::system_error(EPIPE, std::system_category(), std::string(text));
        if (flags & MSG_DONTWAIT) throw std::system_error(EAGAIN, std::system_category(), std::string(text));
        wait_for(wants);
    }
}

std::optional<std::size_t> OpenSslTls::receive(std::span<std::byte> buffer, int flags, std::string_view text) {
    require_own_process();
    for (;;) {
        Wants wants{};
        {
            const std::lock_guard guard(mutex_);
            ::ERR_clear_error();
            error_ = 0;
            std::size_t got = 0;
            const int result = ::SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &got);
            if (result == 1) return got;
            wants = wants_after(result, text);
        }
        if (wants == Wants::nothing) return 0;
        if (flags & MSG_DONTWAIT) return std::nullopt;
        wait_for(wants);
    }
}

bool OpenSslTls::has_rest() {
    const std::lock_guard guard(mutex_);
    return ::SSL_pending(session_.get()) != 0;
}

void OpenSslTls::farewell() noexcept {
    if (owner_ != os::current_pid() || openssl_is_gone) return;
    const std::lock_guard guard(mutex_);
    if (std::exchange(farewell_said_, true) || !::SSL_is_init_finished(session_.get())) return;
    ::ERR_clear_error();
    ::SSL_shutdown(session_.get());
    ::ERR_clear_error();
}

}  // namespace cohort::channel
