#include "conf/presets.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/variable.h"

namespace spillway {

namespace {

// The key checks are in the providers' references of their APIs: OpenRouter's `/key` (O-4), DeepSeek's `/user/balance`,
// xAI's `/v1/api-key`, the Hub's `whoami-v2`, Cohere's `/v1/models`; the other lists of models are only for who has a
// key. Perplexity's and NVIDIA's are for everybody (`security: []` in the first one's own OpenAPI file, and it lists
// the models of another API than the chat's), and neither documents anything else: there is no way to ask them.
constexpr Preset kPresets[] = {
    {"openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "auto", "models", "key"},
    {"openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "auto", "models", "models", "openai", "responses"},
    {"anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", "auto", "models", "models", "anthropic"},
    {"gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", "auto", "models", "models",
     "openai", "", "", "https://generativelanguage.googleapis.com/v1beta"},
    {"groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "auto", "models", "models"},
    {"mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "auto", "models", "models"},
    {"cohere", "https://api.cohere.ai/compatibility/v1", "COHERE_API_KEY", "auto", "/v1/models", "/v1/models", "openai",
     "", "", "https://api.cohere.com/v2"},
    {"together", "https://api.together.xyz/v1", "TOGETHER_API_KEY", "auto", "models", "models"},
    {"perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY", "auto", "", ""},
    {"huggingface", "https://router.huggingface.co/v1", "HF_TOKEN", "auto", "models",
     "https://huggingface.co/api/whoami-v2"},
    {"nvidia-nim", "https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY", "auto", "models", ""},
    {"deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", "auto", "models", "/user/balance"},
    {"xai", "https://api.x.ai/v1", "XAI_API_KEY", "auto", "models", "api-key"},
    {"fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY", "auto", "models", "models"},
    {"cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", "auto", "models", "models"},
    {"ollama", "http://127.0.0.1:11434/v1", "", "auto", "/api/tags", "", "openai", "", "OLLAMA_HOST",
     "http://127.0.0.1:11434"},
    {"vllm", "http://127.0.0.1:8000/v1", "", "auto", "models", "models"},
    {"lmstudio", "http://127.0.0.1:1234/v1", "", "auto", "models", "models"},
    {"azure-openai", "", "AZURE_OPENAI_API_KEY", "api-key", "models", "models", "openai", "", "AZURE_OPENAI_ENDPOINT"},
    {"custom", "", "", "auto", "models", "models"},
};

constexpr auto kNames = [] {
  std::array<std::string_view, std::size(kPresets)> names;
  std::size_t count = 0;
  for (const Preset& preset : kPresets) names[count++] = preset.name;
  return names;
}();

std::string_view host_of(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url.find("://") + 3));
  return url.substr(0, url.find_first_of(":/"));
}

}  // namespace

std::span<const Preset> presets() { return kPresets; }
std::span<const std::string_view> preset_names() { return kNames; }

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : kPresets) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

std::string_view preset_host(const Preset& preset) { return host_of(preset.base_url); }

const Preset* preset_of_host(std::string_view host) {
  for (const Preset& preset : kPresets) {
    if (!preset.base_url.starts_with("https:")) continue;
    if (preset_host(preset) == host || (!preset.native_url.empty() && host_of(preset.native_url) == host)) {
      return &preset;
    }
  }
  return nullptr;
}

const Preset& preset_of(const ProviderConfig& provider, std::string_view host) {
  const Preset* preset = provider.preset == "custom" ? preset_of_host(host) : find_preset(provider.preset);
  if (preset == nullptr) preset = find_preset(provider.dialect);  // "ollama" and "cohere" have paths of their own
  return preset != nullptr ? *preset : kPresets[std::size(kPresets) - 1];
}

void fill_in(ProviderConfig& provider, const Preset& preset) {
  provider.preset = provider.name = preset.name;
  provider.base_url = preset.base_url;
  provider.auth = preset.auth;
  provider.dialect = preset.dialect;
  if (!preset.also_speaks.empty()) provider.also_speaks = {std::string(preset.also_speaks)};
  provider.api_key = variable(preset.key_env);
  if (!provider.api_key.empty()) secret_register(provider.api_key);
}

}  // namespace spillway
