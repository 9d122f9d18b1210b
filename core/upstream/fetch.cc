#include "upstream/fetch.h"

#include <algorithm>

#include "base/hash.h"
#include "http/headers.h"
#include "http/writer.h"

namespace spillway {

namespace {

bool add_header_lines(HeadWriter& writer, std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = trim(lines.substr(0, end));
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == line.npos || !writer.foreign_field(line.substr(0, colon), trim(line.substr(colon + 1)))) return false;
  }
  return true;
}

}  // namespace

std::string credential_lines(const Endpoint& endpoint) {
  std::string lines;
  const auto add = [&](std::string_view name, std::string_view value) {
    lines.append(name).append(": ").append(value).append("\n");
  };
  if (!endpoint.credential.empty()) add(endpoint.auth_header, endpoint.credential);
  for (const auto& [name, value] : endpoint.headers) add(name, value);
  constexpr std::string_view kVersion = "anthropic-version";
  const bool anthropic = endpoint.dialect != nullptr && endpoint.dialect->wire == llm::Wire::anthropic;
  if (anthropic && endpoint.header(kVersion).empty()) add(kVersion, kAnthropicVersion);
  return lines;
}

Fetch::Fetch(Pool& pool, FetchWish wish, Events& events)
    : pool_(pool), wish_(std::move(wish)), events_(events), deadline_(pool.loop(), *this) {}

Status Fetch::write_head(const Url& url, std::string_view query) {
  const std::string target = (url.path.empty() ? "/" : url.path) + std::string(query);
  HeadWriter writer(head_);
  writer.request(wish_.method, target, endpoint_.authority);
  if (!add_header_lines(writer, wish_.headers)) {
    return invalid("a header line of the fetch is not valid");
  }
  if (!wish_.body.empty()) writer.field("content-length", wish_.body.size());
  writer.field("accept-encoding", "identity");
  writer.end();
  return Nothing{};
}

Status Fetch::start(const Endpoint* like) {
  const std::string_view address = wish_.url;
  const std::size_t question = address.find('?');
  const std::string_view query = question == address.npos ? std::string_view() : address.substr(question);
  Result<Url> url = parse_url(address.substr(0, question));
  if (!url) return url.error();
  endpoint_.url = *url;
  endpoint_.authority = url->authority();
  std::string wire = std::string("fetch|") + (url->tls ? "s|" : "p|") + endpoint_.authority;
  if (like != nullptr) {
    wish_.headers += credential_lines(*like);
    endpoint_.ca_file = like->ca_file;
    endpoint_.insecure = like->insecure;
    wire += '|' + like->ca_file + (like->insecure ? "|i" : "|v");
  }
  endpoint_.id = hash64(wire, like == nullptr ? 0 : like->key_id);
  if (Status written = write_head(*url, query); !written) return written;
  const auto limit = static_cast<std::uint64_t>(wish_.timeout_ms);
  attempt_.emplace(pool_, endpoint_, AttemptTimes{limit, limit, limit}, static_cast<Attempt::Events&>(*this));
  deadline_.arm(limit);
  starting_ = true;
  pieces_ = {head_, wish_.body};
  attempt_->start(wish_.method == "HEAD", pieces_);
  starting_ = false;
  if (early_) return *early_;
  return Nothing{};
}

void Fetch::on_head(const ResponseHead& head) {
  status_ = head.status;
  type_ = head.headers.get(FieldId::content_type);
}

void Fetch::on_body(std::string_view bytes) {
  if (body_.size() + bytes.size() <= wish_.body_max) {
    body_.append(bytes);
    return;
  }
  attempt_->cancel();
  fail("the answer is larger than " + std::to_string(wish_.body_max) + " bytes");
}

void Fetch::on_end() {
  deadline_.disarm();
  events_.on_fetched(*this);
}

void Fetch::on_failed(const Error& error) {
  if (starting_) {  // nothing may be delivered while somebody still asks
    deadline_.disarm();
    early_ = error;
    return;
  }
  fail(error.detail);
}

void Fetch::on_deadline(Deadline&) {
  attempt_->cancel();
  fail("no answer in " + std::to_string(wish_.timeout_ms) + " ms");
}

void Fetch::cancel() {
  deadline_.disarm();
  if (attempt_) attempt_->cancel();
}

void Fetch::fail(std::string why) {
  deadline_.disarm();
  status_ = 0;
  body_ = std::move(why);
  events_.on_fetched(*this);
}

}  // namespace spillway
