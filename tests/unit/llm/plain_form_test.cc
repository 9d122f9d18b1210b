// Events that differ in words only.
#include "llm/plain_form.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

std::string form_event(const std::string& words, const std::string& more = "") {
  return R"(data: {"id":"x","model":"m","obfuscation":"abc","choices":[{"index":0,"delta":{"content":")" + words +
         R"("},"finish_reason":null}])" + more + "}\n\n";
}
std::string replaced(std::string text, std::string_view what, std::string_view by) {
  return text.replace(text.find(what), what.size(), by);
}

TEST(PlainForm, other_words_are_the_same_form) {
  PlainForm form;
  EXPECT_FALSE(form.matches(form_event("a"))) << "nothing was learned";
  form.learn(form_event("word"));
  for (const std::string words :
       {"", "a", "longer than sixteen bytes of words, quite", R"(\"quoted\" \u00e4\n)", "ü€😀"}) {
    EXPECT_TRUE(form.matches(form_event(words))) << words;
  }
  EXPECT_TRUE(form.matches(replaced(form_event("a"), "abc", "another padding")))
      << "what nobody looks at may differ too";
}

TEST(PlainForm, anything_else_is_not) {
  PlainForm form;
  form.learn(form_event("word"));
  for (const auto& [what, by] : std::initializer_list<std::pair<const char*, const char*>>{{"\"x\"", "\"y\""},
                                                                                           {"\"m\"", "\"n\""},
                                                                                           {":0", ":1"},
                                                                                           {"null", "\"stop\""},
                                                                                           {"content", "refusal"},
                                                                                           {"\n\n", "\n\n\n"},
                                                                                           {"data", "event"},
                                                                                           {R"("word")", "7"}}) {
    EXPECT_FALSE(form.matches(replaced(form_event("word"), what, by))) << what;
  }
  EXPECT_FALSE(form.matches(form_event("a", R"(,"error":"b")")));
  EXPECT_FALSE(form.matches(R"(data: {"id":"x")"));
  EXPECT_FALSE(form.matches(""));
}

TEST(PlainForm, words_must_be_a_json_string) {
  PlainForm form;
  form.learn(form_event("word"));
  for (const std::string words : {"a\tb", "\\x", "\\u12g4", "\\u12", "a\"b", "\\"}) {
    EXPECT_FALSE(form.matches(form_event(words))) << words;
    EXPECT_FALSE(form.matches(form_event("sixteen bytes and more of them " + words))) << words;
  }
  EXPECT_FALSE(form.matches(form_event(std::string(1, '\0')))) << "zero";
}

TEST(PlainForm, what_it_keeps_is_bounded) {
  PlainForm form;
  const std::string large = form_event(std::string(PlainForm::kBytesMax, 'x'));
  form.learn(large);
  EXPECT_FALSE(form.matches(large));
  std::string many;
  for (std::size_t i = 0; i < PlainForm::kHolesMax; ++i) many += R"(,"a":"b")";
  form.learn(form_event("word", many));
  EXPECT_FALSE(form.matches(form_event("word", many)));
  form.learn(form_event("word"));
  form.forget();
  EXPECT_FALSE(form.matches(form_event("word")));
}

}  // namespace
}  // namespace spillway::llm
