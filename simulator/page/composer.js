// Where people type: messages, slash commands with their completion, @people and #channels.

import { h, icon } from "./dom.js";
import { closeMenuOf, menuAt, PopList } from "./listbox.js";
import { avatar } from "./pieces.js";

export class Composer {
  /** `send(text)` resolves when it was taken; until then, and when it throws, the text stays. */
  constructor(app, { testid, label, send, inThread = false }) {
    Object.assign(this, { app, send, inThread });
    this.drafts = new Map();
    this.input = h("textarea", {
      rows: 1, "aria-label": label, "aria-autocomplete": "list", "aria-haspopup": "listbox", "data-testid": testid, autocomplete: "off",
      oninput: () => this.complete(), onkeydown: (event) => this.key(event), onblur: () => this.list.hide(), onclick: () => this.complete(),
    });
    this.list = new PopList({
      anchor: this.input,
      label: "Suggestions",
      className: "suggestions",
      frame: () => this.input.parentElement,
      pick: (option) => this.take(option),
    });
    this.button = h(
      "button",
      {
        class: "send",
        type: "button",
        "aria-label": "Send",
        title: "Send",
        disabled: true,
        "data-testid": `${testid}-send`,
        onclick: () => this.submit(),
      },
      icon("send"),
    );
    this.bolt = inThread ? null : h("button", {
      class: "bare round bolt",
      type: "button",
      "aria-label": "Shortcuts",
      title: "Shortcuts",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-testid": "shortcuts",
      onclick: () => closeMenuOf(this.bolt) || menuAt(this.bolt, "Shortcuts", this.shortcuts()),
    }, icon("bolt"));
    this.problem = h("div", { class: "composer-problem", role: "alert", hidden: true });
    this.root = h("div", { class: "composer-frame" }, this.problem,
      h("div", { class: "composer" }, this.bolt, this.input, this.button, this.list.box),
      h(
        "div",
        { class: "composer-hint quiet", "aria-hidden": "true" },
        inThread ? "Commands don't work in threads. Use a message's ⋯ menu." : h("span", {}, "Type ", h("kbd", {}, "/"), " for commands"),
      ));
  }

  /** Each place and person has a draft of its own. */
  place(key, placeholder) {
    if (key === this.where) return;
    if (this.where) this.drafts.set(this.where, this.input.value);
    this.where = key;
    this.input.value = this.drafts.get(key) ?? "";
    this.input.placeholder = placeholder;
    this.say(null);
    this.list.hide();
    this.grow();
  }

  shortcuts() {
    const { app } = this;
    const global = app.shortcuts.filter((shortcut) => shortcut.type === "global");
    return [
      ...(global.length ? [{ heading: "Shortcuts" }] : []),
      ...global.map((shortcut) => ({
        label: [shortcut.name], detail: shortcut.description ? [shortcut.description] : null, testid: `shortcut-${shortcut.callback_id}`,
        run: () => app.attempt("shortcut", { callback: shortcut.callback_id }),
      })),
      ...(app.commands.length ? [{ heading: "Commands" }] : []),
      ...app.commands.map(
        (command) => ({
          label: [h("code", {}, command.command)],
          detail: [command.description ?? ""],
          run: () => this.begin(`${command.command} `),
        }),
      ),
    ];
  }

  begin(text) {
    this.input.value = text;
    this.input.focus();
    this.complete();
  }

  complete() {
    this.say(null);
    this.grow();
    const before = this.input.value.slice(0, this.input.selectionStart);
    const options = this.suggestions(before);
    if (options?.length) this.list.show(options, { active: 0 });
    else this.list.hide();
  }

  suggestions(before) {
    if (!this.inThread && /^\/\S*$/.test(before)) {
      return [
        ...this.app.commands,
        ...(this.app.channel?.kind === "im" ? [] : this.app.builtIn)
      ].filter(({ command }) => command.startsWith(before.toLowerCase())).map((command) => ({
        value: command.command, insert: `${command.command} `, from: 0,
        label: [h("code", {}, command.command), " ", h("span", { class: "usage" }, command.usage_hint ?? "")],
        group: this.app.builtIn.includes(command) ? "Built in" : this.app.bot.name,
        detail: [command.description ?? ""],
        testid: `command-${command.command.slice(1)}`,
      }));
    }
    const [, mark, typed] = /(?:^|\s)([@#])([\p{L}\p{N}._-]*)$/u.exec(before) ?? [];
    if (!mark) return null;
    const from = before.length - typed.length - 1;
    const { reader } = this.app;
    const starts = (name) => name.toLowerCase().startsWith(typed.toLowerCase());
    if (mark === "@") {
      return [...reader.people.values()].filter((person) => !person.deleted && starts(person.name)).slice(0, 12)
        .map(
          (person) => ({
            value: person.id,
            insert: `@${person.name} `,
            from,
            label: [avatar(person, "small"), " ", person.name],
            detail: person.real_name !== person.name ? [person.real_name] : null,
          }),
        );
    }
    return [...reader.channels.values()].filter((channel) => channel.kind !== "im" && starts(channel.name)).slice(0, 12)
      .map((channel) => ({ value: channel.id, insert: `#${channel.name} `, from, label: [`#${channel.name}`] }));
  }

  take(option) {
    const after = this.input.value.slice(this.input.selectionStart);
    const start = this.input.value.slice(0, option.from) + option.insert;
    this.input.value = start + after.replace(/^ /, "");
    this.input.setSelectionRange(start.length, start.length);
    this.list.hide();
    this.grow();
  }

  key(event) {
    if (event.isComposing) return;
    if (this.list.isOpen && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey) {
      const option = this.list.options[this.list.active];
      // A whole command needs no completion: Enter sends it.
      if (!(event.key === "Enter" && option?.value === this.input.value)) {
        event.preventDefault();
        this.list.choose();
        return;
      }
    }
    if (this.list.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    }
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text || this.busy) return;
    this.list.hide();
    this.say(null);
    this.busy = true;
    this.button.setAttribute("aria-busy", "true");
    const where = this.where;
    this.input.value = "";
    this.grow();
    try {
      await this.send(text);
    } catch (refused) {
      // Nothing that was typed is lost: it comes back, unless something new stands there.
      if (this.where === where && !this.input.value) this.input.value = text;
      else this.drafts.set(where, text);
      this.say(
        refused.kind === "not_acknowledged"
          ? `${text.split(" ")[0]} failed: ${this.app.bot.name} didn't answer within 3 seconds.`
          : refused.message,
      );
      this.grow();
    } finally {
      this.busy = false;
      this.button.removeAttribute("aria-busy");
    }
  }

  say(message) {
    this.problem.textContent = message ?? "";
    this.problem.hidden = !message;
  }

  grow() {
    this.button.disabled = !this.input.value.trim();
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 200)}px`;
  }
}
