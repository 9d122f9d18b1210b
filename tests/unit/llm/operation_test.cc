// Which operation a path names, and the spellings that must name none.
#include "llm/operation.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace spillway {
namespace {

using namespace std::string_view_literals;

TEST(Operation, paths_name_apis) {
  const auto api = [](std::string_view path) {
    return operation_of(path).ok ? to_string(operation_of(path).api) : "refused";
  };
  EXPECT_EQ(api("/v1/chat/completions"), to_string(Api::chat));
  EXPECT_EQ(api("/v1/completions"), to_string(Api::completions));
  EXPECT_EQ(api("/v1/embeddings"), to_string(Api::embeddings));
  EXPECT_EQ(api("/v1/models"), to_string(Api::models));
  EXPECT_EQ(api("/v1/messages"), to_string(Api::messages));
  EXPECT_EQ(api("/v1/responses"), to_string(Api::responses));
  EXPECT_EQ(api("/v1/messages/count_tokens"), to_string(Api::count_tokens));
  EXPECT_EQ(api("/v1/messages/batches"), to_string(Api::other));
  EXPECT_EQ(api("/v1/models/gpt-5-mini"), to_string(Api::models));
  EXPECT_EQ(api("/v1/images/generations"), to_string(Api::other));
  EXPECT_EQ(api("/v1/files/file-abc_1.2~3"), to_string(Api::other));
  EXPECT_EQ(operation_of("/v1/chat/completions").below, "/chat/completions");
  EXPECT_EQ(operation_of("/v1/files/a%20b").ok, false) << "a space, escaped, is a control to us";
  EXPECT_EQ(operation_of("/v1/files/a%C3%A9").below, "/files/a%C3%A9");
}

TEST(Operation, model_ids_may_hold_slashes) {
  EXPECT_EQ(operation_of("/v1/models/qwen/qwen3-coder:free").model_id, "qwen/qwen3-coder:free");
  EXPECT_EQ(operation_of("/v1/models/qwen%2Fqwen3-coder%3Afree").model_id, "qwen%2Fqwen3-coder%3Afree");
  EXPECT_EQ(operation_of("/v1/models/qwen%2fqwen3").api, Api::models);
  EXPECT_TRUE(operation_of("/v1/models").model_id.empty());
}

TEST(Operation, what_is_nothing_of_ours_is_nothing) {
  for (const std::string_view path : {"",
                                      "/",
                                      "/v1",
                                      "/v1/",
                                      "v1/chat/completions",
                                      "/v2/models",
                                      "/V1/models",
                                      "/v1x/models",
                                      "/api/v1/models",
                                      "//v1/models",
                                      "*",
                                      "/images/generations",
                                      "/files",
                                      "/api",
                                      "/api/",
                                      "/api/pull",
                                      "/v1beta",
                                      "/v1beta/",
                                      "/v1beta/files",
                                      "/chat"}) {
    EXPECT_FALSE(operation_of(path).ok) << path;
  }
}

// ecosystem.md 1.1: "Accept paths with, without and with doubled /v1".
TEST(Operation, the_usual_ones_are_known_without_v1_and_with_two) {
  for (const std::string_view usual : {"/chat/completions", "/completions", "/embeddings", "/models", "/messages",
                                       "/responses", "/messages/count_tokens", "/models/org/x:8b"}) {
    const std::string right_path = "/v1" + std::string(usual);
    const Operation right = operation_of(right_path);
    for (const std::string& path : {std::string(usual), "/v1/v1" + std::string(usual)}) {
      const Operation operation = operation_of(path);
      EXPECT_TRUE(operation.ok) << path;
      EXPECT_EQ(operation.api, right.api) << path;
      EXPECT_EQ(operation.wire, right.wire) << path;
      EXPECT_EQ(operation.below, usual) << path;
      EXPECT_EQ(operation.model_id, right.model_id) << path;
    }
  }
  for (const std::string_view path :
       {"/v1/v1", "/v1/v1/", "/v1/v1/files", "/v1/v1/v1/models", "/v1/v1/images/generations", "/v1/v1/models/",
        "/models/", "/models/../chat/completions", "/v1/v1/models/..%2fx", "/models//x", "/chat/completions/",
        "/v1/v1//models", "/%63hat/completions", "/messages/batches"}) {
    EXPECT_FALSE(operation_of(path).ok) << path;
  }
  EXPECT_TRUE(operation_of("/v1/v1x").ok);
}

TEST(Operation, ollama_s_own_paths_are_whole) {
  for (const auto& [path, api] :
       std::initializer_list<std::pair<std::string_view, Api>>{{"/api/chat", Api::ollama},
                                                               {"/api/generate", Api::ollama},
                                                               {"/api/embed", Api::embed},
                                                               {"/api/embeddings", Api::embed},
                                                               {"/api/tags", Api::models},
                                                               {"/api/show", Api::models},
                                                               {"/api/version", Api::models},
                                                               {"/api/ps", Api::models}}) {
    const Operation operation = operation_of(path);
    EXPECT_TRUE(operation.ok) << path;
    EXPECT_EQ(operation.api, api) << path;
    EXPECT_EQ(operation.wire, llm::Wire::ollama);
    EXPECT_EQ(operation.below, path);
  }
  for (const std::string_view path : {"/api/chat/", "/api//chat", "/api/../v1/chat/completions", "/api/%63hat",
                                      "/api/chat?x", "/api/Chat", "/api/chat/x", "/API/chat"}) {
    EXPECT_FALSE(operation_of(path).ok) << path;
  }
  EXPECT_EQ(operation_of("/api/pull").wire, llm::Wire::ollama) << "its refusal is in Ollama's words";
}

TEST(Operation, gemini_s_paths_name_model_and_method) {
  for (const std::string root : {"/v1beta/models/", "/v1/models/"}) {
    const std::string path = root + "gemini-3:generateContent";
    const Operation whole = operation_of(path);
    EXPECT_TRUE(whole.ok);
    EXPECT_EQ(whole.api, Api::gemini);
    EXPECT_EQ(whole.wire, llm::Wire::gemini);
    EXPECT_EQ(whole.model_id, "gemini-3");
    EXPECT_FALSE(whole.stream);
    EXPECT_TRUE(operation_of(root + "m:streamGenerateContent").stream);
    EXPECT_EQ(operation_of(root + "m:countTokens").api, Api::count_tokens);
    for (const std::string id : {"org%2Fqwen3%3Afree", "org/qwen3:free"}) {
      const std::string named = root + id + ":generateContent";
      EXPECT_EQ(operation_of(named).model_id, id);
    }
    EXPECT_EQ(operation_of(root + "m:embedContent").api, Api::embed);
    EXPECT_EQ(operation_of(root + "m:batchEmbedContents").api, Api::embed);
    EXPECT_EQ(operation_of(root + "m:predict").api, Api::models) << "not known, so it is a name";
    EXPECT_EQ(operation_of(root + ":generateContent").api, Api::models);
    for (const std::string_view id : {"..%2fx", "../x", "%2e%2e", "x%2f..%2fy", "x//y", "x%00", "x%0a", "x\\y", "x;y",
                                      "x%5cy", "x%252fy", "x y", "x?y"}) {
      for (const std::string_view method : {":generateContent", ":streamGenerateContent", ":countTokens", ""}) {
        const std::string spelt = root + std::string(id) + std::string(method);
        EXPECT_FALSE(operation_of(spelt).ok) << spelt;
      }
    }
  }
  EXPECT_EQ(operation_of("/v1beta/models").wire, llm::Wire::gemini);
  EXPECT_EQ(operation_of("/v1beta/models/a/b").model_id, "a/b");
  EXPECT_EQ(operation_of("/v1/models/a/b").wire, llm::Wire::openai_chat);
}

TEST(Operation, what_is_told_of_a_wrong_path_names_the_right_one) {
  EXPECT_NE(no_such_path("/v1/v1/files").find("say /v1 once, /v1/files"), std::string::npos);
  EXPECT_NE(no_such_path("/files").find("/v1beta"), std::string::npos);
  EXPECT_NE(no_such_path("/api/pull").find("generate"), std::string::npos);
  EXPECT_NE(no_such_path("/v1beta/files").find("countTokens"), std::string::npos);
}

// Each of these, sent on as it is, could be read as /chat/completions or something outside /v1 by a server that
// normalizes paths, while keys were checked for another operation.
TEST(Operation, spellings_that_go_round_keys_are_refused) {
  for (const std::string_view path : {"/v1/../admin",
                                      "/v1/..",
                                      "/v1/.",
                                      "/v1/./chat/completions",
                                      "/v1/chat/../chat/completions",
                                      "/v1/chat/completions/.",
                                      "/v1/chat/completions/..",
                                      "/v1/x/../chat/completions",
                                      "/v1/.../models",
                                      "/v1/%2e%2e/admin",
                                      "/v1/%2E%2E/admin",
                                      "/v1/.%2e/admin",
                                      "/v1/%2e/chat/completions",
                                      "/v1/x%2e",
                                      "/v1/%252e%252e/admin",
                                      "/v1/chat%252fcompletions",
                                      "/v1//chat/completions",
                                      "/v1/chat//completions",
                                      "/v1/chat/completions//",
                                      "/v1/chat\\completions",
                                      "/v1/..\\admin",
                                      "/v1/chat%5ccompletions",
                                      "/v1/chat%5Ccompletions",
                                      "/v1/chat%2fcompletions",
                                      "/v1/chat%2Fcompletions",
                                      "/v1/%2fchat/completions",
                                      "/v1/files/%2f",
                                      "/v1/chat/completions/",
                                      "/v1/models/",
                                      "/v1/models/x/",
                                      "/v1/files/",
                                      "/v1/..;/admin",
                                      "/v1/chat;a=b/completions",
                                      "/v1/chat/completions;",
                                      "/v1/chat/completions%3b",
                                      "/v1/%63hat/completions",
                                      "/v1/chat/completion%73",
                                      "/v1/chat/%43ompletions",
                                      "/v1/%76%31/models",
                                      "/v1/chat/completions%3fx",
                                      "/v1/chat/completions%23",
                                      "/v1/chat/completions?x",
                                      "/v1/chat/completions#x",
                                      "/v1/chat/completions%",
                                      "/v1/chat/completions%4",
                                      "/v1/chat/completions%zz",
                                      "/v1/chat/completions%0g",
                                      "/v1/chat/completions%00",
                                      "/v1/chat/completions%0a",
                                      "/v1/chat/completions%0D%0a",
                                      "/v1/chat/completions%7f",
                                      "/v1/chat/completions ",
                                      "/v1/chat/completions%20",
                                      "/v1/chat/completions\t",
                                      "/v1/chat/completions\r\n",
                                      "/v1/chat/completions\x7f",
                                      "/v1/chat/completions\xff",
                                      "/v1/ch\xc3\xa4t"}) {
    EXPECT_FALSE(operation_of(path).ok) << path;
  }
  EXPECT_FALSE(operation_of("/v1/chat/completions\0"sv).ok);
}

TEST(Operation, model_ids_are_no_way_round_either) {
  for (const std::string_view path :
       {"/v1/models/../chat/completions", "/v1/models/%2e%2e/chat/completions", "/v1/models/..%2fchat%2fcompletions",
        "/v1/models/x%2f..%2f..%2fadmin", "/v1/models/x%2f%2e%2e%2fadmin", "/v1/models/x%2f%2fy", "/v1/models/%2fx",
        "/v1/models/x%2f", "/v1/models/x%5c..%5cy", "/v1/models/x\\y", "/v1/models/x%00", "/v1/models/x%0ay",
        "/v1/models/x//y", "/v1/models//x", "/v1/models/x/..", "/v1/models/x%252f..", "/v1/models/..;/x"}) {
    EXPECT_FALSE(operation_of(path).ok) << path;
  }
}

}  // namespace
}  // namespace spillway
