// Cohere's v2 answers and streams, written as its own library reads them. Nobody speaks this wire to Spillway, so
// core/llm only reads it; the synthetic provider is who writes it. Pure.
#pragma once
#include <memory>
#include <string>

#include "llm/codec.h"

namespace spillway {

std::string mock_cohere_answer(const llm::ChatAnswer& answer);
std::unique_ptr<llm::StreamWriter> mock_cohere_writer(const llm::Asked& asked);

}  // namespace spillway
