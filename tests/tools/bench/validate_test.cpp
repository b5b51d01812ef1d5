#include "tools/weir/bench/validate.h"

#include <unistd.h>

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Options options_of(const RawFlags& flags) { return std::get<Options>(*validate(flags)); }

TEST(BenchValidate, TakesShortCellsUnlessToldOtherwise) {
  EXPECT_EQ(options_of({.words = {"nagle"}}).effort, Effort::quick);
  EXPECT_EQ(options_of({.words = {"nagle"}, .full = true}).effort, Effort::full);
}

TEST(BenchValidate, TakesSeveralSuitesEachOnce) {
  EXPECT_THAT(options_of({.words = {"udp", "echo", "udp"}}).suites,
              ElementsAre(Suite::udp, Suite::echo));
  EXPECT_EQ(options_of({.words = {"all"}}).suites, all_suites());
}

TEST(BenchValidate, OnlyPicksCellsByDescription) {
  const Options some = options_of({.words = {"nagle"}, .only = "^N1 .*gather"});

  EXPECT_TRUE(some.selects("N1 4 + 60 B, gather, loopback"));
  EXPECT_FALSE(some.selects("N13 64 B, depth 1, nagle, loopback"));
  EXPECT_TRUE(options_of({.words = {"nagle"}}).selects("anything"));
}

TEST(BenchValidate, RoundsCellAndContendersAreTyped) {
  const Options some = options_of({.words = {"echo"},
                                   .contenders = "^weir",
                                   .rounds = "40",
                                   .precision = "1.5%",
                                   .cell = "200ms",
                                   .seed = "7",
                                   .realtime = true});

  EXPECT_EQ(some.rounds, 40U);
  EXPECT_DOUBLE_EQ(some.precision.value(), 0.015);
  EXPECT_EQ(some.cell, std::chrono::milliseconds(200));
  EXPECT_EQ(some.seed, 7U);
  EXPECT_TRUE(some.is_realtime);
  EXPECT_TRUE(some.admits("weir_uring"));
  EXPECT_FALSE(some.admits("raw_uring"));
}

TEST(BenchValidate, JobsAreNoSuites) {
  EXPECT_TRUE(std::holds_alternative<DoctorJob>(*validate({.words = {"doctor"}})));
  const auto compare = validate({.words = {"compare", "/etc/hostname", "/etc/passwd"}});
  ASSERT_TRUE(compare) << compare.error().message;
  EXPECT_EQ(std::get<CompareJob>(*compare).new_path, "/etc/passwd");
}

TEST(BenchValidate, MakesTheFolderForItsFiles) {
  const auto parent = std::filesystem::path(testing::TempDir()) /
                      ("weir-bench-validate-" + std::to_string(::getpid()));
  const std::string folder = parent / "results";

  EXPECT_EQ(options_of({.words = {"echo"}, .output = folder}).directory, folder);
  EXPECT_TRUE(std::filesystem::is_directory(folder));
  EXPECT_EQ(options_of({.words = {"echo"}, .output = folder}).directory, folder);

  std::filesystem::remove_all(parent);
}

TEST(BenchValidate, SaysWhatIsWrong) {
  struct Vector {
    RawFlags flags;
    const char* message;
  };
  for (const Vector& v : {
           Vector{{}, "no suite"},
           Vector{{.words = {"nagel"}}, "there is no suite \"nagel\""},
           Vector{{.words = {"nagle"}, .quick = true, .full = true}, "exclude each other"},
           Vector{{.words = {"nagle"}, .only = "("}, "--only: \"(\" is no regular expression"},
           Vector{{.words = {"nagle"}, .output = "/proc/no/such"},
                  "-o: \"/proc/no/such\" can't be made"},
           Vector{{.words = {"nagle"}, .rounds = "5"}, "--rounds is for suites of servers"},
           Vector{{.words = {"nagle"}, .realtime = true}, "--realtime is for suites of servers"},
           Vector{{.words = {"echo"}, .rounds = "0"}, "--rounds: "},
           Vector{{.words = {"nagle"}, .precision = "2%"}, "--precision is for suites of servers"},
           Vector{{.words = {"echo"}, .rounds = "24", .precision = "2%"},
                  "--precision wants more --rounds than 24"},
           Vector{{.words = {"echo"}, .precision = "0"}, "--precision: \"0\" is not between"},
           Vector{{.words = {"echo"}, .precision = "51%"}, "--precision: "},
           Vector{{.words = {"echo"}, .precision = "2x"}, "--precision: "},
           Vector{{.words = {"echo"}, .precision = "nan"}, "--precision: "},
           Vector{{.words = {"echo"}, .precision = ""}, "--precision: "},
           Vector{{.words = {"echo"}, .cell = "5"}, "--cell: "},
           Vector{{.words = {"echo"}, .cell = "2m"}, "--cell: "},
           Vector{{.words = {"echo"}, .bin = "/no/such"}, "--bin: "},
           Vector{{.words = {"echo"}, .against = "/etc/passwd"}, "no program that can be run"},
           Vector{{.words = {"echo"}, .baseline = "/no/such"}, "cannot be read"},
           Vector{{.words = {"doctor", "echo"}}, "doctor takes nothing else"},
           Vector{{.words = {"compare", "one.json"}}, "OLD NEW"},
           Vector{{.words = {"compare", "/no/such", "/etc/passwd"}}, "cannot be read"},
       }) {
    const auto options = validate(v.flags);

    ASSERT_FALSE(options) << v.message;
    EXPECT_THAT(options.error().message, HasSubstr(v.message));
  }
}

}  // namespace
}  // namespace weir::tools::bench
