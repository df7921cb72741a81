// The `markdown` block: the part of standard Markdown that Slack renders there.

import { h } from "./dom.js";
import { plainText } from "./emoji.js";
import { link } from "./mrkdwn.js";

const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;

export function markdown(text) {
  return h("div", { class: "markdown" }, ...parts(text.split("\n")));
}

function parts(lines) {
  const nodes = [];
  let at = 0;
  const take = (matches) => {
    const from = at;
    while (at < lines.length && matches(lines[at])) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at];
    if (!line.trim()) at += 1;
    else if (/^```/.test(line)) {
      at += 1;
      nodes.push(h("pre", {}, take((next) => !/^```/.test(next)).join("\n")));
      at += 1;
    } else if (/^#{1,6}\s/.test(line)) {
      nodes.push(h(`h${Math.min(line.indexOf(" ") + 2, 6)}`, {}, ...inline(line.replace(/^#+\s+/, ""))));
      at += 1;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      nodes.push(h("hr"));
      at += 1;
    } else if (/^>/.test(line)) nodes.push(
      h("blockquote", {}, ...parts(take((next) => /^>/.test(next)).map((next) => next.replace(/^> ?/, "")))),
    );
    else if (ITEM.test(line)) nodes.push(list(take((next) => ITEM.test(next) || /^\s+\S/.test(next))));
    else if (/\|/.test(line) && /^[\s|:-]+$/.test(lines[at + 1] ?? "") && /-/.test(lines[at + 1])) nodes.push(gridOf(take((next) => /\|/.test(next))));
    else nodes.push(paragraph(take((next) => next.trim() && !/^(```|#{1,6}\s|>)/.test(next) && !ITEM.test(next))));
  }
  return nodes;
}

function paragraph(lines) {
  return h("p", {}, ...lines.flatMap((line, place) => [...(place ? [h("br")] : []), ...inline(line)]));
}

function list(lines) {
  const [, indent, marker] = ITEM.exec(lines[0]);
  const items = [];
  for (const line of lines) {
    const found = ITEM.exec(line);
    if (found && found[1].length <= indent.length) items.push([found[3], []]);
    else items.at(-1)[1].push(line);
  }
  return h(
    /\d/.test(marker) ? "ol" : "ul",
    {},
    ...items.map(
      ([text, below]) => h("li", {}, ...task(text), ...(below.length ? parts(below.map((line) => line.replace(/^\s{2,4}/, ""))) : [])),
    )
  );
}

function task(text) {
  const found = /^\[([ xX])\]\s+(.*)$/.exec(text);
  if (!found) return inline(text);
  return [h("input", { type: "checkbox", disabled: true, checked: found[1] !== " ", "aria-label": found[2] }), " ", ...inline(found[2])];
}

function gridOf(lines) {
  const cells = (line) => line.replace(/^\s*\||\|\s*$/g, "").split("|").map((cell) => cell.trim());
  return h("div", { class: "table-frame" }, h("table", {},
    h("thead", {}, h("tr", {}, ...cells(lines[0]).map((cell) => h("th", { scope: "col" }, ...inline(cell))))),
    h("tbody", {}, ...lines.slice(2).map((line) => h("tr", {}, ...cells(line).map((cell) => h("td", {}, ...inline(cell))))))));
}

const SPANS = [
  [/`([^`]+)`/, ([, code]) => [h("code", {}, code)]],
  [/\[([^\]]+)\]\(([^)\s]+)\)/, ([, label, url]) => [link(url, inline(label))]],
  [/\*\*(?=\S)(.+?)(?<=\S)\*\*/, ([, inner]) => [h("strong", {}, ...inline(inner))]],
  [/~~(?=\S)(.+?)(?<=\S)~~/, ([, inner]) => [h("s", {}, ...inline(inner))]],
  [/(?<![\w*])[*_](?=[^\s*_])(.+?)(?<=[^\s*_])[*_](?![\w*])/, ([, inner]) => [h("em", {}, ...inline(inner))]],
  [/https?:\/\/[^\s<>()]*[^\s<>().,;:!?]/, ([url]) => [link(url, [url])]],
];

function inline(text) {
  let first = null;
  for (const [find, make] of SPANS) {
    const found = find.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { found, make };
  }
  if (!first) return plainText(text.replace(/\\([*_`~#\-[\]()])/g, "$1"));
  const { found, make } = first;
  return [...plainText(text.slice(0, found.index)), ...make(found), ...inline(text.slice(found.index + found[0].length))];
}
