// Requests to the synthetic provider in each wire format, written by the codec that Spillway itself asks with, and its
// answers read by the other half of the same codec.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/mock_script.h"
#include "llm/codec.h"
#include "llm/dialect.h"
#include "llm/translation.h"

namespace spillway {

struct MockWire {
  std::string dialect, root;
  llm::Wire wire;
};

inline const std::vector<MockWire>& mock_wires() {
  using llm::Wire;
  static const std::vector<MockWire> all = {
      {"openai", "/v1", Wire::openai_chat},  {"openai-responses", "/v1", Wire::openai_responses},
      {"anthropic", "/v1", Wire::anthropic}, {"gemini", "/v1beta", Wire::gemini},
      {"ollama", "", Wire::ollama},          {"cohere", "/v2", Wire::cohere},
  };
  return all;
}

inline llm::ChatRequest mock_talk(const std::string& model, bool stream) {
  llm::ChatRequest request;
  request.model = model;
  request.stream = stream;
  request.include_usage = true;
  request.messages.emplace_back();
  request.messages.back().parts.emplace_back().text = "Hi";
  return request;
}

inline void offer_tools(llm::ChatRequest& request, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    request.tools.emplace_back().name = name;
    request.tools.back().schema = R"({"type":"object","properties":{"city":{"type":"string"}}})";
  }
}

inline MockRequest mock_request(const MockWire& wire, const llm::ChatRequest& talk) {
  MockRequest request;
  request.method = "POST";
  request.path = wire.root + chat_path(*find_dialect(wire.dialect), talk.model, talk.stream);
  if (const std::size_t at = request.path.find('?'); at != std::string::npos) {
    request.query = request.path.substr(at + 1);
    request.path.resize(at);
  }
  llm::Spelling spelling;
  spelling.model = talk.model;
  request.body = llm::write_request(wire.wire, talk, spelling);
  return request;
}

inline std::string mock_bytes(const std::vector<MockStep>& steps) {
  std::string all;
  for (const MockStep& step : steps) all += step.bytes;
  return all;
}

inline std::string body_of(const std::string& response) { return response.substr(response.find("\r\n\r\n") + 4); }

// A chunked body's bytes, as far as whole chunks go.
inline std::string dechunked(const std::string& body) {
  std::string out;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t line = body.find("\r\n", at);
    std::size_t used = 0, size = 0;
    if (line == std::string::npos) break;
    try {
      size = std::stoul(body.substr(at, line - at), &used, 16);
    } catch (const std::exception&) {
      break;
    }
    if (used != line - at || size == 0) break;
    out += body.substr(line + 2, size);
    at = line + 2 + size + 2;
  }
  return out;
}

struct Heard {
  llm::Translation::State state = llm::Translation::State::waiting;
  std::string text, error;
  llm::Tokens tokens;
  llm::Finish finish = llm::Finish::none;
};

// A stream of that wire as an OpenAI client would get it.
inline Heard hear_stream(llm::Wire wire, const std::string& stream) {
  JsonScanner scanner;
  llm::Asked asked;
  asked.include_usage = true;
  asked.fallback_id = "1";
  llm::Translation translation(wire, llm::Wire::openai_chat, asked, scanner, 1 << 20);
  Heard heard;
  translation.feed(stream);
  heard.state = translation.finish();
  heard.text = translation.out();
  heard.error = translation.error();
  heard.tokens = translation.tokens();
  heard.finish = translation.reason();
  return heard;
}

inline llm::ChatAnswer hear_answer(llm::Wire wire, const std::string& body) {
  JsonScanner scanner;
  Result<llm::ChatAnswer> answer = llm::read_answer(wire, scanner, body, body.size());
  EXPECT_TRUE(answer) << body;
  return answer ? *answer : llm::ChatAnswer();
}

}  // namespace spillway
