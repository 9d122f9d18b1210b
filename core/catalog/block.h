// The generated part of a file that people keep in git: what stands between two marker lines is replaced, everything
// else keeps its bytes (P-13). In our own TOML the markers stand inside a list of targets:
//
//     targets = [
//       # BEGIN GENERATED POOL free
//       { provider = "openrouter", model = "qwen/qwen3-coder:free", weight = 6, context = 262144 },
//       # END GENERATED POOL free
//     ]
//
// in LiteLLM's YAML inside its model_list, there also without a name as `# BEGIN GENERATED OPENROUTER POOL`. Pure and
// deterministic. Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conf/config.h"

namespace spillway {

enum class BlockForm : std::uint8_t { toml, litellm };
// By the end of the file's name: .toml, .yaml, .yml.
Result<BlockForm> block_form_of(std::string_view path);

struct Block {
  BlockForm form = BlockForm::toml;
  std::string name;       // of the marker; empty: LiteLLM's nameless one
  std::size_t begin = 0;  // of the lines between the markers
  std::size_t end = 0;
  std::string indent, line_end;  // of the BEGIN line
  std::vector<std::string> ids;  // what it lists now: the last pool
  std::string group;             // LiteLLM's model_name of what it lists now; empty: nothing
};

// `name` empty: the file must have one block only. `provider`: the prefix of LiteLLM's ids.
Result<Block> find_block(std::string_view text, BlockForm form, std::string_view name, std::string_view provider);

// The whole text with the block's lines replaced. An error when the result is no longer what the file should be.
// `group`: LiteLLM's model_name; empty: as it was, else the block's name, else "primary".
Result<std::string> rewrite_block(std::string_view text, const Block& block, const std::vector<TargetConfig>& members,
                                  std::string_view group);

// May an id stand in a config as it is? Catalogues are input: one with a quote or a line end in it must not become a
// line of somebody's config.
bool id_can_be_written(std::string_view id);

}  // namespace spillway
