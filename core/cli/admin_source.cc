#include "cli/admin_source.h"

#include <utility>

#include "proxy/pools_json.h"

namespace spillway {

ServerAdmin::ServerAdmin(Server& server) : server_(server), listener_(server.loop(), static_cast<AdminSource&>(*this)) {
  server_.set_companion(this);
}

Status ServerAdmin::start() { return listener_.start(server_.config().admin.listen); }

std::string ServerAdmin::metrics() { return server_.shared().metrics().render(); }
bool ServerAdmin::ready() { return !server_.shared().draining; }

void ServerAdmin::status(Reader& reader) {
  if (reader_ != nullptr) return reader.on_text("{}");  // one at a time: somebody else is being told
  reader_ = &reader;
  server_.status(*this);
}

void ServerAdmin::command(std::string_view policy, std::string_view words, Reader& reader) {
  if (reader_ != nullptr) return reader.on_text({});
  reader_ = &reader;
  server_.command(policy, words, *this);
}

void ServerAdmin::explain(std::string_view body, std::string_view key, std::string_view tags, Reader& reader) {
  if (reader_ != nullptr) return reader.on_text({});
  reader_ = &reader;
  server_.explain(body, key, tags, *this);
}

std::string ServerAdmin::pools() {
  return pools_json(server_.config(), server_.generation().pools, server_.catalogs().states());
}

bool ServerAdmin::refresh_pools() {
  if (server_.config().pools.empty() || server_.shared().draining) return false;
  server_.catalogs().refresh_now();
  return true;
}

void ServerAdmin::forget(Reader& reader) {
  if (reader_ == &reader) reader_ = nullptr;
}

void ServerAdmin::on_status(const std::string& json) {
  if (reader_ != nullptr) std::exchange(reader_, nullptr)->on_text(json);
}

bool ServerAdmin::reload() {
  if (server_.reload_running() || server_.shared().draining) return false;
  server_.reload();
  return true;
}

}  // namespace spillway
