#include "proxy/fetch.h"

#include <algorithm>

#include "base/hash.h"
#include "http/writer.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

Error unusable(std::string detail) { return {Kind::invalid, Source::us, Retry::no, std::move(detail)}; }

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

PolicyFetch::PolicyFetch(Worker& worker, Services::Fetch wish, PolicyWorker& policies, std::size_t policy,
                         std::uint64_t ticket)
    : worker_(worker),
      wish_(std::move(wish)),
      policies_(policies),
      policy_(policy),
      ticket_(ticket),
      deadline_(worker.loop(), *this) {}

Status PolicyFetch::aim(std::string_view address, std::string& target) {
  const std::size_t question = address.find('?');
  const std::string_view query = question == address.npos ? std::string_view() : address.substr(question);
  Result<Url> url = parse_url(address.substr(0, question));
  if (!url) return url.error();
  endpoint_.url = *url;
  endpoint_.authority = url->authority();
  endpoint_.id = hash64(std::string("fetch|") + (url->tls ? "s|" : "p|") + endpoint_.authority);
  target = (url->path.empty() ? "/" : url->path) + std::string(query);
  return Nothing{};
}

Status PolicyFetch::aim_at_provider(std::string_view address, std::string& target) {
  const std::size_t slash = std::min(address.find('/'), address.size());
  const std::string_view name = address.substr(0, slash), path = address.substr(slash);
  const Generation* generation = worker_.generation_of(policies_);
  if (generation == nullptr) return unusable("providers can't be asked before the config is in force");
  const auto& all = generation->endpoints;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one->provider == name; });
  if (found == all.end()) return unusable("there is no provider " + std::string(name));
  // The key goes along, so the path must stay below the base_url.
  if (path.find("..") != path.npos || path.find('%') != path.npos || path.find("//") != path.npos ||
      path.find_first_of(" \t\r\n#\\") != path.npos) {
    return unusable("the path is not below the provider's base_url");
  }
  endpoint_ = **found;
  target = endpoint_.url.path + std::string(path);
  if (target.empty()) target = "/";
  return Nothing{};
}

Status PolicyFetch::start() {
  constexpr std::string_view kProvider = "provider://";
  const std::string_view address = wish_.url;
  const bool known = address.starts_with(kProvider);
  std::string target;
  const Status aimed = known ? aim_at_provider(address.substr(kProvider.size()), target) : aim(address, target);
  if (!aimed) return aimed.error();
  HeadWriter writer(head_);
  writer.request(wish_.method, target, endpoint_.authority);
  if (!endpoint_.credential.empty()) writer.foreign_field(endpoint_.dialect->auth_header, endpoint_.credential);
  for (const auto& [name, value] : endpoint_.headers) writer.foreign_field(name, value);
  if (!add_header_lines(writer, wish_.headers)) return unusable("a header line of the fetch is not valid");
  if (!wish_.body.empty()) writer.field("content-length", wish_.body.size());
  writer.field("accept-encoding", "identity");
  writer.end();
  const auto limit = static_cast<std::uint64_t>(wish_.timeout_ms);
  attempt_ = std::make_unique<Attempt>(worker_.pool(), endpoint_, AttemptTimes{limit, limit, limit},
                                       static_cast<Attempt::Events&>(*this));
  deadline_.arm(limit);
  starting_ = true;
  pieces_ = {head_, wish_.body};
  attempt_->start(wish_.method == "HEAD", pieces_);
  starting_ = false;
  if (early_) return *early_;
  return Nothing{};
}

void PolicyFetch::on_head(const ResponseHead& head) {
  status_ = head.status;
  type_ = head.headers.get("content-type");
}

void PolicyFetch::on_body(std::string_view bytes) {
  if (body_.size() + bytes.size() <= kBodyBytes) {
    body_.append(bytes);
    return;
  }
  attempt_->cancel();
  status_ = 0;
  body_ = "the answer is larger than " + std::to_string(kBodyBytes) + " bytes";
  finish();
}

void PolicyFetch::on_end() { finish(); }

void PolicyFetch::on_failed(const Error& error) {
  if (starting_) {  // nothing may be delivered while the policy still asks
    deadline_.disarm();
    early_ = error;
    return;
  }
  status_ = 0;
  body_ = error.detail;
  finish();
}

void PolicyFetch::on_deadline(Deadline&) {
  attempt_->cancel();
  status_ = 0;
  body_ = "no answer in " + std::to_string(wish_.timeout_ms) + " ms";
  finish();
}

void PolicyFetch::cancel() {
  deadline_.disarm();
  if (attempt_ != nullptr) attempt_->cancel();
}

void PolicyFetch::finish() {
  deadline_.disarm();
  spw_fetched fetched{};
  fetched.size = sizeof fetched;
  fetched.status = status_;
  fetched.type = {type_.data(), type_.size()};
  fetched.body = {body_.data(), body_.size()};
  if (ticket_ == 0) {
    policies_.on_fetched(policy_, fetched);
  } else if (Chain* chain = worker_.shared().tickets().deliver(ticket_)) {
    chain->resume(&fetched);  // we are on its thread, and `fetched` lives until the call returns
  }
  worker_.forget(*this);
}

}  // namespace spillway
