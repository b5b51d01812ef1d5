#include "tools/weir/load/report/html_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weir::tools::load {
namespace {

TEST(HtmlText, EscapesMarkupAndQuotes) {
  EXPECT_EQ(html_escaped("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
  EXPECT_EQ(html_escaped(""), "");
  EXPECT_EQ(html_escaped("µs ≥ 5\n\t"), "µs ≥ 5\n\t");
}

TEST(HtmlText, ReplacesWhatHtmlForbids) {
  struct Vector {
    const char* name;
    std::string text, escaped;
  };
  const std::string bad = "\xEF\xBF\xBD";
  for (const Vector& v : {
           Vector{"control", "a\x01z", "a" + bad + "z"},
           Vector{"nul", std::string("a\0z", 3), "a" + bad + "z"},
           Vector{"delete", "\x7F", bad},
           Vector{"lone continuation", "\x80", bad},
           Vector{"cut off", "\xE2\x89", bad + bad},
           Vector{"overlong slash", "\xC0\xAF", bad + bad},
           Vector{"overlong in three", "\xE0\x80\xBC", bad + bad + bad},
           Vector{"surrogate", "\xED\xA0\x80", bad + bad + bad},
           Vector{"beyond Unicode", "\xF4\x90\x80\x80", bad + bad + bad + bad},
           Vector{"cut off before markup", "\xE2<", bad + "&lt;"},
           Vector{"four bytes", "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
       }) {
    SCOPED_TRACE(v.name);

    EXPECT_EQ(html_escaped(v.text), v.escaped);
  }
}

TEST(HtmlText, JsonCannotEndItsScript) {
  const nlohmann::json data = {{"a", "</script><!-- & ]]>"}};

  const std::string text = json_for_script(data.dump());

  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(text), data);
}

TEST(HtmlText, TablesHaveHeadings) {
  const HtmlTable table{
      .caption = "A & B", .head = {"x", "y"}, .rows = {{"1", "2"}}, .css_class = "numbers"};

  EXPECT_EQ(table.markup(),
            "<div class=\"scroll\"><table class=\"numbers\">\n<caption>A &amp; B</caption>\n"
            "<thead><tr><th scope=\"col\">x</th><th scope=\"col\">y</th></tr></thead>\n"
            "<tbody>\n<tr><th scope=\"row\">1</th><td>2</td></tr>\n</tbody></table></div>\n");
}

}  // namespace
}  // namespace weir::tools::load
