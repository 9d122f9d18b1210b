// The tree's own rules (core/README.md), checked on its text: floors, libraries, sizes, words, tests, comments. How the
// text is read is in support/source.h; the samples at the end say what is understood of it.
#include <gtest/gtest.h>

#include <map>

#include "support/source.h"
#include "support/untested.h"

namespace {

namespace fs = std::filesystem;
using source::Exception;
using source::File;
using source::Text;
using source::without_own_test;

struct Problem {
  Text path;
  std::size_t line;
  Text what;
};
using Problems = std::vector<Problem>;

const std::vector<File>& core() {
  static const auto files = source::read_tree({"core"}, {".h", ".cc", ".c"});
  return files;
}
const std::vector<File>& core_and_plugins() {
  static const auto files = source::read_tree({"core", "plugins"}, {".h", ".cc", ".c"});
  return files;
}

bool exists(const Text& path) { return fs::exists(fs::path(SPW_SOURCE_DIR) / path); }
Text folder_of(const Text& path) { return fs::path(path).parent_path().filename().string(); }

// Each problem is a failure of its own at its own place.
void expect_none(const Problems& problems) {
  for (const Problem& one : problems) ADD_FAILURE_AT(one.path.c_str(), static_cast<int>(one.line)) << one.what;
}

template <typename Rule>
void check_lines(const std::vector<File>& files, Rule rule) {
  EXPECT_FALSE(files.empty());
  for (const File& file : files) {
    Problems problems;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const Text& what : rule(file, i)) problems.push_back({file.path, i + 1, what});
    }
    expect_none(problems);
  }
}

// ("base/error.h", quoted) of an include line; empty otherwise.
std::pair<Text, bool> included(const File& file, std::size_t line) {
  static const std::regex form(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  std::smatch found;
  if (file.code[line].find('#') == Text::npos || !std::regex_match(file.lines[line], found, form)) return {};
  return {found[2], found[1] == "\""};
}

// ---- floors

const std::map<Text, int> kFloors = {
    {"base", 1},    {"net", 2},      {"http", 2},   {"json", 2},  {"conf", 2},  {"llm", 3}, {"state", 3},
    {"catalog", 3}, {"upstream", 4}, {"policy", 4}, {"proxy", 5}, {"admin", 5}, {"cli", 6},
};

Text bad_include(const Text& from, const Text& name) {
  const std::size_t slash = name.find('/');
  if (slash == Text::npos) {
    if (name == "spillway_plugin.h" && from == "policy") return {};
    return "\"" + name + "\": say the folder, as in \"base/error.h\"; the plugins' header is for policy/ alone";
  }
  const Text to = name.substr(0, slash);
  if (!kFloors.contains(from) || !kFloors.contains(to)) return "\"" + name + "\": tests/tidy.cc knows no such floor";
  if (to == from || kFloors.at(to) < kFloors.at(from)) return {};
  return from + "/ includes \"" + name + "\", which is not below it";
}

TEST(Tidy, includes_go_down) {
  check_lines(core(), [](const File& file, std::size_t i) -> std::vector<Text> {
    const auto [name, quoted] = included(file, i);
    const Text what = quoted ? bad_include(folder_of(file.path), name) : Text();
    return what.empty() ? std::vector<Text>() : std::vector<Text>{what};
  });
}

// ---- libraries

struct Library {
  Text header;       // how the include begins
  std::regex where;  // core's files that may have it
  bool one_file;
};

const std::vector<Library>& libraries() {
  static const std::vector<Library> all = {
      {"llhttp.h", std::regex("core/http/[a-z_]+\\.cc"), true},
      {"simdjson.h", std::regex("core/json/[a-z_]+\\.cc"), true},
      {"mbedtls/", std::regex("core/net/tls[a-z_]*\\.(cc|h)|core/base/hash\\.cc"), false},
      {"psa/", std::regex("core/net/tls[a-z_]*\\.(cc|h)|core/base/hash\\.cc"), false},
      {"toml++/", std::regex("core/conf/[a-z_]+\\.cc"), false},
      {"dlfcn.h", std::regex("core/policy/plugin\\.cc"), true},
      {"sqlite3.h", std::regex("core/state/[a-z_]+\\.cc"), true},
      {"zlib.h", std::regex("core/http/[a-z_]+\\.cc"), true},
      {"zstd.h", std::regex("core/http/[a-z_]+\\.cc"), true},
      {"CLI/", std::regex("core/cli/main\\.cc"), true},
      {"uv.h", std::regex("core/net/[a-z_]+\\.(cc|h)|core/proxy/server\\.h|core/cli/[a-z_]+\\.cc"), false},
  };
  return all;
}

TEST(Tidy, libraries_stay_where_they_belong) {
  std::map<Text, std::set<Text>> users;
  check_lines(core(), [&](const File& file, std::size_t i) {
    std::vector<Text> problems;
    const Text name = included(file, i).first;
    for (const Library& library : libraries()) {
      if (name.empty() || name.rfind(library.header, 0) != 0) continue;
      users[library.header].insert(file.path);
      if (!std::regex_match(file.path, library.where)) problems.push_back("<" + name + "> does not belong here");
      if (library.one_file && users[library.header].size() > 1) {
        problems.push_back("<" + name + "> is already in " + *users[library.header].begin() + ": one file per library");
      }
    }
    return problems;
  });
  for (const Library& library : libraries()) {
    if (library.header == "psa/") continue;  // mbedTLS 3 only, behind an #if
    EXPECT_TRUE(users.contains(library.header)) << library.header << ": nobody includes it; is this table still true?";
  }
}

// ---- sizes

constexpr std::size_t kFileLines = 300, kFunctionLines = 60, kColumns = 120, kReadmeLines = 60;

Problems long_functions(const File& file) {
  Problems problems;
  for (const source::Function& one : source::functions_in(file)) {
    const std::size_t lines = one.last - one.first + 1;
    if (lines <= kFunctionLines) continue;
    problems.push_back({file.path, one.first, one.head + ": " + std::to_string(lines) + " lines of at most 60"});
  }
  return problems;
}

TEST(Tidy, files_have_at_most_300_lines) {
  for (const File& file : core_and_plugins()) {
    if (file.lines.size() > kFileLines) {
      expect_none({{file.path, file.lines.size(), std::to_string(file.lines.size()) + " lines; split it by noun"}});
    }
  }
}

TEST(Tidy, functions_have_at_most_60_lines) {
  std::size_t seen = 0;
  for (const File& file : core_and_plugins()) {
    seen += source::functions_in(file).size();
    expect_none(long_functions(file));
  }
  EXPECT_GT(seen, 500u) << "the finder of functions finds none";
}

TEST(Tidy, lines_have_at_most_120_columns) {
  const auto files = source::read_tree({"core", "plugins", "tests"}, {".h", ".cc", ".c"});
  check_lines(files, [](const File& file, std::size_t i) -> std::vector<Text> {
    const Text& line = file.lines[i];
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
    if (columns <= static_cast<long>(kColumns)) return {};
    return {std::to_string(columns) + " columns, a line has at most 120"};
  });
}

TEST(Tidy, every_top_level_folder_has_a_short_map) {
  for (const auto& entry : fs::directory_iterator(SPW_SOURCE_DIR)) {
    const Text name = entry.path().filename().string();
    if (!entry.is_directory() || name.front() == '.' || name == "build") continue;
    std::ifstream in(entry.path() / "README.md");
    EXPECT_TRUE(in.is_open()) << name << "/ has no README.md";
    const Text text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_LE(source::split(text).size(), kReadmeLines) << name << "/README.md: a map has at most 60 lines";
  }
}

// ---- words

bool has_word(const Text& line, const Text& word) {
  for (std::size_t at = 0; (at = line.find(word, at)) != Text::npos; ++at) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !source::word_char(line[at - 1]);
    if (begins && (end == line.size() || !source::word_char(line[end]))) return true;
  }
  return false;
}

