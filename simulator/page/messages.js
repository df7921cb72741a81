// The list of messages in a channel or a thread.

import { showBlocks } from "./blocks.js";
import { h, icon, keyedList } from "./dom.js";
import { Form } from "./form.js";
import { closeMenuOf, menuAt } from "./listbox.js";
import { chosen } from "./modals.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, picture } from "./pieces.js";
import { ago, dayName, isoDate, timeOfDay } from "./times.js";

const TOGETHER_S = 300;

export class MessageList {
  /** `inThread` leaves out thread summaries and day lines. */
  constructor(app, root, { inThread = false } = {}) {
    Object.assign(this, { app, root, inThread });
    this.forms = new Map();
    this.place = null;
    root.addEventListener("scroll", () => {
      this.stuck = root.scrollHeight - root.scrollTop - root.clientHeight < 60;
    });
    // A picture that arrives late must not push the newest message out of sight.
    root.addEventListener("load", () => this.settle(), { capture: true });
  }

  settle() {
    if (this.stuck) this.root.scrollTop = this.root.scrollHeight;
  }

  /** `place` names what is listed; another one starts at its end. `newSince`: ts after which messages are new to the reader. */
  show(place, channel, messages, { newSince = null, intro = null } = {}) {
    const moved = place !== this.place;
    this.place = place;
    this.channel = channel;
    const rows = intro ? [{ intro, key: `intro-${channel.id}` }] : [];
    let before = null;
    let divided = false;
    for (const message of messages) {
      const at = Number(message.ts);
      const { zone, now, me } = this.app.reader;
      if (!this.inThread && (!before || isoDate(Number(before.ts), zone) !== isoDate(at, zone))) {
        rows.push({ day: dayName(at, now, zone), key: `day-${isoDate(at, zone)}` });
      }
      if (!divided && newSince && message.ts > newSince && message.user !== me && before) {
        divided = true;
        rows.push({ isNew: true, key: "new" });
      }
      const joined = before && rows.at(-1).message === before && inOneBreath(before, message);
      rows.push({ message, joined, key: message.ts });
      if (this.inThread && message.ts === message.thread_ts && messages.length > 1) {
        rows.push({ replies: messages.length - 1, key: "replies" });
      }
      before = message;
    }
    keyedList(this.root, rows, {
      key: (row) => row.key,
      print: (row) => JSON.stringify(row) + this.app.reader.print + (agesByTheMinute(row.message) ? this.app.reader.minute : ""),
      make: (row) => (row.message ? this.fill(this.frame(row.message), row) : divider(row)),
      update: (node, row) => (row.message ? this.fill(node, row) : node.replaceChildren(...divider(row).childNodes)),
    });
    if (moved) this.stuck = true;
    this.settle();
  }

  frame(message) {
    const node = h("article", {
      class: "message",
      tabindex: "-1",
      "data-testid": this.inThread ? `thread-message-${message.ts}` : `message-${message.ts}`,
      "data-ts": message.ts,
    });
    node.parts = {
      side: h("div", { class: "side" }),
      head: h("div", { class: "head" }),
      note: h("div", { class: "note" }),
      body: h("div", { class: "blocks" }),
      foot: h("div", { class: "foot" }),
      tools: h("div", { class: "tools" }),
    };
    const { side, head, note, body, foot, tools } = node.parts;
    node.append(note, side, h("div", { class: "main" }, head, body, foot), tools);
    return node;
  }

  fill(node, { message, joined }) {
    const { side, head, note, body, foot, tools } = node.parts;
    const { reader } = this.app;
    const author = reader.people.get(message.user);
    const at = Number(message.ts);
    const time = h(
      "time",
      {
        class: "at",
        datetime: new Date(at * 1000).toISOString(),
        title: `${dayName(at, reader.now, reader.zone)} at ${timeOfDay(at, reader.zone)}`,
      },
      timeOfDay(at, reader.zone),
    );
    node.classList.toggle("joined", Boolean(joined));
    node.classList.toggle("ephemeral", Boolean(message.is_ephemeral));
    node.setAttribute("aria-label", `${author?.name ?? "Slackbot"}, ${timeOfDay(at, reader.zone)}`);
    note.replaceChildren(...(message.is_ephemeral ? [icon("eye"), "Only visible to you"] : []));
    side.replaceChildren(joined ? time : avatar(author));
    head.replaceChildren(
      ...(joined ? [] : [
        h("span", { class: "author" }, author?.name ?? "Slackbot"),
        author?.is_bot ? h("span", { class: "badge app" }, "App") : null,
        time,
      ].filter(Boolean))
    );
    this.fillBody(body, message);
    this.fillFoot(foot, message);
    if (!tools.childElementCount) tools.append(...this.tools(message));
    node.message = message;
    return node;
  }

