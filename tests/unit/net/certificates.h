// Certificates for the TLS tests, made once per run by the openssl command in a directory of their own. A test CA signs
// all but the self-signed one and the stranger's; `ca` (not `x509`) is used because it can date a certificate in the
// past.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace spillway {

class Certificates {
 public:
  static const Certificates& get() {
    static const Certificates made;
    return made;
  }
  std::string path(const std::string& file) const { return (directory_ / file).string(); }
  std::string certificate(const std::string& name) const { return path(name + ".crt"); }
  std::string key(const std::string& name) const { return path(name + ".key"); }
  std::string ca() const { return path("ca.crt"); }

 private:
  Certificates() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tls_test_XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    std::ofstream(path("ca.conf")) << "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\n"
                                      "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n";
    std::ofstream(path("index"));
    std::ofstream(path("serial")) << "01\n";
    run("openssl ecparam -name prime256v1 -genkey -noout -out ca.key");
    run("openssl req -x509 -new -key ca.key -subj '/CN=Test CA' -days 30 -out ca.crt");
    run("openssl ecparam -name prime256v1 -genkey -noout -out stranger.key");
    run("openssl req -x509 -new -key stranger.key -subj '/CN=Stranger CA' -days 30 -out stranger.crt");
    sign("good", "DNS:good.test,DNS:*.wild.test,IP:127.0.0.1,IP:::1", "20200101000000Z", "20990101000000Z", "ca");
    sign("second", "DNS:good.test", "20200101000000Z", "20990101000000Z", "ca");
    sign("expired", "DNS:good.test", "20200101000000Z", "20210101000000Z", "ca");
    sign("future", "DNS:good.test", "20980101000000Z", "20990101000000Z", "ca");
    sign("unknown", "DNS:good.test", "20200101000000Z", "20990101000000Z", "stranger");
    sign("subject_only", "", "20200101000000Z", "20990101000000Z", "ca");
    run("openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -subj '/CN=good.test' -days 30 "
        "-addext subjectAltName=DNS:good.test -out self.crt");
  }
  ~Certificates() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  void sign(const std::string& name, const std::string& names, const std::string& from, const std::string& until,
            const std::string& issuer) {
    std::ofstream(path(name + ".ext")) << (names.empty() ? "basicConstraints=CA:FALSE\n"
                                                         : "subjectAltName=" + names + "\n");
    run("openssl ecparam -name prime256v1 -genkey -noout -out " + name + ".key");
    run("openssl req -new -key " + name + ".key -subj /CN=good.test -out " + name + ".csr");
    run("openssl ca -batch -notext -config ca.conf -keyfile " + issuer + ".key -cert " + issuer + ".crt -in " + name +
        ".csr -out " + name + ".crt -startdate " + from + " -enddate " + until + " -extfile " + name + ".ext");
  }
  void run(const std::string& command) {
    const std::string line = "cd '" + directory_.string() + "' && " + command + " >>log 2>&1";
    if (std::system(line.c_str()) != 0) ADD_FAILURE() << "failed: " << command;
  }
  std::filesystem::path directory_;
};

}  // namespace spillway
