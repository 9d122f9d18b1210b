#include "stand.h"

#include <cstdio>
#include <vector>

#include "conf/load.h"
#include "samples.h"
#include "upstream/pool.h"

namespace spillway::micro {

namespace {

constexpr std::string_view kCommon = R"(
[server]
listen = ["127.0.0.1:0"]
workers = 1
[admin]
listen = []
[store]
url = "memory:"
[limits]
requests_per_connection = 1000000000
pool_age_ms = 86400000
[[provider]]
name = "up"
base_url = "http://127.0.0.1:9/v1"
api_key = "sk-bench"
free_rpm = 1000000000
free_rpd = 1000000000
)";

constexpr std::string_view kPlain = R"(
[log]
access = "off"
level = "error"
[[route]]
model = "*"
targets = [{ provider = "up" }]
)";

// The log's lines are made and queued; its thread writes them where they cost nothing.
constexpr std::string_view kChain = R"(
[log]
access = "/dev/null"
level = "error"
[[route]]
model = "*"
policies = ["cache", "free_first", "breaker"]
spill = "exhausted"
[[route.tier]]
name = "free"
targets = [{ provider = "up", free = true }]
[[route.tier]]
name = "paid"
targets = [{ provider = "up", model = "paid" }]
)";

Config config_of(Form form) {
  Loaded loaded = load_config_text(std::string(kCommon).append(form == Form::plain ? kPlain : kChain), "micro.toml");
  for (const Problem& problem : loaded.problems) {
    if (!problem.warning) std::fputs(to_text(problem, false).c_str(), stderr);
  }
  CHECK(loaded.ok());
  return std::move(loaded.config);
}

// Takes a connection's first answer, after which the pool counts it as idle.
class FirstUser final : public Connection::User {
 public:
  bool over = false;

 private:
  void on_response_byte() override {}
  void on_response_head(const ResponseHead&) override {}
  void on_response_body(std::string_view) override {}
  void on_response_end() override { over = true; }
  void on_response_broken(const Error&) override {}
  void on_request_drained() override {}
};

}  // namespace

Wire& Wire::create(StreamPtr& owner) {
  owner = StreamPtr(std::make_unique<Wire>().release());
  return static_cast<Wire&>(*owner);
}

void Wire::close() {
  const std::unique_ptr<Wire> mine(this);  // as a socket's stream, it owns itself from here on
}

bool Wire::write(std::span<const std::string_view> pieces) {
  ++writes_;
  for (const std::string_view piece : pieces) bytes_ += piece.size();
  first_.assign(pieces.front().substr(0, 12));
  return true;
}

Stand::Stand(Form form) : shared_(clock_) {
  Config config = config_of(form);
  CHECK(static_cast<bool>(shared_.open(config)));
  std::vector<Problem> problems;
  generation_ = Generation::build(std::move(config), shared_, problems);
  CHECK(generation_ != nullptr);
  worker_ = std::make_unique<Worker>(0, shared_);
  CHECK(static_cast<bool>(worker_->start(generation_)));
}

Stand::~Stand() = default;

Line::Line(Stand& stand) {
  StreamPtr stream;
  upstream_wire_ = &Wire::create(stream);
  FirstUser user;
  Pool& pool = stand.worker().pool();
  const std::string_view question = "GET / HTTP/1.1\r\n\r\n";
  pool.adopt(*stand.generation().endpoints.front(), std::move(stream)).exchange(user, false, std::span(&question, 1));
  upstream_wire_->say(answer_text());
  CHECK(user.over);
  CHECK(pool.idle() == 1);
  client_wire_ = &Wire::create(stream);
  client_ = std::make_unique<Client>(stand.worker(), std::move(stream), ReadLimits{});
}

void Line::ask(std::string_view request) {
  const std::size_t before = upstream_wire_->writes();
  client_wire_->say(request);
  CHECK(upstream_wire_->writes() > before);
}

void Line::answer(std::string_view bytes) {
  const std::size_t before = client_wire_->writes();
  upstream_wire_->say(bytes);
  CHECK(client_wire_->writes() > before);
}

void Line::answer_from_store(std::string_view request) {
  const std::size_t before = client_wire_->writes(), upstream_before = upstream_wire_->writes();
  client_wire_->say(request);
  CHECK(client_wire_->writes() > before);
  CHECK(upstream_wire_->writes() == upstream_before);
}

}  // namespace spillway::micro
