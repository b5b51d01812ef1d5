// Flags that the command line left alone, set from somewhere else: one layer after another, the
// first that sets a flag wins.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/setting.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace weir::tools {

class FlagSettings {
 public:
  /// Flags that say the same thing in different ways, such as --rate and --closed. Where one layer
  /// sets any of them, those below set none.
  using Alternatives = std::vector<std::vector<std::string_view>>;

  /// \param command  whose command line has been parsed; borrowed
  /// \param hidden  names of flags that only the command line can give
  FlagSettings(CLI::App& command, Alternatives alternatives, std::set<std::string> hidden);

  /// The next layer. Refuses names that no flag has, names given twice, and switches that are
  /// neither on nor off, whether or not a layer above set them.
  /// \param takes  whether a flag means something here; others are checked and left alone
  [[nodiscard]] Checked<void> apply(std::span<const Setting> settings,
                                    const std::function<bool(const std::string&)>& takes);

  /// A sentence about flags, with where those that it names were set.
  [[nodiscard]] std::string explain(std::string message) const;

 private:
  [[nodiscard]] Checked<CLI::Option*> find(const Setting& setting) const;
  void cover(const std::string& name);

  CLI::App& command_;
  Alternatives alternatives_;
  std::set<std::string> hidden_;
  std::set<std::string> covered_;               ///< names that the layers above have settled
  std::map<std::string, std::string> origins_;  ///< of flags that a layer here has set
};

}  // namespace weir::tools
