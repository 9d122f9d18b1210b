// The option tables: the only place an option's name, range and meaning are written. Thread: any.
#include "conf/options.h"

#include "conf/presets.h"
#include "conf/row.h"

namespace spillway {
namespace {

constexpr double kHour = 3'600'000;  // in milliseconds
constexpr double kGiB = 1 << 30;

constexpr std::string_view kLevels[] = {"error", "warn", "info", "debug"};
constexpr std::string_view kDialects[] = {"openai", "openai-responses", "anthropic", "gemini", "ollama", "cohere"};
constexpr std::string_view kAlsoSpoken[] = {"responses", "messages"};
constexpr std::string_view kDataPolicies[] = {"any", "no_training"};
constexpr std::string_view kSpills[] = {"never", "exhausted"};
constexpr std::string_view kAuths[] = {"auto", "bearer", "api-key", "x-api-key", "x-goog-api-key"};
constexpr std::string_view kExtensions[] = {"auto", "none", "openrouter"};
constexpr std::string_view kScopes[] = {"account", "key", "project", "model"};
constexpr std::string_view kOnError[] = {"open", "closed"};
constexpr std::string_view kCatalogs[] = {"auto",        "openrouter", "groq",   "mistral",
                                          "huggingface", "nvidia",     "ollama", "openai"};

const Row<ServerConfig> kServer[] = {
    {"listen", &ServerConfig::listen, Form::listen, "Addresses and ports for clients."},
    {"workers", &ServerConfig::workers, 0, 255, "Threads that serve; 0 is one per core."},
    {"drain_s", &ServerConfig::drain_s, 0, 3600, "How long running requests may take to finish when stopping."},
    {"drain_notice_ms", &ServerConfig::drain_notice_ms, 0, 600'000,
     "After SIGTERM, how long new requests are still taken while /health/ready already answers 503; part of drain_s."},
    {"open_access", &ServerConfig::open_access,
     "Allow listening beyond loopback without any [[key]]: everybody who reaches the port may spend your money."},
    {"cors_origins", &ServerConfig::cors_origins, Form::any,
     "Origins whose web pages may call; \"*\" allows any, empty answers no CORS request."},
};

const Row<TlsConfig> kTls[] = {
    {"cert", &TlsConfig::cert, Form::path, "PEM file with the certificate chain; empty serves without TLS."},
    {"key", &TlsConfig::key, Form::path, "PEM file with the certificate's private key."},
};

const Row<LogConfig> kLog[] = {
    {"access", &LogConfig::access, Form::log, "Where the access log goes: \"stdout\", \"off\" or a file."},
    {"level", &LogConfig::level, kLevels, "How much the process says on standard error."},
};

const Row<AdminConfig> kAdmin[] = {
    {"listen", &AdminConfig::listen, Form::listen,
     "Addresses of the dashboard, metrics and admin API; empty switches them off."},
};

const Row<Limits> kLimits[] = {
    {"target_bytes", &Limits::target_bytes, 256, 1 << 20, "Longest request target (path and query)."},
    {"field_bytes", &Limits::field_bytes, 256, 1 << 20, "Longest header field."},
    {"head_bytes", &Limits::head_bytes, 1024, 1 << 20, "Largest request or response head."},
    {"fields", &Limits::fields, 8, 10'000, "Most header fields in a head."},
    {"body_bytes", &Limits::body_bytes, 1024, kGiB, "Largest request body, both as sent and as unpacked."},
    {"upload_bytes", &Limits::upload_bytes, 1024, 64 * kGiB,
     "Largest form with files, where its model is known before them or it goes by its path: it passes on as it comes."},
    {"answer_hold_bytes", &Limits::answer_hold_bytes, 0, kGiB,
     "A plain answer up to this size is read whole before it is passed on, so that a broken one can be retried."},
    {"event_bytes", &Limits::event_bytes, 1024, 1 << 28, "Largest single server-sent event."},
    {"connections", &Limits::connections, 0, 10'000'000,
     "Most client connections at a time; 0 follows from the limit of open files."},
    {"requests", &Limits::requests, 0, 10'000'000,
     "Most requests at work at a time; further ones get 503 and Retry-After at once. 0: as many as connections."},
    {"requests_per_connection", &Limits::requests_per_connection, 1, 1e9,
     "A client connection is closed after this many requests."},
    {"head_timeout_ms", &Limits::head_timeout_ms, 100, kHour, "A request head must be complete after this long."},
    {"body_timeout_ms", &Limits::body_timeout_ms, 100, kHour,
     "A request body must be complete after this long, and one second more for every 16 KiB announced."},
    {"idle_ms", &Limits::idle_ms, 100, kHour, "Close a client connection idle this long between requests."},
    {"write_stall_ms", &Limits::write_stall_ms, 100, kHour, "Give up on a client that takes no byte for this long."},
    {"connect_ms", &Limits::connect_ms, 10, kHour, "Longest wait for a connection to a provider, TLS included."},
    {"first_byte_ms", &Limits::first_byte_ms, 100, kHour, "Longest wait for a provider's first byte."},
    {"free_first_byte_ms", &Limits::free_first_byte_ms, 100, kHour, "The same for a free model."},
    {"stream_idle_ms", &Limits::stream_idle_ms, 100, kHour, "Longest pause inside a provider's answer."},
    {"tunnel_idle_ms", &Limits::tunnel_idle_ms, 100, 24 * kHour,
     "A WebSocket on which neither side says anything for this long ends."},
    {"stream_window_ms", &Limits::stream_window_ms, 100, kHour,
     "A stream that has begun must bring stream_window_events in each span this long, or it is ended."},
    {"stream_window_events", &Limits::stream_window_events, 0, 1e6,
     "Fewest events with content in such a span, while the client keeps up; 0: any pace will do."},
    {"commit_after_ms", &Limits::commit_after_ms, 0, kHour,
     "A stream that has no word after this long gets its head with status 200 all the same, because clients and load "
     "balancers give up on silence; what fails from then on is told inside it. 0: never."},
    {"keep_alive_ms", &Limits::keep_alive_ms, 0, kHour,
     "A stream that has begun and is silent this long gets a comment, Anthropic's a ping. 0: never."},
    {"answer_ms", &Limits::answer_ms, 0, 24 * kHour,
     "An answer must have ended this long after its request began; 0: it may go on for ever."},
    {"request_ms", &Limits::request_ms, 100, kHour, "All attempts of a request, up to its first content."},
    {"attempts", &Limits::attempts, 1, 32, "Most attempts a request may make."},
    {"free_attempts", &Limits::free_attempts, 1, 32, "Most of them on the free models of one account."},
    {"pool_idle_ms", &Limits::pool_idle_ms, 0, kHour, "Close a provider connection unused this long."},
    {"pool_age_ms", &Limits::pool_age_ms, 1000, 24 * kHour, "Close a provider connection this old after its request."},
    {"pool_idle_connections", &Limits::pool_idle_connections, 0, 100'000,
     "Most unused connections kept, for each worker and provider."},
    {"hook_abort_ms", &Limits::hook_abort_ms, 0, kHour,
     "A policy's hook that has not returned after about this long ends the process, with its name in the log; 0: "
     "never."},
    {"memory_bytes", &Limits::memory_bytes, 0, 1024 * kGiB,
     "Resident memory to stay below, which the next three are percentages of; 0: the cgroup's limit, if it has one."},
    {"memory_no_store_percent", &Limits::memory_no_store_percent, 1, 100,
     "From here on no answer is copied for the cache."},
    {"memory_refuse_percent", &Limits::memory_refuse_percent, 1, 100,
     "From here on new requests get 503 and Retry-After."},
    {"memory_drop_percent", &Limits::memory_drop_percent, 1, 100,
     "From here on the requests that hold most are ended, until it is less."},
};

const Row<StateConfig> kState[] = {
    {"url", &StateConfig::url, Form::state, "Where workers share what they know; \"memory:\" is this process."},
    {"bytes", &StateConfig::bytes, 1 << 16, 64 * kGiB, "Most bytes of keyed state (the cache) for each policy."},
};

const Row<StoreConfig> kStore[] = {
    {"url", &StoreConfig::url, Form::store,
     "Where quota survives a restart: \"sqlite:\" the default place, \"sqlite:PATH\", or \"memory:\" nowhere."},
};

const Row<KeyConfig> kKey[] = {
    {"name", &KeyConfig::name, Form::name, "Who this is, for logs and metrics.", kRequired},
    {"secret", &KeyConfig::secret, Form::secret, "What the client sends: \"env:NAME\" or \"file:PATH\".", kRequired},
    {"models", &KeyConfig::models, Form::model, "Models it may use, '*' for any run of characters; empty: all."},
    {"tags", &KeyConfig::tags, Form::name,
     "Tags of its requests, besides those in x-spillway-tags; spill rules read them."},
};

const Row<ProviderConfig> kProvider[] = {
    {"preset", &ProviderConfig::preset, preset_names(),
     "A provider that is known here: says name, base_url and auth, and that the key is in its usual variable."},
    {"name", &ProviderConfig::name, Form::name, "What targets call it; with a preset, its name.", kRequired},
    {"base_url", &ProviderConfig::base_url, Form::base_url, "Its API up to and with /v1; most presets know it.",
     kRequired},
    {"api_key", &ProviderConfig::api_key, Form::secret,
     "\"env:NAME\" or \"file:PATH\"; leave it out if it needs none."},
    {"dialect", &ProviderConfig::dialect, kDialects,
     "The API family it speaks; requests and answers of clients that speak another are translated."},
    {"also_speaks", &ProviderConfig::also_speaks, kAlsoSpoken,
     "Other APIs it serves as well: requests for them pass as they are instead of being translated."},
    {"drop_params", &ProviderConfig::drop_params,
     "When a translated request says what the provider has no word for: true drops that, false answers 400 and names "
     "it."},
    {"auth", &ProviderConfig::auth, kAuths,
     "How the key goes along: \"bearer\" in Authorization, or alone in the field of that name; \"auto\": as the "
     "dialect does."},
    {"account", &ProviderConfig::account, Form::name,
     "Whose quota this is; providers with the same account share it. Empty: the provider's own."},
    {"headers", &ProviderConfig::headers, "Header fields sent with every request; values may be \"env:NAME\"."},
    {"ca_file", &ProviderConfig::ca_file, Form::path, "PEM file of the authorities to trust instead of the system's."},
    {"insecure", &ProviderConfig::insecure, "Accept any certificate. For tests only."},
    {"free_rpm", &ProviderConfig::free_rpm, -1, 1e9,
     "Free requests a minute of the account; 0: no limit, -1: 20 for openrouter.ai, else no limit."},
    {"free_rpd", &ProviderConfig::free_rpd, -1, 1e9,
     "Free requests a day of the account; 0: no limit, -1: 50 for openrouter.ai, else no limit."},
    {"catalog", &ProviderConfig::catalog, kCatalogs,
     "What its list of models looks like, for pools; \"auto\": by its host, else \"openai\"."},
    {"extensions", &ProviderConfig::extensions, kExtensions,
     "Whether it understands what OpenRouter adds to the API: GET /key and `provider` in requests; auto: "
     "openrouter.ai."},
    {"trains", &ProviderConfig::trains, "Whether it trains on prompts; left out: it does not say."},
};

const Row<QuotaConfig> kQuota[] = {
    {"models", &QuotaConfig::models, Form::model, "Model ids it is about, '*' for any run of characters."},
    {"scope", &QuotaConfig::scope, kScopes,
     "Who shares it: the account, one key of it, or each model by itself (\"project\": as Gemini counts, by model)."},
    {"rpm", &QuotaConfig::rpm, 0, 1e6, "Requests in any minute; 0: no limit but what the provider tells."},
    {"rpd", &QuotaConfig::rpd, 0, 2e6, "Requests a day; 0: no limit but what the provider tells."},
    {"tpm", &QuotaConfig::tpm, 0, 1e10, "Tokens in any minute; 0: no limit but what the provider tells."},
    {"tpd", &QuotaConfig::tpd, 0, 1e12, "Tokens a day; 0: no limit but what the provider tells."},
    {"resets", &QuotaConfig::resets, Form::clock, "When its day begins, with the zone: \"00:00Z\", \"00:00-08:00\"."},
};

const Row<RouteConfig> kRoute[] = {
    {"model", &RouteConfig::model, Form::model, "Names clients ask for, one or several; '*' stands for any run.",
     kRequired},
    {"policies", &RouteConfig::policies, Form::name, "Policies that decide, in order."},
    {"spill", &RouteConfig::spill, kSpills,
     "When a lower tier may be used: \"never\", \"exhausted\" (when those above it cannot answer), or a rule, see "
     "below."},
    {"data_policy", &RouteConfig::data_policy, kDataPolicies,
     "\"no_training\": nobody may train on its prompts; providers that do are left out, OpenRouter is told."},
    {"content_policy_fallbacks", &RouteConfig::content_policy_fallbacks,
     "Try the next target when a provider refuses for its content policy."},
};

const Row<SpillConfig> kSpill[] = {
    {"keys", &SpillConfig::keys, Form::name, "Only for requests of one of these [[key]]s."},
    {"tags", &SpillConfig::tags, Form::name,
     "Only for requests with one of these tags (x-spillway-tags, [[key]] tags)."},
    {"hours", &SpillConfig::hours, Form::hours, "Only in this span of the day, with its zone: \"08:00-18:00Z\"."},
    {"prompt_tokens_max", &SpillConfig::prompt_tokens_max, -1, 1e9,
     "Only for prompts of at most so many tokens; -1: any."},
    {"usd_per_day", &SpillConfig::usd_per_day, -1, 1e6,
     "Only as long as the route has spent less than this today (UTC), the worst a request may cost included; -1: any."},
};

const Row<TierConfig> kTier[] = {
    {"name", &TierConfig::name, Form::name, "What the log and the trail call it.", kRequired},
    {"pool", &TierConfig::pool, Form::name, "A [pool.NAME] whose members follow the tier's own targets."},
};

const Row<TargetConfig> kTarget[] = {
    {"provider", &TargetConfig::provider, Form::name, "Name of a [[provider]].", kRequired},
    {"model", &TargetConfig::model, Form::model,
     "Model id there; left out: the client's own; \"*\": what stands for the * of the route's."},
    {"weight", &TargetConfig::weight, 0, 1e6, "Its share of the picks inside the tier."},
    {"free", &TargetConfig::free, "Whether it costs nothing; left out: ids that end in \":free\"."},
    {"context", &TargetConfig::context, 0, 1e9, "Context window in tokens; 0: unknown."},
    {"price_in", &TargetConfig::price_in, -1, 1e6,
     "US dollars per million tokens read; -1: unknown, which is not free."},
    {"price_out", &TargetConfig::price_out, -1, 1e6, "The same for tokens written."},
    {"capabilities", &TargetConfig::capabilities, kCapabilities, "What it can do; empty: unknown, so assumed."},
};

const Row<PolicyConfig> kPolicy[] = {
    {"on_error", &PolicyConfig::on_error, kOnError,
     "When the policy fails: \"open\" goes on without it, \"closed\" refuses the request."},
    {"timeout_ms", &PolicyConfig::timeout_ms, 1, kHour, "The longest it may keep a request waiting."},
};

const Row<PluginConfig> kPlugin[] = {
    {"path", &PluginConfig::path, Form::path, "Shared object whose policy `policies` may then name.", kRequired},
};

}  // namespace

Options options_of(ServerConfig& server) { return apply<ServerConfig>(kServer, server); }
Options options_of(TlsConfig& tls) { return apply<TlsConfig>(kTls, tls); }
Options options_of(LogConfig& log) { return apply<LogConfig>(kLog, log); }
Options options_of(AdminConfig& admin) { return apply<AdminConfig>(kAdmin, admin); }
Options options_of(Limits& limits) { return apply<Limits>(kLimits, limits); }
Options options_of(StateConfig& state) { return apply<StateConfig>(kState, state); }
Options options_of(StoreConfig& store) { return apply<StoreConfig>(kStore, store); }
Options options_of(KeyConfig& key) { return apply<KeyConfig>(kKey, key); }
Options options_of(ProviderConfig& provider) { return apply<ProviderConfig>(kProvider, provider); }
Options options_of(QuotaConfig& quota) { return apply<QuotaConfig>(kQuota, quota); }
Options options_of(RouteConfig& route) { return apply<RouteConfig>(kRoute, route); }
Options options_of(SpillConfig& spill) { return apply<SpillConfig>(kSpill, spill); }
Options options_of(TierConfig& tier) { return apply<TierConfig>(kTier, tier); }
Options options_of(TargetConfig& target) { return apply<TargetConfig>(kTarget, target); }
Options options_of(PolicyConfig& policy) { return apply<PolicyConfig>(kPolicy, policy); }
Options options_of(PluginConfig& plugin) { return apply<PluginConfig>(kPlugin, plugin); }

}  // namespace spillway
