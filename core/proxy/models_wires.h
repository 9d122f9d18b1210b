// What GET /v1/models tells OpenAI's clients (models_list.h), in the shapes that others ask for: Anthropic's with its
// pages, Gemini's with its own, Ollama's tags and whatever else its clients look at before they ask. Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "llm/message.h"
#include "proxy/generation.h"

namespace spillway {

// All that the key may use; `query` may ask for one page of it.
std::string list_models(llm::Wire wire, const Generation& generation, const ClientKey* key, std::string_view query);
// One of them; empty: there is none of that name, or the key may not use it.
std::string one_model(llm::Wire wire, const Generation& generation, std::string_view model, const ClientKey* key);

// GET /api/tags, /api/ps and /api/version.
std::string ollama_memory(std::string_view path, const Generation& generation, const ClientKey* key);
// What Ollama answers to a request that says nothing but the model.
std::string ollama_loaded(std::string_view model, std::string_view path, std::int64_t unix_s);

// Ollama's clients add ":latest" to names without a tag: the name without it, unless a route has it so.
std::string_view tagless(const Generation& generation, std::string_view model);

}  // namespace spillway
