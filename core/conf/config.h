// The whole vocabulary of a config file as plain structs; the member initialiser is the default.
//
// conf/options.cc has one row per option: the only place its TOML name is spelled. A Config is immutable once loaded
// and shared by all threads.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace spillway {

struct Place {               // where something stands, for messages after parsing
  int line = 0, column = 0;  // from 1; 0: the file as a whole. Columns count characters, not bytes
  int file = 0;              // index into Config::sources
  bool operator==(const Place&) const = default;
};

struct SourceText {  // a file that was read, so that a later message can show its line
  std::string path, text;
};

struct TlsConfig {
  std::string cert, key;  // both or neither
  bool on() const { return !cert.empty(); }
};

struct ServerConfig {
  std::vector<std::string> listen = {"127.0.0.1:4000"};
  std::int64_t workers = 0;  // 0: one per core
  std::int64_t drain_s = 30;
  std::int64_t drain_notice_ms = 1'000;
  bool open_access = false;               // allow listening beyond loopback without any [[key]]
  std::vector<std::string> cors_origins;  // empty: no CORS; "*" allows any
  TlsConfig tls;
};

struct LogConfig {
  std::string access = "stdout";  // "stdout", "off" or a path
  std::string level = "info";
};

struct AdminConfig {
  std::vector<std::string> listen = {"127.0.0.1:4001"};  // empty: no admin listener
};

struct Limits {
  std::int64_t target_bytes = 8 * 1024;
  std::int64_t field_bytes = 16 * 1024;
  std::int64_t head_bytes = 64 * 1024;
  std::int64_t fields = 128;
  std::int64_t body_bytes = 32ll << 20;        // as sent and as unpacked
  std::int64_t upload_bytes = 512ll << 20;     // of a form that passes on while it comes
  std::int64_t answer_hold_bytes = 8ll << 20;  // a plain answer up to this is read whole before it is passed on
  std::int64_t event_bytes = 1ll << 20;        // one server-sent event
  std::int64_t connections = 0;                // all clients; 0: from the descriptor limit
  std::int64_t requests = 0;                   // at work at a time, of all workers; 0: no bound of their own
  std::int64_t requests_per_connection = 10'000;
  std::int64_t head_timeout_ms = 10'000;
  std::int64_t body_timeout_ms = 30'000;     // plus 1 s per 16 KiB announced
  std::int64_t idle_ms = 75'000;             // a client connection between requests
  std::int64_t write_stall_ms = 60'000;      // a client that takes nothing
  std::int64_t connect_ms = 5'000;           // T-2
  std::int64_t first_byte_ms = 60'000;       // T-2: paid
  std::int64_t free_first_byte_ms = 30'000;  // T-2: free
  std::int64_t stream_idle_ms = 60'000;      // T-2: between bytes
  std::int64_t tunnel_idle_ms = 600'000;     // a WebSocket on which nobody says anything
  std::int64_t stream_window_ms = 60'000;    // a stream that has begun brings its least events in each of these
  std::int64_t stream_window_events = 1;     // content events; 0: no least rate
  std::int64_t commit_after_ms = 20'000;     // a stream without a word yet gets its head; 0: never
  std::int64_t keep_alive_ms = 15'000;       // a stream that is silent gets a comment; 0: never
  std::int64_t answer_ms = 600'000;          // from the request's start to the answer's end; 0: no limit
  std::int64_t request_ms = 120'000;         // T-2: all attempts up to the first content
  std::int64_t attempts = 4;                 // T-1
  std::int64_t free_attempts = 3;            // T-1: on one account's free models
  std::int64_t pool_idle_ms = 60'000;
  std::int64_t pool_age_ms = 600'000;
  std::int64_t pool_idle_connections = 256;  // per worker and provider
  std::int64_t hook_abort_ms = 5'000;        // a policy's hook that does not return ends the process; 0: never
  std::int64_t memory_bytes = 0;             // resident memory the steps are percentages of; 0: the cgroup's limit
  std::int64_t memory_no_store_percent = 85;
  std::int64_t memory_refuse_percent = 92;
  std::int64_t memory_drop_percent = 97;
};

struct KeyConfig {
  std::string name, secret;
  std::vector<std::string> models;  // patterns; empty: all
  std::vector<std::string> tags;    // of all its requests, for spill rules
  Place place;
};

struct QuotaConfig {
  std::vector<std::string> models = {"*"};  // patterns of model ids at the provider
  std::string scope = "account";            // "account" | "key" | "project" | "model": who shares it
  std::int64_t rpm = 0, rpd = 0;            // requests; 0: no limit
  std::int64_t tpm = 0, tpd = 0;            // tokens; 0: no limit
  std::string resets = "00:00Z";            // when its day begins
  Place place;
};

struct ProviderConfig {
  std::string name, base_url, api_key, dialect = "openai";
  std::string preset = "custom";               // what the others are unless they are said
  std::vector<std::string> also_speaks;        // "responses", "messages": passed through instead of translated
  bool drop_params = true;                     // of translated requests
  std::string auth = "auto";                   // how the key goes along; "auto": as the dialect does
  std::string account;                         // whose quota it is; empty: the provider's name
  std::map<std::string, std::string> headers;  // sent with every request
  std::string ca_file;
  bool insecure = false;
  std::int64_t free_rpm = -1;       // of the account's free models; -1: 20 for openrouter.ai, else none; 0: none (T-3)
  std::int64_t free_rpd = -1;       // -1: 50 for openrouter.ai, else none; 0: none
  std::string extensions = "auto";  // "openrouter": GET /key and the request's `provider` member; "none"
  std::string catalog = "auto";     // what its list of models looks like; "auto": by its host
  int trains = -1;                  // on prompts; -1: it does not say
  std::vector<QuotaConfig> quotas;
  Place place;
};

