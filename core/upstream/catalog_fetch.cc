#include "upstream/catalog_fetch.h"

#include <utility>

#include "base/log.h"
#include "http/url.h"

namespace spillway {

namespace {

Error failed(std::string why) { return {Kind::invalid, Source::upstream, Retry::yes, std::move(why)}; }

}  // namespace

CatalogFetch::CatalogFetch(Pool& pool, CatalogKind kind, std::string url, const Endpoint* like, std::int64_t timeout_ms,
                           Events& events)
    : pool_(pool), kind_(kind), url_(std::move(url)), like_(like), timeout_ms_(timeout_ms), events_(events) {}

Status CatalogFetch::start() {
  FetchWish wish;
  wish.url = url_;
  wish.headers = "accept: application/json\n";
  wish.timeout_ms = timeout_ms_;
  wish.body_max = kBytesMax - bytes_;
  last_ = std::move(fetch_);
  fetch_ = std::make_unique<Fetch>(pool_, std::move(wish), static_cast<Fetch::Events&>(*this));
  return fetch_->start(like_);
}

void CatalogFetch::cancel() {
  if (fetch_ != nullptr) fetch_->cancel();
}

Result<std::string> CatalogFetch::next_url(const std::string& next) const {
  const std::string_view origin = url_origin(url_);
  std::string url = next.starts_with('/') ? std::string(origin) + next : next;
  if (url_origin(url) != origin) return failed("the catalogue's next page is somewhere else: " + next.substr(0, 200));
  return url;
}

std::optional<Error> CatalogFetch::take_page(Fetch& fetch) {
  if (fetch.status() == 0) return failed(fetch.body());
  if (fetch.status() != 200) return failed("HTTP " + std::to_string(fetch.status()));
  Result<CatalogPage> page = read_page(kind_, fetch.body());
  if (!page) return failed("unreadable: " + page.error().detail);
  bytes_ += fetch.body().size();
  pages_.push_back(fetch.body());
  append(catalog_, std::move(page->catalog));
  next_.clear();
  if (page->next.empty()) return {};
  if (pages_.size() == kPagesMax) return failed("it has more than " + std::to_string(kPagesMax) + " pages");
  const Result<std::string> next = next_url(page->next);
  if (!next) return next.error();
  next_ = *next;
  return {};
}

void CatalogFetch::on_fetched(Fetch& fetch) {
  if (std::optional<Error> wrong = take_page(fetch)) return end(std::move(*wrong));
  if (next_.empty()) return events_.on_catalog(*this);
  url_ = next_;
  if (const Status started = start(); !started) end(started.error());
}

void CatalogFetch::end(Error error) {
  error_ = std::move(error);
  error_->detail = redact(error_->detail);
  events_.on_catalog(*this);
}

}  // namespace spillway
