// spillway quota: the ledger of a running process, read from its admin listener and printed as a table.
#include <cstdio>
#include <ctime>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/quota_table.h"
#include "http/url.h"

namespace spillway {

int quota_command(const QuotaOptions& options) {
  const Result<Url> url = parse_url(options.admin);
  if (!url || url->tls || !url->path.empty()) {
    std::fprintf(stderr, "spillway quota: --admin must be like http://127.0.0.1:4001\n");
    return kExitUsage;
  }
  const bool clears = !options.clear.empty();
  const Asked asked =
      clears ? ask(url->host, url->port, "POST", "/admin/quota/clear?account=" + percent_encode(options.clear), {})
             : ask(url->host, url->port, "GET", "/admin/quota", {});
  if (asked.status != 200) {
    std::fprintf(stderr, "spillway quota: %s: %s\n", options.admin.c_str(),
                 asked.body.empty() ? "no answer" : asked.body.c_str());
    return kExitFailed;
  }
  const std::string text = options.json || clears ? asked.body + "\n" : quota_table(asked.body);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace spillway
