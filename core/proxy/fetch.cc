#include "proxy/fetch.h"

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

}  // namespace

PolicyFetch::PolicyFetch(Worker& worker, Services::Fetch wish, PolicyWorker& policies, std::size_t policy,
                         std::uint64_t ticket)
    : worker_(worker),
      policies_(policies),
      policy_(policy),
      ticket_(ticket),
      fetch_(worker.pool(), wish_of(std::move(wish)), static_cast<Fetch::Events&>(*this)) {}

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
