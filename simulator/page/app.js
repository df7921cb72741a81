// The page: what is shown, from what the simulator sends, and where people's doings go.

import { Address, placeInAddress } from "./address.js";
import { ClockControl } from "./clock.js";
import { Composer } from "./composer.js";
import { h, icon, toast } from "./dom.js";
import { HomeTab } from "./home.js";
import { MessageList } from "./messages.js";
import { ModalStack } from "./modals.js";
import { PersonSwitch } from "./people.js";
import { avatar } from "./pieces.js";
import { Sidebar } from "./sidebar.js";
import { isoDate } from "./times.js";
import { Wire } from "./wire.js";

const at = (id) => document.getElementById(id);

class App {
  constructor() {
    this.reader = {
      people: new Map(),
      channels: new Map(),
      zone: "UTC",
      now: 0,
      me: null,
      print: "",
      fileUrl: (id) => `/page/files/${id}`,
      openChannel: (id) => this.openChannel(id),
    };
    this.commands = [];
    this.builtIn = [];
    this.shortcuts = [];
    this.bot = { id: "", name: "" };
    this.newSince = null;
    this.person = new PersonSwitch(this);
    this.clock = new ClockControl(this);
    this.address = new Address(this);
    this.sidebar = new Sidebar(this, at("places"));
    this.list = new MessageList(this, at("messages"));
    this.thread = new MessageList(this, at("thread-messages"), { inThread: true });
    this.home = new HomeTab(this, at("home"));
    this.modals = new ModalStack(this);
    this.composer = new Composer(this, { testid: "composer", label: "Message", send: (text) => this.say(text, null) });
    this.replier = new Composer(this, {
      testid: "thread-composer",
      label: "Reply in thread",
      send: (text) => this.say(text, this.want.thread),
      inThread: true,
    });
    at("clock").replaceWith(this.clock.root);
    at("person").replaceWith(this.person.button);
    at("composer").append(this.composer.root);
    at("thread-composer").append(this.replier.root);
    at("drawer-open").append(icon("menu"));
    at("thread-close").append(icon("close"));
    at("drawer-open").addEventListener("click", () => this.drawer(!document.body.classList.contains("drawer")));
    at("veil").addEventListener("click", () => this.drawer(false));
    at("thread-close").addEventListener("click", () => this.openThread(null));
    at("tab-home").addEventListener("click", () => this.go({ tab: "home", thread: null }));
    at("tab-messages").addEventListener("click", () => this.go({ tab: "messages" }));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("click", (event) => this.address.followPermalink(event));
    addEventListener("popstate", () => {
      this.address.keep = true;
      this.go(placeInAddress());
    });
    this.want = placeInAddress();
    this.wire = new Wire({ state: (state) => this.show(state), connected: (is) => at("offline").toggleAttribute("hidden", is) });
    this.wire.look(this.want);
  }

  /** Takes a whole new state and shows what has changed. */
  show(state) {
    if (state.type === "clock") {
      this.reader.now = state.now;
      this.reader.minute = Math.floor(state.now / 60);
      this.clock.show(state.clock_moves);
      return;
    }
    // An answer to an older question: the one to the newest is on its way.
    if (state.asked !== this.want.asked) return;
    const me = state.people.find((person) => person.id === state.me);
    Object.assign(this.reader, {
      people: new Map(state.people.map((person) => [person.id, person])),
      channels: new Map(state.channels.map((channel) => [channel.id, channel])),
      me: state.me, zone: me.tz, now: state.now, minute: Math.floor(state.now / 60),
    });
    // Nodes that name people, channels or dates are drawn again when these change.
    this.reader.print = JSON.stringify([
      state.me,
      me.tz,
      isoDate(state.now, me.tz),
      state.people.map((person) => [person.id, person.name]),
      state.channels.map((channel) => [channel.id, channel.name]),
    ]);
    Object.assign(this, {
      me: state.me,
      bot: state.bot,
      commands: state.commands,
      builtIn: state.built_in,
      shortcuts: state.shortcuts,
      workspace: state.workspace,
      channel: this.reader.channels.get(state.channel) ?? null,
    });
    if (state.problem) toast(state.problem, { alarm: true });
    if (state.fresh) this.newSince = state.read_before;
    at("team-name").textContent = at("side-team").textContent = state.workspace.name;
    this.person.show();
    this.clock.show(state.clock_moves);
    this.sidebar.show();
    this.showChannel(state);
    this.showThread(state);
    this.address.light();
    this.modals.show(state.modals);
    this.address.write(state);
    document.body.dataset.ready = "true";
    const news = state.channels.reduce((sum, channel) => sum + channel.news, 0);
    document.title = `${news ? `(${news}) ` : ""}${this.channel ? this.channelName(this.channel) : "…"} · ${state.workspace.name}`;
  }

  showChannel(state) {
    const { channel } = this;
    const isIm = channel?.kind === "im";
    const onHome = isIm && state.tab === "home";
    at("tabs").hidden = !isIm || !this.bot.home;
    at("tab-home").setAttribute("aria-selected", String(onHome));
    at("tab-messages").setAttribute("aria-selected", String(isIm && !onHome));
    at("home").hidden = !onHome;
    at("messages").hidden = onHome;
    at("composer").hidden = onHome;
    this.showHead(channel);
    if (onHome) return this.home.show(state.home);
    if (!channel) return this.list.show("none", { id: "" }, []);
    const place = `${this.me} ${channel.id}`;
    this.list.show(place, channel, state.messages, { newSince: this.newSince, intro: () => this.intro(channel) });
    this.composer.place(place, isIm ? `Message ${this.bot.name}` : `Message #${channel.name}`);
    this.showClosed(channel);
  }

