// Texts that are JSON and texts that are not, for all readers of the folder. Test code; no owner, no thread.
#pragma once
#include <string>
#include <vector>

namespace spillway {

inline std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

inline std::vector<std::string> good_texts() {
  return {
      "{}",
      "[]",
      "0",
      "\"\"",
      "true",
      "false",
      "null",
      " \t\r\n{ } ",
      "[[],{}]",
      R"({"a":{"a":{"a":[1,[2,{"a":3}]]}}})",
      R"({"a":1,"a":2})",
      R"([12345678901234567890123456, 1e999, -0.0])",
      R"(["\u0000\ud83d\ude00\"\\"])",
      "[\"\x7F\xC3\xA9\"]",
      R"({"":"","{":"}","[":"]",",":":"})",
      nested(128),
      R"( [ 1 , "x" , { "k" : null } ] )",
  };
}

inline std::vector<std::string> bad_texts() {
  return {
      "",
      " ",
      "{",
      "}",
      "[",
      "]",
      "{]",
      "[}",
      "{\"a\":[1,2}",
      "{,}",
      "[,]",
      "[1,]",
      "{\"a\":1,}",
      "[1 2]",
      "[1,,2]",
      "{\"a\"}",
      "{\"a\" 1}",
      "{\"a\":}",
      "{\"a\"::1}",
      "{\"a\":1 \"b\":2}",
      "{1:2}",
      "{a:1}",
      "{'a':1}",
      "[007]",
      "[tru]",
      "{}}",
      "[]]",
      "[truee]",
      "[True]",
      "[NaN]",
      "[-]",
      "[1.]",
      "[.5]",
      "[+1]",
      "[0x1]",
      "[1\"a\"]",
      "[\"a\"1]",
      "[\"a\"\"b\"]",
      "[\"a\" \"b\"]",
      "[\"a]",
      "[\"a\\\"]",
      "[\"\\x\"]",
      "[\"\\u12\"]",
      "[\"\\ud8\"]",
      "[\"\n\"]",
      "[\"\x1F\"]",
      std::string("[\"\0\"]", 5),
      std::string("[1\0]", 4),
      "[\"\xFF\"]",
      "[\"\xC0\x80\"]",
      "[\"\xED\xA0\x80\"]",
      "[\xC3\xA9]",
      "\xEF\xBB\xBF[]",
      "[]x",
      "[] []",
      "{}{}",
      "{}//",
      "[1]\xFF",
      "[\v1]",
      "[1\f]",
      "[\\\"a\"]",
      "[1]\\",
      nested(129),
      std::string(1'000'000, '['),
      "[1\x1A\"a\"]",
      "{\"a\"\x1A 1}",
      "[1\x0C 2]",
      "true false",
      "nul",
      "\"a",
  };
}

// Bad where a text must end, though not inside another one.
inline std::vector<std::string> bad_endings() { return {"1,2", "1,", "1,\"a\":2", "{},\"a\":1", "[],{}", "1}", "1]"}; }

}  // namespace spillway
