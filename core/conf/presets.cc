#include "conf/presets.h"

#include <array>

#include "base/log.h"
#include "base/variable.h"

namespace spillway {

namespace {

constexpr Preset kPresets[] = {
    {"openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "auto"},
    {"openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "auto", "openai", "responses"},
    {"anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", "auto", "anthropic"},
    {"gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", "auto"},
    {"groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "auto"},
    {"mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "auto"},
    {"cohere", "https://api.cohere.ai/compatibility/v1", "COHERE_API_KEY", "auto"},
    {"together", "https://api.together.xyz/v1", "TOGETHER_API_KEY", "auto"},
    {"perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY", "auto"},
    {"huggingface", "https://router.huggingface.co/v1", "HF_TOKEN", "auto"},
    {"nvidia-nim", "https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY", "auto"},
    {"deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", "auto"},
    {"xai", "https://api.x.ai/v1", "XAI_API_KEY", "auto"},
    {"fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY", "auto"},
    {"cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", "auto"},
    {"ollama", "http://127.0.0.1:11434/v1", "", "auto", "openai", "", "OLLAMA_HOST"},
    {"vllm", "http://127.0.0.1:8000/v1", "", "auto"},
    {"lmstudio", "http://127.0.0.1:1234/v1", "", "auto"},
    {"azure-openai", "", "AZURE_OPENAI_API_KEY", "api-key", "openai", "", "AZURE_OPENAI_ENDPOINT"},
    {"custom", "", "", "auto"},
};

constexpr auto kNames = [] {
  std::array<std::string_view, std::size(kPresets)> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kPresets[i].name;
  return names;
}();

}  // namespace

std::span<const Preset> presets() { return kPresets; }
std::span<const std::string_view> preset_names() { return kNames; }

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : kPresets) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
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
