#include "proxy/fetch.h"

#include <algorithm>

#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

FetchWish wish_of(Services::Fetch&& asked) {
  FetchWish wish;
  wish.method = std::move(asked.method);
  wish.url = std::move(asked.url);
  wish.headers = std::move(asked.headers);
  wish.body = std::move(asked.body);
  wish.timeout_ms = asked.timeout_ms;
  return wish;
}

// The key goes along, so the path must stay below the base_url.
bool stays_below(std::string_view path) {
  return path.find("..") == path.npos && path.find('%') == path.npos && path.find("//") == path.npos &&
         path.find_first_of(" \t\r\n#\\") == path.npos;
}

}  // namespace

PolicyFetch::PolicyFetch(Worker& worker, Services::Fetch wish, PolicyWorker& policies, std::size_t policy,
                         std::uint64_t ticket)
    : worker_(worker), wish_(wish_of(std::move(wish))), policies_(policies), policy_(policy), ticket_(ticket) {}

// "provider://NAME/path" becomes a URL, with the provider whose credential goes along; any other has none.
Result<const Endpoint*> PolicyFetch::aim(FetchWish& wish) const {
  constexpr std::string_view kProvider = "provider://";
  if (!wish.url.starts_with(kProvider)) return nullptr;
  const std::string address = wish.url.substr(kProvider.size());
  const std::size_t slash = std::min(address.find('/'), address.size());
  const std::string name = address.substr(0, slash), path = address.substr(slash);
  const Generation* generation = worker_.generation_of(policies_);
  if (generation == nullptr) return invalid("providers can't be asked before the config is in force");
  const auto& all = generation->endpoints;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one->provider == name; });
  if (found == all.end()) return invalid("there is no provider " + name);
  if (!stays_below(path)) return invalid("the path is not below the provider's base_url");
  const Endpoint& endpoint = **found;
  wish.url = (endpoint.url.tls ? "https://" : "http://") + endpoint.authority + endpoint.url.path + path;
  return &endpoint;
}

Status PolicyFetch::start() {
  const Result<const Endpoint*> like = aim(wish_);
  if (!like) return like.error();
  fetch_.emplace(worker_.pool(), std::move(wish_), static_cast<Fetch::Events&>(*this));
  return fetch_->start(*like);
}

void PolicyFetch::cancel() {
  if (fetch_) fetch_->cancel();
}

void PolicyFetch::on_fetched(Fetch& fetch) {
  spw_fetched fetched{};
  fetched.size = sizeof fetched;
  fetched.status = fetch.status();
  fetched.type = {fetch.type().data(), fetch.type().size()};
  fetched.body = {fetch.body().data(), fetch.body().size()};
  if (ticket_ == 0) {
    policies_.on_fetched(policy_, fetched);
  } else if (Chain* chain = worker_.shared().tickets().deliver(ticket_)) {
    chain->resume(&fetched);  // we are on its thread, and `fetched` lives until the call returns
  }
  worker_.forget(*this);
}

}  // namespace spillway
