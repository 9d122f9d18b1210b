// TLS over another Stream, by mbedTLS (2.28 and 3.6; TLS 1.3 where the library has it). The only file pair with mbedTLS
// but base/hash.
//
// A TlsClient verifies always: chain against the store, name against `server_name` (SNI too), unless the provider says
// insecure = true. It remembers one session per server name for resumption. A TlsServer holds certificate, key and
// ticket keys. Each worker has its own. Failures are Errors of Kind::tls whose detail names the cause ("certificate
// expired", "certificate is for another host", "unknown issuer").
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/stream.h"

namespace spillway {

class TlsClient {
 public:
  struct Options {
    std::string ca_file;    // empty: the system's store, or what SSL_CERT_FILE names; read at the first handshake
    bool insecure = false;  // accept any certificate
  };
  static Result<std::unique_ptr<TlsClient>> create(const Options& options);
  virtual ~TlsClient() = default;

  struct Counts {
    std::uint64_t full = 0;
    std::uint64_t resumed = 0;  // handshakes that reused a remembered session
  };
  virtual Counts counts() const { return {}; }

  class Events {
   public:
    virtual void on_secured(StreamPtr stream) = 0;  // paused, without Events
    virtual void on_refused(const Error& error) = 0;

   protected:
    ~Events() = default;
  };
  // Runs the handshake over `lower`; one event follows, in a later turn. Destroying the returned object cancels it (and
  // is allowed inside the event). No deadline of its own. An IP address as `server_name` needs a certificate with that
  // address in its subjectAltName.
  class Handshake {
   public:
    virtual ~Handshake() = default;
  };
  virtual std::unique_ptr<Handshake> secure(Loop& loop, StreamPtr lower, std::string_view server_name,
                                            Events& events) = 0;
};

class TlsServer {
 public:
  // Loads and checks that key and certificate belong together. Call again and swap to reload; streams keep theirs.
  static Result<std::unique_ptr<TlsServer>> create(const std::string& cert_file, const std::string& key_file);
  virtual ~TlsServer() = default;
  // A stream whose handshake runs inside its first reads and writes; a failed one ends in on_broken.
  virtual StreamPtr wrap(Loop& loop, StreamPtr lower) = 0;
};

std::string_view tls_library_version();

}  // namespace spillway
