// Slack's mrkdwn as DOM nodes. Nothing is ever put in as HTML: text becomes text nodes.

import { h } from "./dom.js";
import { emojiNamed, textWithEmoji } from "./emoji.js";
import { fillDate } from "./times.js";

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

// Spans that formatting must not look into are set aside as one private-use character each, and put back at the end.
const ASIDE = 0xe000;
const asideMark = /[\uE000-\uF8FF]/;

/** Nodes for a mrkdwn text. `reader`: {me, zone, now (epoch s), people: Map, channels: Map, openChannel(id)}. */
export function mrkdwn(text, reader) {
  const nodes = [];
  for (const [place, piece] of text.split(/```\n?([\s\S]*?)\n?```/).entries()) {
    if (place % 2) nodes.push(h("pre", {}, ...entitiesAsText(piece, reader)));
    else if (piece) nodes.push(...paragraphs(place ? piece.replace(/^\n/, "") : piece, reader));
  }
  return nodes;
}

function entitiesAsText(text, reader) {
  return text.split(/(<[^<>\n]+>)/).map(
    (piece) => (/^<.+>$/.test(piece) ? entity(piece.slice(1, -1), reader).textContent : unescape(piece)),
  );
}

function paragraphs(text, reader) {
  const nodes = [];
  // An app may write the sign itself; what people type arrives escaped. Both quote.
  const lines = text.split("\n").map((line) => line.replace(/^(>{3}|>)(?!>)/, (signs) => "&gt;".repeat(signs.length)));
  let plain = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) nodes.push(h("blockquote", {}, ...withBreaks(quoted, reader)));
    else if (plain.length) nodes.push(...withBreaks(plain, reader));
    plain = [];
    quoted = [];
  };
  for (const [place, line] of lines.entries()) {
    if (line.startsWith("&gt;&gt;&gt;")) {
      flush();
      quoted = [line.slice(12).trimStart(), ...lines.slice(place + 1)];
      flush();
      return nodes;
    }
    const isQuote = line.startsWith("&gt;");
    if (isQuote !== quoted.length > 0 && (quoted.length || plain.length)) flush();
    if (isQuote) quoted.push(line.slice(4).replace(/^ /, ""));
    else plain.push(line);
  }
  flush();
  return nodes;
}

function withBreaks(lines, reader) {
  return lines.flatMap((line, place) => [...(place ? [h("br")] : []), ...inline(line, reader)]);
}

function inline(line, reader) {
  const aside = [];
  const setAside = (make) => {
    aside.push(make);
    return String.fromCharCode(ASIDE + aside.length - 1);
  };
  const safe = line
    .replace(/[\uE000-\uF8FF]/g, "\uFFFD")
    .replace(/`([^`\n]+)`/g, (_, code) => setAside(() => h("code", {}, ...entitiesAsText(code, reader))))
    .replace(/<([^<>\n]+)>/g, (_, body) => setAside(() => entity(body, reader)))
    .replace(
      /(^|[\s(])(https?:\/\/[^\s<>\uE000-\uF8FF]*[^\s<>.,;:!?)'"\uE000-\uF8FF])/g,
      (_, before, url) => before + setAside(() => link(unescape(url), [unescape(url)])),
    );
  return formatted(safe, aside);
}

const STYLES = [["*", "strong"], ["_", "em"], ["~", "s"]].map(([mark, tag]) => {
  const m = mark === "*" ? "\\*" : mark;
  return { tag, find: new RegExp(`(^|[^\\p{L}\\p{N}${m}])${m}(?=[^\\s${m}])([^${m}\\n]*?[^\\s${m}])${m}(?![\\p{L}\\p{N}${m}])`, "u") };
});

function formatted(text, aside) {
  let first = null;
  for (const { tag, find } of STYLES) {
    const found = find.exec(text);
    if (found && (!first || found.index + found[1].length < first.at)) first = { tag, at: found.index + found[1].length, inner: found[2] };
  }
  if (!first) return leaf(text, aside);
  return [
    ...leaf(text.slice(0, first.at), aside),
    h(first.tag, {}, ...formatted(first.inner, aside)),
    ...formatted(text.slice(first.at + first.inner.length + 2), aside),
  ];
}

function leaf(text, aside) {
  return text.split(/([\uE000-\uF8FF]|:[a-z0-9_+'-]+(?:::skin-tone-\d)?:)/).flatMap((piece) => {
    if (piece.length === 1 && asideMark.test(piece)) return [aside[piece.charCodeAt(0) - ASIDE]()];
    const named = /^:.+:$/.test(piece) ? emojiNamed(piece.slice(1, -1)) : null;
    return named ? [named] : textWithEmoji(unescape(piece));
  });
}

function entity(body, reader) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? "" : body.slice(bar + 1);
  if (target.startsWith("@")) return personMention(target.slice(1), reader, label);
  if (target.startsWith("#")) return channelMention(target.slice(1), reader, label);
  if (target.startsWith("!date^")) return dateToken(target, label, reader);
  if (target.startsWith("!subteam^")) return h("span", { class: "mention group" }, label ? unescape(label) : "@group");
  if (target.startsWith("!")) return broadcast(target.slice(1).split("^")[0]);
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return link(unescape(target), label ? textWithEmoji(unescape(label)) : [unescape(target).replace(/^mailto:/, "")]);
  return h("span", {}, unescape(`<${body}>`));
}

/** A link that opens in a new tab, or plain text for a scheme that a page must not open. */
export function link(url, children) {
  if (!/^(https?|mailto|tel):/i.test(url)) return h("span", { class: "dead-link", title: url }, ...children);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

export function personMention(id, reader, label = "") {
  const person = reader.people.get(id);
  const name = person ? person.name : label || id;
  return h("span", { class: id === reader.me ? "mention me" : "mention", title: person?.real_name || null }, `@${name}`);
}

export function channelMention(id, reader, label = "") {
  const channel = reader.channels.get(id);
  if (!channel) return h("span", { class: "mention closed" }, label ? `#${label}` : "#private channel");
  return h("button", { class: "mention bare", type: "button", onclick: () => reader.openChannel(id) }, `#${channel.name}`);
}

export function broadcast(range) {
  return h("span", { class: "mention me" }, `@${range}`);
}

function dateToken(target, fallback, reader) {
  const [, unix, template, url] = /^!date\^(-?\d+)\^([^^]*)(?:\^(.+))?$/.exec(target) ?? [];
  if (!unix) return h("span", {}, unescape(fallback) || target);
  const text = fillDate(unescape(template), Number(unix), reader.zone, reader.now);
  const shown = h("time", { datetime: new Date(unix * 1000).toISOString(), title: unescape(fallback) || null }, text);
  return url ? link(unescape(url), [shown]) : shown;
}
