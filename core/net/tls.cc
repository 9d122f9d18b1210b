// Client and server settings, and the handshake a client waits for.
#include "net/tls.h"

#include <sys/stat.h>

#include <cstdlib>
#include <mutex>

#include "net/tls_stream.h"

namespace spillway {

namespace {

// Where Debian, Ubuntu, Alpine; Fedora, RHEL; openSUSE and others keep the store.
constexpr const char* kSystemStores[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                         "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem",
                                         "/etc/ssl/cert.pem"};

Error config_error(std::string detail) { return {Kind::config, Source::us, Retry::no, std::move(detail)}; }

// More than 0 is the number of certificates that were skipped: a store with an exotic one is still a store.
Status load_certificates(mbedtls_x509_crt& chain, const std::string& file, bool all) {
  const int code = mbedtls_x509_crt_parse_file(&chain, file.c_str());
  if (code < 0) return config_error("cannot read certificates from " + file + ": " + mbed::words(code));
  if (code > 0 && (all || chain.raw.p == nullptr))
    return config_error(std::to_string(code) + " certificates in " + file + " cannot be read");
  return Nothing{};
}

std::string system_store() {
  if (const char* chosen = std::getenv("SSL_CERT_FILE"); chosen != nullptr && *chosen != '\0') return chosen;
  struct stat info {};
  for (const char* path : kSystemStores)
    if (stat(path, &info) == 0) return path;
  return {};
}

class Securing final : public TlsClient::Handshake, private TlsStream::Watcher, private Deadline::Events {
 public:
  Securing(Loop& loop, TlsClient::Events& events) : events_(events), later_(loop, *this) {}
  void start(TlsStream::Ptr stream) { stream_ = std::move(stream); }
  void refuse(Error error) {
    error_ = std::move(error);
    later_.arm(0);
  }
  TlsStream::Watcher& watcher() { return *this; }

 private:
  // Last statements: the owner destroys us in them.
  void on_handshake_done() override { events_.on_secured(std::move(stream_)); }
  void on_handshake_failed(const Error& error) override {
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): the stream it may live in dies with us
    const Error told = error;
    events_.on_refused(told);
  }
  void on_deadline(Deadline&) override { on_handshake_failed(error_); }

  TlsClient::Events& events_;
  TlsStream::Ptr stream_;
  Error error_;
  Deadline later_;
};

class MbedClient final : public TlsClient {
 public:
  explicit MbedClient(const Options& options) : options_(options), settings_(std::make_shared<TlsSettings>()) {}
  Status prepare();
  std::unique_ptr<Handshake> secure(Loop& loop, StreamPtr lower, std::string_view server_name, Events& events) override;
  Counts counts() const override { return {settings_->full_handshakes, settings_->resumed_handshakes}; }

 private:
  Status trust(const std::string& file);
  Status trust_system();

