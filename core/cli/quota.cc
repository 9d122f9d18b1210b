// spillway quota: the ledger of a running process, read from its admin listener and printed as a table.
#include <cstdio>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/quota_table.h"
#include "http/url.h"

namespace spillway {

int quota_command(const QuotaOptions& options) {
  const bool clears = !options.clear.empty();
  const Result<std::string> answer =
      clears ? ask_admin(options.admin, "POST", "/admin/quota/clear?account=" + percent_encode(options.clear), {})
             : ask_admin(options.admin, "GET", "/admin/quota", {});
  if (!answer) {
    std::fprintf(stderr, "spillway quota: %s\n", answer.error().detail.c_str());
    return answer.error().kind == Kind::config ? kExitUsage : kExitFailed;
  }
  const std::string text = options.json || clears ? *answer + "\n" : quota_table(*answer);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace spillway