std::vector<Text> words_to_explain(const File& file, std::size_t i) {
  static const std::regex deleted(R"(=\s*delete\b)");
  const Text code = std::regex_replace(file.code[i], deleted, "");
  if (code.find('#') != Text::npos || file.lines[i].find("// why:") != Text::npos) return {};
  std::vector<Text> problems;
  for (const char* word : {"shared_ptr", "std::function", "new", "delete", "co_await"}) {
    if (has_word(code, word)) problems.push_back(Text(word) + " needs a `// why:` on its line");
  }
  return problems;
}

TEST(Tidy, risky_words_say_why) { check_lines(core(), words_to_explain); }

TEST(Tidy, nothing_is_left_for_later) {
  const auto files = source::read_tree({"core", "plugins", "conf", "bench", "tests"},
                                       {".h", ".cc", ".c", ".py", ".sh", ".md", ".toml", ".txt", ".mjs", ".cmake"});
  const std::vector<Text> marks = {Text("TO") + "DO", Text("FIX") + "ME", Text("X") + "XX"};
  check_lines(files, [&](const File& file, std::size_t i) {
    std::vector<Text> problems;
    for (const Text& mark : marks) {
      if (has_word(file.lines[i], mark)) problems.push_back(mark + ": do it, or say in a README that it is missing");
    }
    return problems;
  });
}

// ---- comments

TEST(Tidy, files_begin_with_what_they_are_for) {
  const auto commented = [](const File& file) {
    return !file.lines.empty() && (file.lines[0].starts_with("//") || file.lines[0].starts_with("/*"));
  };
  std::set<Text> said;
  for (const File& file : core()) {
    if (commented(file)) said.insert(file.path);
  }
  for (const File& file : core()) {
    if (said.contains(file.path) || said.contains(fs::path(file.path).replace_extension(".h").string())) continue;
    expect_none({{file.path, 1, "neither it nor its header begins with a comment that says what it is for"}});
  }
}

// ---- tests

Text test_of(const Text& name) {
  const std::size_t slash = name.find('/');
  return "tests/unit/" + name.substr(0, slash) + name.substr(slash) + "_test.cc";
}