  const Options options_;
  const TlsSettingsRef settings_;
  bool trusts_ = false;
};

Status MbedClient::prepare() {
  if (Status status = settings_->prepare(MBEDTLS_SSL_IS_CLIENT); !status) return status;
  mbedtls_ssl_config& config = settings_->config;
  // Insecure still looks at the certificate, so that a resumed handshake can be told from a full one.
  mbedtls_ssl_conf_authmode(&config, options_.insecure ? MBEDTLS_SSL_VERIFY_OPTIONAL : MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_session_tickets(&config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
  mbed::tell_of_tickets(&config);
  // A file from the config is read now, so that a mistake shows at start; the system's store when it is first needed.
  if (!options_.ca_file.empty()) return trust(options_.ca_file);
  return Nothing{};
}

Status MbedClient::trust(const std::string& file) {
  if (Status status = load_certificates(settings_->chain, file, false); !status) return status;
  mbedtls_ssl_conf_ca_chain(&settings_->config, &settings_->chain, nullptr);
  trusts_ = true;
  return Nothing{};
}

Status MbedClient::trust_system() {
  const std::string file = system_store();
  if (!file.empty()) return trust(file);
  return config_error("no certificate store found on this system; set ca_file or SSL_CERT_FILE");
}

std::unique_ptr<TlsClient::Handshake> MbedClient::secure(Loop& loop, StreamPtr lower, std::string_view server_name,
                                                         Events& events) {
  auto securing = std::make_unique<Securing>(loop, events);
  if (!trusts_ && !options_.insecure) {
    if (const Status status = trust_system(); !status) {
      securing->refuse(status.error());
      return securing;
    }
  }
  securing->start(TlsStream::create(loop, std::move(lower), settings_, TlsVerify(server_name), std::string(server_name),
                                    &securing->watcher()));
  return securing;
}

// Seals and opens session tickets for every TlsServer of the process, so that a client comes back to any worker and
// across reloads of the certificate. Thread: any, one at a time. The keys change by themselves once per kLifetimeS.
class TicketKeys {
 public:
  static constexpr std::uint32_t kLifetimeS = 86'400;

  TicketKeys() {
    mbedtls_entropy_init(&entropy_);
    mbedtls_ctr_drbg_init(&random_);
    mbedtls_ssl_ticket_init(&context_);
    ready_ = mbedtls_ctr_drbg_seed(&random_, mbedtls_entropy_func, &entropy_, nullptr, 0) == 0 &&
             mbedtls_ssl_ticket_setup(&context_, mbedtls_ctr_drbg_random, &random_, MBEDTLS_CIPHER_AES_256_GCM,
                                      kLifetimeS) == 0;
  }
  ~TicketKeys() {
    mbedtls_ssl_ticket_free(&context_);
    mbedtls_ctr_drbg_free(&random_);
    mbedtls_entropy_free(&entropy_);
  }
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;
  bool ready() const { return ready_; }

  static int write_cb(void* self, const mbedtls_ssl_session* session, unsigned char* start, const unsigned char* end,
                      std::size_t* size, std::uint32_t* lifetime) noexcept {
    TicketKeys& keys = *static_cast<TicketKeys*>(self);
    const std::lock_guard hold(keys.lock_);
    return mbedtls_ssl_ticket_write(&keys.context_, session, start, end, size, lifetime);
  }
  static int parse_cb(void* self, mbedtls_ssl_session* session, unsigned char* ticket, std::size_t size) noexcept {
    TicketKeys& keys = *static_cast<TicketKeys*>(self);
    const std::lock_guard hold(keys.lock_);
    return mbedtls_ssl_ticket_parse(&keys.context_, session, ticket, size);
  }

 private:
  std::mutex lock_;
  mbedtls_entropy_context entropy_;
  mbedtls_ctr_drbg_context random_;
  mbedtls_ssl_ticket_context context_;
  bool ready_ = false;
};

TicketKeys& ticket_keys() {
  static TicketKeys keys;  // after the first TlsSettings::prepare(), which starts the library
  return keys;
}

class MbedServer final : public TlsServer {
 public:
  Status prepare(const std::string& cert_file, const std::string& key_file);
  StreamPtr wrap(Loop& loop, StreamPtr lower) override {
    return TlsStream::create(loop, std::move(lower), settings_, std::nullopt, {}, nullptr);
  }

 private:
  const TlsSettingsRef settings_ = std::make_shared<TlsSettings>();  // why: see TlsSettingsRef
};

Status MbedServer::prepare(const std::string& cert_file, const std::string& key_file) {
  TlsSettings& own = *settings_;
  if (Status status = own.prepare(MBEDTLS_SSL_IS_SERVER); !status) return status;
  if (Status status = load_certificates(own.chain, cert_file, true); !status) return status;
  if (const int code = mbed::parse_key_file(&own.key, key_file.c_str(), &own.random); code != 0)
    return config_error("cannot read the private key from " + key_file + ": " + mbed::words(code));
  if (mbed::check_pair(&own.chain.pk, &own.key, &own.random) != 0)
    return config_error("the private key in " + key_file + " does not belong to the certificate in " + cert_file);
  if (const int code = mbedtls_ssl_conf_own_cert(&own.config, &own.chain, &own.key); code != 0)
    return config_error("cannot use the certificate in " + cert_file + ": " + mbed::words(code));
  mbedtls_ssl_conf_authmode(&own.config, MBEDTLS_SSL_VERIFY_NONE);
  if (ticket_keys().ready())
    mbedtls_ssl_conf_session_tickets_cb(&own.config, TicketKeys::write_cb, TicketKeys::parse_cb, &ticket_keys());
  return Nothing{};
}

}  // namespace

Result<std::unique_ptr<TlsClient>> TlsClient::create(const Options& options) {
  auto client = std::make_unique<MbedClient>(options);
  if (const Status status = client->prepare(); !status) return status.error();
  return std::unique_ptr<TlsClient>(std::move(client));
}

Result<std::unique_ptr<TlsServer>> TlsServer::create(const std::string& cert_file, const std::string& key_file) {
  auto server = std::make_unique<MbedServer>();
  if (const Status status = server->prepare(cert_file, key_file); !status) return status.error();
  return std::unique_ptr<TlsServer>(std::move(server));
}

std::string_view tls_library_version() { return MBEDTLS_VERSION_STRING_FULL; }

}  // namespace spillway
