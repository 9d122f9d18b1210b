// Joins the server to its admin listener. Owner: whoever runs a Server (serve, demo). Thread: main.
#pragma once
#include "admin/listener.h"
#include "proxy/server.h"

namespace spillway {

class ServerAdmin final : private AdminSource, private Server::StatusReader, private Server::Companion {
 public:
  explicit ServerAdmin(Server& server);
  Status start();  // on the config's [admin] listen
  std::uint16_t port() const { return listener_.port(); }

 private:
  std::string metrics() override;
  bool ready() override;
  void status(Reader& reader) override;
  void command(std::string_view policy, std::string_view words, Reader& reader) override;
  void explain(std::string_view body, std::string_view key, std::string_view tags, Reader& reader) override;
  std::string pools() override;
  bool refresh_pools() override;
  void forget(Reader& reader) override;
  bool reload() override;
  void on_status(const std::string& json) override;
  void on_stop() override { listener_.stop(); }

  Server& server_;
  AdminListener listener_;
  Reader* reader_ = nullptr;
};

}  // namespace spillway
