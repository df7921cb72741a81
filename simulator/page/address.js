// The address bar: it always leads back to the screen that is shown. And links that lead to messages.

import { toast } from "./dom.js";

export class Address {
  constructor(app) {
    this.app = app;
  }

  /** The address always leads back to this screen; names in it, so that people can write it. */
  write(state) {
    const me = this.app.reader.people.get(this.app.me);
    const query = new URLSearchParams({ as: me.name });
    if (this.app.channel) query.set("channel", this.app.channel.kind === "im" ? `@${this.app.bot.name}` : this.app.channel.name);
    if (state.thread) query.set("thread", state.thread.ts);
    if (state.tab === "home" && this.app.channel?.kind === "im") query.set("tab", "home");
    const address = `?${query.toString().replaceAll("%40", "@")}`;
    const isStep = this.arrived && !this.keep;
    this.arrived = true;
    this.keep = false;
    if (address === location.search) return;
    if (isStep) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }

  async copyLink(message) {
    const link = new URL(location.href);
    const parent = message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : null;
    if (parent) link.searchParams.set("thread", parent);
    try {
      await navigator.clipboard.writeText(link.href);
      toast("Link copied");
    } catch {
      toast(link.href);
    }
  }

  // A permalink of this workspace leads to its place in this page.
  followPermalink(event) {
    const anchor = event.target.closest?.("a[href]");
    const found = anchor && /^https:\/\/([\w-]+)\.slack\.com\/archives\/(\w+)\/p(\d{10})(\d{6})/.exec(anchor.href);
    if (!found || found[1] !== this.app.workspace?.domain) return;
    event.preventDefault();
    const [, , channel, seconds, rest] = found;
    if (!this.app.reader.channels.has(channel)) return toast("You can't see the channel that this link leads to.", { alarm: true });
    const ts = new URL(anchor.href).searchParams.get("thread_ts");
    this.spotlight = `${seconds}.${rest}`;
    this.app.go({ channel, thread: ts, tab: "messages" });
  }

  /** Shows the message that a link led to, once its channel has come. */
  light() {
    const node = this.spotlight && document.querySelector(
      `#thread:not([hidden]) [data-ts="${this.spotlight}"], #messages:not([hidden]) [data-ts="${this.spotlight}"]`,
    );
    if (!node) return;
    this.spotlight = null;
    node.scrollIntoView({ block: "center" });
    node.classList.add("flash");
    node.addEventListener("animationend", () => node.classList.remove("flash"), { once: true });
    node.focus({ preventScroll: true });
  }
}

/** Where the address leads: {as, channel, thread, tab}, names as people write them. */
export function placeInAddress() {
  const query = new URLSearchParams(location.search);
  return { as: query.get("as"), channel: query.get("channel"), thread: query.get("thread"), tab: query.get("tab"), asked: 0 };
}