  fillBody(body, message) {
    const form = this.forms.get(message.ts) ?? new Form();
    this.forms.set(message.ts, form);
    const channel = this.channel.id;
    const ctx = {
      reader: this.app.reader, form, parts: MESSAGE_PARTS,
      act: (block, spec, state) => this.app.attempt("press", {
        channel,
        ts: message.ts,
        block: block.block_id,
        action: spec.action_id,
        chosen: chosen(spec, state),
      }),
      look: (block, spec, typed) => this.app.suggest(`${channel}/${message.ts}`, block, spec, typed),
    };
    const said = message.blocks?.length ? message.blocks : [{ type: "said", block_id: "said", text: message.text }];
    showBlocks(body, [...said, ...(message.attachments ?? []).map(
      (attachment, place) => ({ type: "attachment", block_id: `attachment-${place}`, attachment }),
    ),
      ...(message.files ?? []).map(
        (file) => ({ type: "file", block_id: `file-${file.id}`, file }),
      ), ...(message.edited && !message.bot_id ? [{ type: "edited", block_id: "edited" }] : [])], ctx);
  }

  fillFoot(foot, message) {
    if (this.inThread || !message.reply_count || message.subtype === "thread_broadcast") return foot.replaceChildren();
    const { reader } = this.app;
    const count = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
    return foot.replaceChildren(h("button", {
      class: "bare thread-line",
      type: "button",
      "data-testid": `thread-of-${message.ts}`,
      onclick: () => this.app.openThread(message.ts),
    },
      ...(message.reply_users ?? []).slice(0, 4).map((id) => avatar(reader.people.get(id), "small")), h("strong", {}, count), h(
        "span",
        { class: "quiet" },
        `last reply ${ago(Number(message.latest_reply), reader.now)}`,
      )));
  }

  tools(message) {
    if (message.is_ephemeral || message.subtype === "tombstone") return [];
    const open = () => closeMenuOf(more) || menuAt(more, "Message actions", this.actions(message), { alignEnd: true });
    const tool = (label, sign, onclick, attributes = {}) => h(
      "button",
      { class: "bare", type: "button", "aria-label": label, title: label, onclick, ...attributes },
      icon(sign),
    );
    const more = tool("More actions", "more", open, {
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-testid": `more-${message.ts}`,
    });
    const reply = () => this.app.openThread(message.thread_ts ?? message.ts);
    return this.inThread ? [more] : [tool("Reply in thread", "reply", reply), more];
  }

  actions(message) {
    const shortcuts = this.app.shortcuts.filter((shortcut) => shortcut.type === "message");
    return [
      ...(shortcuts.length ? [{ heading: this.app.bot.name }] : []),
      ...shortcuts.map((shortcut) => ({
        label: [shortcut.name],
        detail: shortcut.description ? [shortcut.description] : null,
        testid: `message-shortcut-${shortcut.callback_id}`,
        run: () => this.app.attempt("shortcut", { callback: shortcut.callback_id, channel: this.channel.id, ts: message.ts }),
      })),
      { heading: "Message" },
      { label: ["Copy link to this screen"], run: () => this.app.address.copyLink(message) },
    ];
  }
}

// Somebody's messages within a few minutes stand under one name; the app's cards each have their own.
function inOneBreath(before, message) {
  const plain = (one) => !one.bot_id && !one.is_ephemeral && !one.reply_count;
  return before.user === message.user && plain(before) && !message.is_ephemeral && Number(message.ts) - Number(before.ts) < TOGETHER_S;
}

function agesByTheMinute(message) {
  return message && (message.reply_count || /_pretty|\{ago\}/.test(JSON.stringify(message.blocks ?? message.text)));
}

function divider(row) {
  if (row.intro) return row.intro();
  if (row.day) return h("div", { class: "day", role: "separator", "aria-label": row.day }, h("span", {}, row.day));
  if (row.replies) return h("div", { class: "day replies", role: "separator" }, h(
    "span",
    {},
    `${row.replies} ${row.replies === 1 ? "reply" : "replies"}`,
  ));
  return h("div", { class: "day new", role: "separator", "aria-label": "New messages" }, h("span", {}, "New"));
}

/** Parts of a message that are no blocks: plain text, attachments, files. */
export const MESSAGE_PARTS = {
  said: (block, ctx) => h("div", { class: "section" }, h("div", { class: "text" }, ...mrkdwn(block.text ?? "", ctx.reader))),
  edited: () => h("span", { class: "quiet edited" }, "(edited)"),
  attachment: ({ attachment }, ctx) => {
    const bar = h("div", { class: "attachment" });
    if (/^#?[0-9a-f]{6}$/i.test(attachment.color ?? "")) bar.style.borderLeftColor = `#${attachment.color.replace("#", "")}`;
    const inner = h("div", { class: "blocks" });
    if (attachment.blocks) showBlocks(inner, attachment.blocks, ctx);
    else inner.append(
      ...[
        attachment.pretext,
        attachment.title && `*${attachment.title}*`,
        attachment.text ?? attachment.fallback,
      ].filter(Boolean).map((text) => h("div", { class: "text" }, ...mrkdwn(text, ctx.reader)))
    );
    bar.append(inner);
    return bar;
  },
  file: ({ file }, ctx) => {
    const url = ctx.reader.fileUrl(file.id);
    if (/\.(png|jpe?g|gif|webp)$/i.test(file.name)) {
      return h(
        "figure",
        {},
        h("figcaption", {}, file.title || file.name),
        h(
          "a",
          { href: url, target: "_blank", rel: "noopener" },
          picture({ slack_file: { id: file.id }, alt_text: file.alt_txt || file.title || file.name }, ctx.reader, "picture"),
        ),
      );
    }
    return h("a", { class: "file", href: url, download: file.name }, icon("link"), h("span", {}, file.title || file.name));
  },
};
