#include "tools/weir/load/report/html_page.h"

#include <fmt/format.h>

#include "tools/weir/load/report/html_text.h"

namespace weir::tools::load {
namespace {

// Colours after Okabe and Ito, which people with any kind of colour vision tell apart; those of the
// dark scheme are lightened to keep a contrast of 4.5 with the background.
constexpr std::string_view page_style = R"css(
:root {
  color-scheme: light;
  --page: #f6f7f9; --card: #ffffff; --text: #1b2430; --soft: #5a6675; --line: #dde2e9;
  --grid: #e6eaf0; --good: #0a6b4a; --good-back: #e2f4ec; --warn: #8a5300; --warn-back: #fdf1dc;
  --bad: #a3241b; --bad-back: #fbe6e4; --link: #0b5cad;
  --series-1: #0067a5; --series-2: #c2500a; --series-3: #00805c; --series-4: #a2498a;
  --series-5: #6b5b00; --series-6: #4a5563; --series-7: #8a1c3c; --series-8: #3c3f9e;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) {
    color-scheme: dark;
    --page: #11161d; --card: #191f28; --text: #e4e9f0; --soft: #9aa7b7; --line: #2c3542;
    --grid: #262e3a; --good: #6fd6ac; --good-back: #15352a; --warn: #f0bd66; --warn-back: #3a2d14;
    --bad: #ff9d94; --bad-back: #43201e; --link: #7db9f5;
    --series-1: #5cb3ee; --series-2: #f0914f; --series-3: #45c79b; --series-4: #dd94c8;
    --series-5: #d8c452; --series-6: #aab4c2; --series-7: #ff8fa8; --series-8: #b3b0ff;
  }
}
:root[data-theme="dark"] {
  color-scheme: dark;
  --page: #11161d; --card: #191f28; --text: #e4e9f0; --soft: #9aa7b7; --line: #2c3542;
  --grid: #262e3a; --good: #6fd6ac; --good-back: #15352a; --warn: #f0bd66; --warn-back: #3a2d14;
  --bad: #ff9d94; --bad-back: #43201e; --link: #7db9f5;
  --series-1: #5cb3ee; --series-2: #f0914f; --series-3: #45c79b; --series-4: #dd94c8;
  --series-5: #d8c452; --series-6: #aab4c2; --series-7: #ff8fa8; --series-8: #b3b0ff;
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 56px; }
header { display: flex; gap: 12px 24px; align-items: flex-start; justify-content: space-between; }
h1 { font-size: 22px; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 32px 0 10px; }
.over { color: var(--soft); font-size: 13px; margin: 0 0 2px; }
.about { color: var(--soft); margin: 4px 0 0; }
button {
  font: inherit; font-size: 13px; color: var(--text); background: var(--card); cursor: pointer;
  border: 1px solid var(--line); border-radius: 6px; padding: 4px 12px; white-space: nowrap;
}
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.verdict {
  border-radius: 8px; padding: 12px 16px; margin: 18px 0 0; border-left: 5px solid;
}
.verdict p { margin: 0; }
.verdict p + p { margin-top: 6px; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.verdict.good { background: var(--good-back); }
.verdict.warn { background: var(--warn-back); }
.verdict.bad { background: var(--bad-back); }
.verdict span { color: var(--text); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px;
  margin: 16px 0 0; padding: 0; list-style: none; }
.cards li { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 10px 14px; }
.cards b { display: block; font-size: 21px; font-weight: 650; font-variant-numeric: tabular-nums; }
.cards span { color: var(--soft); font-size: 13px; }
.scroll, figure, details { background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; margin: 0 0 16px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; padding: 7px 14px; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { font-size: 13px; font-weight: 600; color: var(--soft); }
tbody th { font-weight: 600; white-space: nowrap; }
.numbers th:not(:first-child), .numbers td { text-align: right; white-space: nowrap; }
.latencies th, .latencies td { padding: 7px 9px; }
.latencies th:first-child, .latencies td:last-child { padding-inline: 14px; }
.latencies small { font-size: 12px; }
.latencies th small { max-width: 11em; white-space: normal; line-height: 1.3; }
small { display: block; color: var(--soft); font-weight: 400; }
.note { color: var(--soft); font-size: 13px; margin: -6px 0 16px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(430px, 1fr)); gap: 0 16px; }
figure { padding: 14px 16px 12px; break-inside: avoid; }
figcaption { font-weight: 600; margin-bottom: 6px; }
figcaption span { color: var(--soft); font-weight: 400; font-size: 13px; margin-left: 10px; }
figure > svg { display: block; width: 100%; height: auto; }
.grid line { stroke: var(--grid); stroke-width: 1; }
.grid text { fill: var(--soft); font-size: 12px; }
.frame { fill: none; stroke: var(--soft); stroke-width: 1; }
.series polyline { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.series g { stroke-width: 1.5; }
.s1 { stroke: var(--series-1); fill: var(--series-1); }
.s2 { stroke: var(--series-2); fill: var(--series-2); }
.s3 { stroke: var(--series-3); fill: var(--series-3); }
.s4 { stroke: var(--series-4); fill: var(--series-4); }
.s5 { stroke: var(--series-5); fill: var(--series-5); }
.s6 { stroke: var(--series-6); fill: var(--series-6); }
.s7 { stroke: var(--series-7); fill: var(--series-7); }
.s8 { stroke: var(--series-8); fill: var(--series-8); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 8px 0 0;
  padding: 0; font-size: 13px; }
.key { width: 34px; height: 12px; margin-right: 7px; vertical-align: -1px; }
pre { margin: 0; padding: 10px 14px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
code { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
details { padding: 10px 14px; }
summary { cursor: pointer; font-weight: 600; }
footer { color: var(--soft); font-size: 13px; margin-top: 32px; }
@media (max-width: 560px) { .pair { grid-template-columns: 1fr; } }
@media print {
  :root, :root[data-theme="dark"], :root:not([data-theme="light"]) {
    color-scheme: light;
    --page: #ffffff; --card: #ffffff; --text: #000000; --soft: #444444; --line: #bbbbbb;
    --grid: #dddddd; --good: #0a6b4a; --good-back: #ffffff; --warn: #8a5300; --warn-back: #ffffff;
    --bad: #a3241b; --bad-back: #ffffff;
    --series-1: #0067a5; --series-2: #c2500a; --series-3: #00805c; --series-4: #a2498a;
    --series-5: #6b5b00; --series-6: #4a5563; --series-7: #8a1c3c; --series-8: #3c3f9e;
  }
  body { font-size: 11px; }
  main { max-width: none; padding: 0; }
  button { display: none; }
  .pair { grid-template-columns: 1fr 1fr; }
  figure, tr, .verdict { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroll { overflow: visible; }
}
)css";

// Only comfort: without it the page follows the system's scheme and the JSON stays where it is.
// A page from a file may have no storage, and says so by throwing.
constexpr std::string_view script = R"js(
(function () {
  'use strict';
  var root = document.documentElement;
  var key = 'weir-theme';
  function stored() { try { return localStorage.getItem(key); } catch (e) { return null; } }
  function store(theme) { try { localStorage.setItem(key, theme); } catch (e) { /* no storage */ } }
  function isDark() {
    var theme = root.getAttribute('data-theme');
    return theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }
  var asked = /[#&]theme=(light|dark)/.exec(location.hash);
  var theme = asked ? asked[1] : stored();
  if (theme === 'light' || theme === 'dark') root.setAttribute('data-theme', theme);
  var button = document.getElementById('theme');
  function label() { button.textContent = isDark() ? 'Light' : 'Dark'; }
  button.hidden = false;
  label();
  button.addEventListener('click', function () {
    var next = isDark() ? 'light' : 'dark';
    root.setAttribute('data-theme', next);
    store(next);
    label();
  });
  var save = document.getElementById('save');
  save.hidden = false;
  save.addEventListener('click', function () {
    var text = document.getElementById('weir-report').textContent;
    var link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = save.getAttribute('data-file');
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  });
})();
)js";

}  // namespace

std::string html_page(const HtmlPage& page) {
  std::string out = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
)html";
  out += fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
                     html_escaped(page.title), page_style);
  out += page.body;
  out += fmt::format(
      "<h2>Raw data</h2>\n<details>\n<summary>The report as JSON</summary>\n"
      "<p>It is in this file, in the element <code>#weir-report</code>: {}</p>\n"
      "<button type=\"button\" id=\"save\" data-file=\"{}\" hidden>Save the JSON</button>\n"
      "</details>\n</main>\n",
      page.json_note, html_escaped(page.file_name));
  out += fmt::format("<script type=\"application/json\" id=\"weir-report\">{}</script>\n",
                     json_for_script(page.json));
  return out + fmt::format("<script>{}</script>\n</body>\n</html>\n", script);
}

}  // namespace weir::tools::load