struct TargetConfig {
  std::string provider, model;  // model empty: the client's
  double weight = 1;
  int free = -1;                          // -1: from the model id (":free"); 0, 1 as written
  std::int64_t context = 0;               // tokens; 0: unknown
  double price_in = -1, price_out = -1;   // USD per million tokens; -1: unknown, and unknown is never free
  std::vector<std::string> capabilities;  // "tools", "vision", "response_format"; empty: unknown, so assumed
  Place place;
  // Of a pool's members only, from their catalogue:
  std::vector<std::string> parameters;  // what it takes besides; empty: unknown
  std::int64_t output_most = 0;         // tokens; 0: unknown
  int quality = -1, health = -1;        // 0 to 100; -1: unknown
  bool operator==(const TargetConfig&) const = default;
};

struct TierConfig {
  std::string name;
  std::string pool;  // whose members follow the targets; empty: none
  std::vector<TargetConfig> targets;
  Place place;
};

struct SpillConfig {  // all that is set must hold
  std::vector<std::string> keys, tags;
  std::string hours;
  std::int64_t prompt_tokens_max = -1;
  double usd_per_day = -1;
  Place place;
};

struct RouteConfig {
  std::vector<std::string> model;  // names and patterns with '*'
  std::vector<std::string> policies;
  std::string spill = "exhausted";      // "never" | "exhausted"
  std::vector<SpillConfig> spill_when;  // if there are any, one of them must hold as well
  std::string data_policy = "any";      // "any" | "no_training"
  std::vector<TierConfig> tiers;        // `targets` without tiers is one tier named "default"
  bool content_policy_fallbacks = false;
  Place place;
};

// A word about one model of a pool that wins over what the catalogue says (C-26).
struct OverlayConfig {
  std::string id;
  bool exclude = false;
  double weight = -1;                     // -1: by its rank
  std::int64_t context = 0;               // 0: the catalogue's
  std::vector<std::string> capabilities;  // empty: the catalogue's
  double price_in = -1, price_out = -1;   // USD per million tokens; -1: the catalogue's
  Place place;
};

struct PoolConfig {
  std::string name;
  std::string source;  // a [[provider]], or the path or URL of an index
  enum class From : std::uint8_t { provider, file, url } from = From::provider;
  std::int64_t size = 10;
  std::string preset = "seed";    // "seed" | "home-ops" | "quality"
  std::string free = "proven";    // "proven" | "stated" | "any"
  double replace_margin = 0;      // points a newcomer must lead by (D-3)
  std::int64_t context_min = -1;  // -1: 16384 where the catalogue says contexts, else 0 (P-1)
  bool tools = true, text = true;
  bool expose = false;                     // clients may ask for its members one by one
  std::vector<std::string> only, exclude;  // patterns of ids
  std::vector<std::string> exclude_authors;
  std::vector<std::string> meta_routers = {"openrouter/auto", "openrouter/free"};
  std::string blocklist;                       // a file (P-4)
  std::map<std::string, std::int64_t> points;  // for words in an id, instead of the preset's (D-2)
  std::vector<OverlayConfig> overlays;
  Place place;
};

struct CatalogConfig {
  std::int64_t refresh_s = 21'600;  // +-10 % (C-30); 0: only what is kept
  std::int64_t health_s = 1'800;    // of pool members; 0: never
  std::string health = "project";   // "project" (Q-8) | "compat"
  std::int64_t timeout_ms = 20'000;
  std::string folder;  // empty: beside the store's default place
};

// A plugin's own option as it stands in [policy.NAME]; checked against the plugin's table when that is known.
using OptionValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;
struct PolicyOption {
  OptionValue value;
  Place place;
};
struct PolicyConfig {
  std::string on_error = "open";     // "open": go on without it; "closed": refuse the request
  std::int64_t timeout_ms = 30'000;  // the longest a SPW_WAIT may last
  std::map<std::string, PolicyOption> options;
  Place place;
};
struct PluginConfig {
  std::string path;
  Place place;
};

struct StoreConfig {
  std::string url = "sqlite:";  // "sqlite:" the default place, "sqlite:PATH", "memory:"
};
struct StateConfig {
  std::string url = "memory:";
  std::int64_t bytes = 64ll << 20;  // of keyed state, per policy, unless the policy says less
};

struct Config {
  std::string path;                 // the file it came from
  std::vector<SourceText> sources;  // that file and the ones it includes
  ServerConfig server;
  LogConfig log;
  AdminConfig admin;
  Limits limits;
  StoreConfig store;
  StateConfig state;
  CatalogConfig catalog;
  std::vector<PoolConfig> pools;
  std::vector<KeyConfig> keys;
  std::vector<ProviderConfig> providers;
  std::vector<RouteConfig> routes;
  std::map<std::string, PolicyConfig> policies;
  std::vector<PluginConfig> plugins;
};

}  // namespace spillway
