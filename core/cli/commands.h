// The subcommands. Each returns the process's exit code. Thread: main.
#pragma once
#include <string>
#include <vector>

#include "cli/bench_options.h"
#include "cli/mock_server.h"
#include "conf/load.h"

namespace spillway {

inline constexpr int kExitOk = 0, kExitFailed = 1, kExitUsage = 2;
inline constexpr int kExitGate = 3;  // spillway bench: a limit that was asked for was missed

struct DemoOptions {
  std::string config;  // empty: the one built in (conf/demo.toml)
  bool keep = false;
};

struct QuotaOptions {
  std::string admin = "http://127.0.0.1:4001";
  std::string clear;  // an account, or one quota by its name
  bool json = false;
};

struct ExplainOptions {
  std::string admin = "http://127.0.0.1:4001";
  std::string model, request;  // `request`: a file with a request's body
  std::string key, tags;
  bool json = false;
};

struct ServeOptions {
  std::string config = "spillway.toml";
  bool config_named = false;  // if not, and there is no such file, the environment will do
  bool dumpable = false;      // core dumps and debuggers may see the process, and with it all keys
  std::string listen, admin;  // addresses, for a config of the environment only
};
int serve_command(const ServeOptions& options);
int check_command(const std::string& config, bool keys);
int check_keys(const std::vector<ProviderConfig>& providers);  // asks those that have one
int reference_command();
int mock_command(const MockServer::Options& options);
int demo_command(const DemoOptions& options);
int quota_command(const QuotaOptions& options);
int explain_command(const ExplainOptions& options);
int bench_command(const bench::Options& options);
std::string bench_help();

void print_problems(const std::vector<Problem>& problems);  // to stderr, as compilers do
std::string version_text();                                 // "spillway 0.1.0 (libuv 1.44.2, ...)"

}  // namespace spillway