  showHead(channel) {
    if (!channel) return [at("channel-name"), at("channel-about")].forEach((node) => node.replaceChildren());
    const isIm = channel.kind === "im";
    const sign = channel.is_archived ? "archive" : channel.is_private ? "lock" : "hash";
    at("channel-name").replaceChildren(
      isIm ? avatar(this.reader.people.get(this.bot.id), "small") : icon(sign),
      h("span", {}, isIm ? this.bot.name : channel.name),
    );
    at("channel-about").replaceChildren(
      ...(isIm
        ? [h("span", { class: "badge app" }, "App")]
        : [icon("people"), String(channel.members), h("span", { class: "sr" }, " members")]),
    );
  }

  /** Where one can't write, why, and what to do about it. */
  showClosed(channel) {
    const isIm = channel.kind === "im";
    const [why, mend] = isIm
      ? [this.bot.takes_messages ? null : `Sending messages to ${this.bot.name} is turned off.`, null]
      : channel.is_archived
        ? ["This channel is archived.", ["unarchive", "Unarchive"]]
        : [channel.is_member ? null : `You are looking at #${channel.name} from outside.`, ["join", "Join channel"]];
    at("composer").classList.toggle("closed", Boolean(why));
    at("outside").hidden = !why;
    if (!why) return;
    const [verb, label] = mend ?? [];
    const press = () => this.attempt(verb, { channel: channel.id });
    at("outside").replaceChildren(
      h("span", {}, why),
      ...(mend ? [h("button", { class: "button primary", type: "button", "data-testid": verb, onclick: press }, label)] : []),
    );
  }

  showThread(state) {
    const open = Boolean(state.thread && this.channel);
    const was = !at("thread").hidden;
    at("thread").hidden = !open;
    document.body.classList.toggle("threaded", open);
    if (!open) return;
    at("thread-where").textContent = this.channelName(this.channel);
    this.thread.show(`${this.me} ${this.channel.id} ${state.thread.ts}`, this.channel, state.thread.messages);
    this.replier.place(`${this.me} ${this.channel.id} ${state.thread.ts}`, "Reply…");
    at("thread-composer").classList.toggle("closed", this.channel.is_archived || !this.channel.is_member);
    if (!was && this.focusThread) this.replier.input.focus({ preventScroll: true });
    this.focusThread = false;
  }

  intro(channel) {
    if (channel.kind === "im") {
      return h(
        "div",
        { class: "intro" },
        avatar(this.reader.people.get(this.bot.id), "large"),
        h("h2", {}, this.bot.name),
        h("p", {}, `Messages between you and ${this.bot.name}. Nobody else sees them.`),
      );
    }
    return h(
      "div",
      { class: "intro" },
      h("h2", {}, icon(channel.is_private ? "lock" : "hash"), channel.name),
      h("p", {}, channel.is_private ? "A private channel. Only its members see it." : "A channel that everyone in the workspace can join."),
    );
  }

  channelName(channel) {
    return channel.kind === "im" ? this.bot.name : `#${channel.name}`;
  }

  // -- going places

  go(change) {
    this.want = { ...this.want, ...change, asked: this.want.asked + 1 };
    this.wire.look(this.want);
  }

  actAs(id) {
    this.go({ as: id, channel: this.channel?.kind === "im" ? "@bot" : this.channel?.id, thread: null });
  }

  openChannel(id) {
    this.drawer(false);
    const { kind } = this.reader.channels.get(id);
    this.go({ channel: id, thread: null, tab: kind === "im" ? this.want.tab ?? "messages" : null });
  }

  openThread(ts) {
    this.focusThread = Boolean(ts);
    this.go({ thread: ts });
    if (!ts) this.composer.input.focus();
  }

  drawer(open) {
    document.body.classList.toggle("drawer", open);
    at("drawer-open").setAttribute("aria-expanded", String(open));
    if (open) (at("places").querySelector(".here") ?? at("places").querySelector("button"))?.focus();
  }

  // -- doing things

  act(verb, body) {
    return this.wire.act(verb, { as: this.me, ...body });
  }

  /** Does something outside a form; what went wrong is said in passing. */
  async attempt(verb, body) {
    try {
      await this.act(verb, body);
    } catch (refused) {
      toast(
        refused.kind === "not_acknowledged" ? `${this.bot.name} didn't answer within 3 seconds. Try again?` : refused.message,
        { alarm: true },
      );
    }
  }

  say(text, thread) {
    return this.act("say", { channel: this.channel.id, text, thread });
  }

  async suggest(where, block, spec, typed) {
    const { options } = await this.act("suggest", { where, block: block.block_id, action: spec.action_id, typed });
    return options.length && options[0].options ? { option_groups: options } : { options };
  }

  key(event) {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    if (document.body.classList.contains("drawer")) {
      this.drawer(false);
      at("drawer-open").focus();
    } else if (!at("thread").hidden) this.openThread(null);
  }
}

new App();
