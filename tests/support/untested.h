// Files of core/ without a test of their own, with what covers them instead. tests/tidy.cc reads this and fails on a
// line that is no longer needed. Whatever can be tested without sockets belongs in tests/unit/, not here.
#pragma once
#include <string>
#include <vector>

namespace source {

struct Exception {
  std::string source, covered_by;
  const char* why;
};

inline const std::vector<Exception>& without_own_test() {
  static const std::vector<Exception> all = {
      {"proxy/silence", "tests/e2e/test_silence.py", "a client and a provider that say nothing, and time"},
      {"proxy/local", "tests/e2e/test_inbound.py", "a part of Request: what is answered without a provider"},
      {"proxy/client_end", "tests/e2e/test_fault_clients.py", "a part of Client: how connections end"},
      {"proxy/client_upload", "tests/e2e/test_upload.py", "a part of Client: bodies that pass on as they come"},
      {"proxy/request_out", "tests/e2e/test_proxy.py", "a part of Request: what a provider got is looked at there"},
      {"proxy/tunnel", "tests/e2e/test_tunnel.py", "a part of Request: a handshake, and bytes both ways"},
      {"proxy/upload", "tests/e2e/test_upload.py", "a part of Request: bodies that pass on as they come"},
      {"proxy/translate", "tests/e2e/test_dialects.py", "a part of Request, which needs a worker and a client"},
      {"cli/admin_source", "tests/e2e/test_life.py", "joins a running server to the listener"},
      {"cli/ask", "tests/e2e/test_life.py", "the demo's client; it speaks to a running server"},
      {"cli/bench", "tests/e2e/test_bench.py", "the load tool's command: what it prints and its exit codes"},
      {"cli/bench_connection", "tests/e2e/test_bench.py", "sockets: lost, refused and slow ones"},
      {"cli/bench_json", "tests/unit/cli/bench_report_test.cc", "the third form of the same report"},
      {"cli/bench_pacer", "tests/e2e/test_bench.py", "a timer of the system, seen in an open loop"},
      {"cli/bench_session", "tests/e2e/test_bench.py", "threads, signals and the progress line"},
      {"cli/bench_worker", "tests/e2e/test_bench.py", "a thread with its loop and connections"},
      {"cli/check_keys", "tests/e2e/test_keys.py", "asks providers; what their answers mean is upstream/key_check"},
      {"cli/errand", "tests/e2e/test_keys.py", "a loop and its pool, for commands that fetch"},
      {"cli/commands", "tests/e2e/test_life.py", "subcommands: what they print and their exit codes"},
      {"cli/demo", "tests/e2e/test_life.py", "server, mock and client in one process"},
      {"cli/main", "tests/e2e/test_life.py", "arguments and help of the real binary"},
      {"cli/models", "tests/e2e/test_models.py", "what it prints, in text and JSON, and its exit codes"},
      {"cli/models_build", "tests/e2e/test_models.py", "files to files; the index itself is catalog/index"},
      {"cli/models_pool", "tests/e2e/test_models.py", "edits files, and must not when anything fails"},
      {"cli/serve", "tests/e2e/test_life.py", "starts the server: with a config, or with what the environment has"},
      {"cli/models_source", "tests/e2e/test_models.py", "fetches over HTTP, and reads files"},
      {"cli/models_sync", "tests/e2e/test_models.py", "fetches what a config names"},
      {"cli/mock_answers", "tests/unit/cli/mock_script_test.cc", "the script's steps are made of these answers"},
      {"cli/mock_server", "tests/e2e/harness.py", "needs sockets; all end-to-end tests ask it"},
      {"cli/quota", "tests/e2e/test_quota.py", "asks a running server; its table is tested by itself"},
      {"cli/explain", "tests/e2e/test_pools.py", "asks a running server and prints the table"},
      {"http/body", "tests/unit/http/framing_test.cc", "readers are its only users and are tested over each framing"},
      {"http/head_fields", "tests/unit/http/plain_fields_test.cc",
       "both ways to the fields of a head, seen through readers"},
      {"http/request_reader", "tests/unit/http/reader_test.cc", "with the other reader, whose tests are the same"},
      {"http/response_reader", "tests/unit/http/reader_test.cc", "with the other reader, whose tests are the same"},
      {"http/syntax", "tests/unit/http/head_scan_test.cc", "tables of bytes, tried byte by byte where they are used"},
      {"llm/answer_tree", "tests/unit/llm/replay_test.cc", "merging and writing, seen in what a replay sends"},
      {"llm/assemble", "tests/unit/llm/replay_test.cc", "a kept stream as one answer: half of replay"},
      {"llm/message", "tests/unit/llm/codec_test.cc", "copies and moves of plain structures"},
      {"llm/ollama_request_out", "tests/unit/llm/ollama_request_test.cc", "what is read is written again"},
      {"llm/openai_request_out", "tests/unit/llm/openai_request_test.cc", "what is read is written again"},
      {"llm/repair_write", "tests/unit/llm/repair_test.cc", "the writing half of StreamRepair"},
      {"net/tls_settings", "tests/unit/net/tls_test.cc", "certificates, versions and reload, seen from both ends"},
      {"net/tls_stream_out", "tests/unit/net/tls_stream_test.cc", "the writing half of TlsStream"},
      {"net/tls_verify", "tests/unit/net/tls_test.cc", "who is accepted, and why others are refused (T1-T6)"},
      {"policy/call", "tests/unit/policy/host_test.cc", "what a hook's call allows is asked through the host's table"},
      {"policy/cell_table", "tests/unit/policy/host_test.cc", "candidate cells by scope, and among many"},
      {"policy/host_request", "tests/unit/policy/host_test.cc", "the request's part of the host's table"},
      {"policy/policy_worker", "tests/unit/policy/host_test.cc", "start, timers and fetches of a worker's policies"},
      {"proxy/access_log", "tests/e2e/test_life.py", "the lines of real requests are read back"},
      {"proxy/answers", "tests/e2e/test_proxy.py", "a request's answers need a client: heads, refusals, relayed bytes"},
      {"proxy/attempts", "tests/e2e/test_routing.py", "a request's attempts need a pool: failover, retries, spilling"},
      {"proxy/catalogs", "tests/e2e/test_pools.py", "needs a loop and providers: fetching, keeping, swapping"},
      {"proxy/catalogs_health", "tests/e2e/test_pools.py", "rounds over real connections, gating members"},
      {"proxy/client", "tests/e2e/test_proxy.py", "a client's connection: pipelining, half close, refusals"},
      {"proxy/crowd", "tests/e2e/test_overload.py", "needs clients: connection limit, bound on requests, shedding"},
      {"proxy/exhausted", "tests/e2e/test_routing.py", "what a client gets when nobody is left"},
      {"proxy/explain", "tests/e2e/test_pools.py", "needs a worker with its policies"},
      {"proxy/fetch", "tests/e2e/test_plugins.py", "a policy's own request; needs a pool and a provider"},
      {"proxy/paid", "tests/e2e/test_spill.py", "a request's budget: rules and spending are tested by themselves"},
      {"proxy/route_plan", "tests/e2e/test_spill.py", "the rules and the data policy of real requests"},
      {"proxy/server", "tests/e2e/test_life.py", "threads, signals, draining, reloading"},
      {"proxy/services", "tests/e2e/test_plugins.py", "what a worker offers its policies: tickets, timers, fetches"},
      {"proxy/shared", "tests/e2e/test_routing.py", "tickets, cells and keyed state among workers"},
      {"proxy/subject", "tests/e2e/test_plugins.py", "what policies see of a real request"},
      {"proxy/turned_away", "tests/e2e/test_overload.py", "refusals of a gateway that has too much to do"},
      {"proxy/worker", "tests/e2e/test_life.py", "a thread with its loop, listeners and generations"},
  };
  return all;
}

}  // namespace source
