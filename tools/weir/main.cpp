#include <string>
#include <vector>

#include "tools/weir/program.h"

int main(int argc, char** argv) {
  // A caller may give no arguments at all, not even the program's name.
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return weir::tools::to_int(weir::tools::run_program(arguments));
}
