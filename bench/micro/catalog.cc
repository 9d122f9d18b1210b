// A whole catalogue, as the server's own thread sees it every few hours: reading it, and making a pool of it.
#include <benchmark/benchmark.h>

#include "catalog/make.h"

namespace spillway::micro {
namespace {

std::string catalog_of(int models) {
  std::string text = R"({"data":[)";
  for (int i = 0; i < models; ++i) {
    const std::string n = std::to_string(i);
    text.append(i == 0 ? "" : ",").append(R"({"id":"author)").append(n).append("/qwen-coder-").append(n);
    text.append(R"(b:free","name":"Model","created":1790000000,"pricing":{"prompt":"0","completion":"0"},)");
    text.append(R"("context_length":)").append(std::to_string(16'384 + i * 512));
    text.append(R"(,"architecture":{"input_modalities":["text","image"],"output_modalities":["text"]},)");
    text.append(R"("supported_parameters":["temperature","tools","tool_choice","response_format","seed","stop"],)");
    text.append(R"("top_provider":{"context_length":65536,"max_completion_tokens":8192}})");
  }
  return text + "]}";
}

void catalog_read_600(benchmark::State& state) {
  const std::string text = catalog_of(600);
  for (auto _ : state) benchmark::DoNotOptimize(read_page(CatalogKind::openrouter, std::string_view(text)));
}
BENCHMARK(catalog_read_600);

void catalog_pool_of_600(benchmark::State& state, const char* preset) {
  const Result<CatalogPage> page = read_page(CatalogKind::openrouter, std::string_view(catalog_of(600)));
  PoolConfig pool;
  pool.source = "openrouter";
  pool.preset = preset;
  const PoolMaterial material{page->catalog, CatalogKind::openrouter, {}, false, "2026-11-21", {}, {"openrouter"}};
  for (auto _ : state) benchmark::DoNotOptimize(make_pool(pool, material));
}
BENCHMARK_CAPTURE(catalog_pool_of_600, seed, "seed");
BENCHMARK_CAPTURE(catalog_pool_of_600, quality, "quality");

}  // namespace
}  // namespace spillway::micro