TEST(Tidy, every_file_of_core_has_its_test) {
  std::set<Text> excepted;
  for (const Exception& one : without_own_test()) excepted.insert(one.source);
  for (const File& file : core()) {
    if (!file.path.ends_with(".cc")) continue;
    const Text name = file.path.substr(5, file.path.size() - 8);  // without "core/" and ".cc"
    if (excepted.contains(name) || exists(test_of(name))) continue;
    expect_none({{file.path, 1, "write " + test_of(name) + ", or say in tests/tidy.cc what else covers it"}});
  }
}

TEST(Tidy, exceptions_are_still_needed_and_true) {
  for (const Exception& one : without_own_test()) {
    EXPECT_TRUE(exists("core/" + one.source + ".cc")) << one.source << ": no such file any more";
    EXPECT_FALSE(exists(test_of(one.source))) << one.source << " has its own test now: no exception is needed";
    EXPECT_TRUE(exists(one.covered_by)) << one.source << " is said to be covered by " << one.covered_by;
    EXPECT_NE(Text(one.why), "") << one.source;
  }
}

// ---- samples of what the rules understand

std::vector<Text> found(const Text& text) {
  std::vector<Text> names;
  for (const auto& one : source::functions_in(source::make_file("sample.cc", text))) {
    names.push_back(one.head + "@" + std::to_string(one.first) + "-" + std::to_string(one.last));
  }
  return names;
}

using Names = std::vector<Text>;

TEST(TidySample, functions_are_found_by_their_braces) {
  EXPECT_EQ(found("namespace a {\nint f(int x) {\n  if (x) {\n  }\n}\n}\n"), Names{"int f(int x) @2-5"});
  EXPECT_EQ(found("struct S {\n  S() : a_{1}, b_{2} {\n    go();\n  }\n  int a_ = {3};\n};\n"),
            Names{"S() : a_,, b_{@2-4"})
      << "initialisers in braces belong to the constructor";
  EXPECT_EQ(found("#define M(x) {\nstatic int f(\n    int a) {\n  char c = '{'; // {\n}\n"),
            Names{"static int f(     int a) @2-5"});
  EXPECT_EQ(found("const int kTable[] = {f(1), {2}};\nenum class E { a, b };\nextern \"C\" {\nvoid g() {}\n}\n"),
            Names{"void g() @4-4"});
  EXPECT_EQ(found("bool operator==(const A& a, const A& b) {\n  return R\"(})\" == x;\n}\n"),
            Names{"bool operator==(const A& a, const A& b) @1-3"});
}

TEST(TidySample, a_function_of_61_lines_is_too_long) {
  const auto text = [](int lines) {
    Text body = "void f() {\n";
    for (int i = 2; i < lines; ++i) body += "  x();\n";
    return source::make_file("sample.cc", body + "}\n");
  };
  EXPECT_TRUE(long_functions(text(60)).empty());
  ASSERT_EQ(long_functions(text(61)).size(), 1u);
  EXPECT_EQ(long_functions(text(61))[0].line, 1u);
}

TEST(TidySample, comments_and_literals_are_no_code) {
  EXPECT_EQ(source::blank("a // new\nb"), "a       \nb");
  EXPECT_EQ(source::blank("f(\"// \\\" new\", 'x') /* y\nz */ + 1'000;"), "f(           ,    )     \n     + 1'000;");
  EXPECT_EQ(source::blank("R\"x(a\n)\" )x\" b"), "     \n       b");
}

TEST(TidySample, risky_words_are_seen_in_code_only) {
  const auto complaints = [](const Text& line) { return words_to_explain(source::make_file("x.cc", line), 0).size(); };
  EXPECT_EQ(complaints("auto p = new T;"), 1u);
  EXPECT_EQ(complaints("std::shared_ptr<T> p;  // why: two owners"), 0u);
  EXPECT_EQ(complaints("std::shared_ptr<T> p;"), 1u);
  EXPECT_EQ(complaints("T(const T&) = delete;"), 0u);
  EXPECT_EQ(complaints("delete p;"), 1u);
  EXPECT_EQ(complaints("forget();  // as new; never delete"), 0u);
  EXPECT_EQ(complaints("std::function<void()> f;"), 1u);
  EXPECT_EQ(complaints("int newer = renew(x);"), 0u);
}

TEST(TidySample, includes_that_climb_or_cross_are_bad) {
  EXPECT_EQ(bad_include("proxy", "base/error.h"), "");
  EXPECT_EQ(bad_include("net", "net/loop.h"), "");
  EXPECT_NE(bad_include("net", "http/url.h"), "");
  EXPECT_NE(bad_include("base", "net/loop.h"), "");
  EXPECT_NE(bad_include("admin", "proxy/server.h"), "");
  EXPECT_NE(bad_include("cli", "utils/strings.h"), "");
  EXPECT_NE(bad_include("cli", "error.h"), "");
  EXPECT_EQ(bad_include("policy", "spillway_plugin.h"), "");
}

}  // namespace
