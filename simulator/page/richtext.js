// rich_text and table blocks as DOM nodes.

import { h } from "./dom.js";
import { emojiNamed, textWithEmoji } from "./emoji.js";
import { broadcast, channelMention, link, personMention } from "./mrkdwn.js";
import { fillDate } from "./times.js";

export function richText(block, reader, unknown) {
  return h("div", { class: "rich-text" }, ...listsJoined(block.elements.map((element) => part(element, reader, unknown))));
}

function part(element, reader, unknown) {
  switch (element.type) {
    case "rich_text_section":
      return h("p", {}, ...inlineNodes(element.elements, reader, unknown));
    case "rich_text_preformatted":
      return h("pre", {}, ...inlineNodes(element.elements, reader, unknown));
    case "rich_text_quote":
      return h("blockquote", {}, ...inlineNodes(element.elements, reader, unknown));
    case "rich_text_list": {
      const tag = element.style === "ordered" ? "ol" : "ul";
      const items = element.elements.map((item) => h("li", {}, ...inlineNodes(item.elements, reader, unknown)));
      return h(tag, { start: element.offset ? element.offset + 1 : null, class: `indent-${element.indent ?? 0}` }, ...items);
    }
    default:
      return unknown(`rich_text element “${element.type}”`, element);
  }
}

// An indented list belongs inside the last item of the list before it, so that screen readers hear it nested.
function listsJoined(parts) {
  const top = [];
  for (const node of parts) {
    const depth = Number(/indent-(\d)/.exec(node.className)?.[1] ?? 0);
    let host = top.at(-1);
    for (let level = 1; depth && host && level < depth; level += 1) host = host.lastElementChild?.querySelector(":scope > ol, :scope > ul") ?? host;
    if (depth && host && /^(OL|UL)$/.test(host.tagName) && host.lastElementChild) host.lastElementChild.append(node);
    else top.push(node);
  }
  return top;
}

function inlineNodes(elements, reader, unknown) {
  return elements.flatMap((element) => styled(inlineNode(element, reader, unknown), element.style));
}

function inlineNode(element, reader, unknown) {
  switch (element.type) {
    case "text":
      return element.text.split("\n").flatMap((line, place) => [...(place ? [h("br")] : []), ...textWithEmoji(line)]);
    case "link":
      return [link(element.url, textWithEmoji(element.text || element.url))];
    case "user":
      return [personMention(element.user_id, reader)];
    case "channel":
      return [channelMention(element.channel_id, reader)];
    case "broadcast":
      return [broadcast(element.range)];
    case "usergroup":
      return [h("span", { class: "mention group" }, "@group")];
    case "emoji":
      return [emojiNamed(element.name) ?? `:${element.name}:`];
    case "date":
      return [h(
        "time",
        { datetime: new Date(element.timestamp * 1000).toISOString() },
        fillDate(element.format, element.timestamp, reader.zone, reader.now),
      )];
    case "color":
      return [h("code", {}, element.value)];
    default:
      return [unknown(`rich_text element “${element.type}”`, element)];
  }
}

function styled(nodes, style = {}) {
  return [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"], ["underline", "u"]]
    .filter(([name]) => style[name])
    .reduce((inner, [, tag]) => [h(tag, {}, ...inner)], nodes);
}

export function table(block, reader, unknown) {
  const settings = block.column_settings ?? [];
  const cell = (tag) => (content, column) => {
    const setting = settings[column] ?? {};
    const classes = [`align-${setting.align ?? "left"}`, setting.is_wrapped ? "wrapped" : ""].join(" ").trim();
    return h(tag, { class: classes, scope: tag === "th" ? "col" : null }, ...cellNodes(content, reader, unknown));
  };
  const [first, ...rest] = block.rows;
  return h("div", { class: "table-frame", tabindex: "0", role: "group", "aria-label": "Table" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...(first ?? []).map(cell("th")))),
      h("tbody", {}, ...rest.map((row) => h("tr", {}, ...row.map(cell("td"))))),
    ));
}

function cellNodes(content, reader, unknown) {
  if (content.type === "raw_text") return textWithEmoji(content.text);
  if (content.type === "raw_number") return [content.text ?? String(content.value)];
  if (content.type === "rich_text") {
    const inside = (element) => (element.type === "rich_text_section"
      ? inlineNodes(element.elements, reader, unknown)
      : [part(element, reader, unknown)]);
    return content.elements.flatMap(inside);
  }
  return [unknown(`table cell “${content.type}”`, content)];
}
