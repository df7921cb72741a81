// The list of channels and direct messages, and the app's own place.

import { h, icon } from "./dom.js";
import { avatar } from "./pieces.js";

export class Sidebar {
  constructor(app, root) {
    Object.assign(this, { app, root });
    // Up and down walk the list, as in every list here.
    root.addEventListener("keydown", (event) => {
      const rows = [...root.querySelectorAll("button.place")];
      const at = rows.indexOf(document.activeElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      rows[Math.max(0, Math.min(to, rows.length - 1))].focus();
    });
  }

  show() {
    const { app } = this;
    const channels = [...app.reader.channels.values()];
    const im = channels.find((channel) => channel.kind === "im");
    const rooms = channels.filter((channel) => channel.kind !== "im").sort((one, other) => one.name.localeCompare(other.name));
    const joined = rooms.filter((channel) => channel.is_member && !channel.is_archived);
    const others = rooms.filter((channel) => !channel.is_member && !channel.is_archived);
    const archived = rooms.filter((channel) => channel.is_archived);
    const print = JSON.stringify([channels, app.channel?.id, app.bot, app.me]);
    if (print === this.print) return;
    this.print = print;
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
    this.root.replaceChildren(
      ...group("Channels", joined.map((channel) => this.row(channel))),
      ...group("Direct messages & apps", im ? [this.row(im)] : []),
      ...group("Not joined", others.map((channel) => this.row(channel))),
      ...group("Archived", archived.map((channel) => this.row(channel))),
    );
    if (focused) this.root.querySelector(`[data-channel="${focused}"]`)?.focus();
  }

  row(channel) {
    const { app } = this;
    const isIm = channel.kind === "im";
    const name = isIm ? app.bot.name : channel.name;
    const here = app.channel?.id === channel.id;
    const sign = isIm ? avatar(app.reader.people.get(app.bot.id), "small") : icon(
      channel.is_archived ? "archive" : channel.is_private ? "lock" : "hash",
    );
    const told = channel.news ? `, ${channel.news} new for you` : channel.unread ? ", unread" : "";
    return h("button", {
      class: [
        "place",
        here ? "here" : "",
        channel.unread || channel.news ? "unread" : "",
        channel.is_member ? "" : "outside",
      ].join(" ").trim(),
      type: "button",
      "aria-current": here ? "page" : null,
      "aria-label": `${isIm ? "" : channel.is_private ? "private channel " : "channel "}${name}${told}`,
      "data-channel": channel.id,
      "data-testid": isIm ? "dm-bot" : `channel-${name}`,
      onclick: () => app.openChannel(channel.id),
    }, h("span", { class: "sign" }, sign), h("span", { class: "place-name" }, name), channel.news ? h(
      "span",
      { class: "count-badge" },
      String(channel.news),
    ) : null);
  }
}

function group(title, rows) {
  return rows.length ? [
    h("h2", { class: "side-title" }, title),
    h("div", { class: "side-group", role: "group", "aria-label": title }, ...rows),
  ] : [];
}
