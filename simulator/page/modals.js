// The stack of modals: the top one is shown, the ones below keep what was typed.

import { complaint, showBlocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { Form } from "./form.js";
import { plainText } from "./emoji.js";

const TROUBLE = "We had some trouble connecting. Try again?";

export class ModalStack {
  /** `app`: {reader, act(verb, body)}. */
  constructor(app) {
    this.app = app;
    this.open = new Map();
    this.top = null;
  }

  /** Shows a stack as the server describes it: [{view, typed, errors}], the lowest first. */
  show(stack) {
    const ids = new Set(stack.map(({ view }) => view.id));
    for (const [id, modal] of this.open) {
      if (ids.has(id)) continue;
      modal.leave();
      this.open.delete(id);
    }
    for (const entry of stack) {
      const known = this.open.get(entry.view.id);
      if (known) known.update(entry);
      else this.open.set(entry.view.id, new Modal(this.app, entry));
    }
    const top = stack.length ? this.open.get(stack.at(-1).view.id) : null;
    if (this.top !== top) this.top?.dialog.close();
    this.top = top;
    top?.enter(stack.length);
  }
}

class Modal {
  constructor(app, entry) {
    this.app = app;
    this.form = new Form(structuredClone(entry.typed ?? {}));
    this.errors = new Map(Object.entries(entry.errors ?? {}));
    this.title = h("h2", { id: `title-${entry.view.id}` });
    this.body = h("div", { class: "modal-body blocks" });
    this.trouble = h("div", { class: "trouble", role: "alert", hidden: true, "data-testid": "modal-trouble" });
    this.back = h(
      "button",
      {
        class: "bare round",
        type: "button",
        "aria-label": "Back to the form before",
        "data-testid": "modal-back",
        onclick: () => this.dismiss(),
      },
      icon("back"),
    );
    this.submitButton = h("button", { class: "button primary", type: "submit", "data-testid": "submit" });
    this.closeButton = h("button", { class: "button plain", type: "button", "data-testid": "modal-close", onclick: () => this.dismiss() });
    this.dialog = h("dialog", { class: "modal", "data-testid": "modal", "aria-labelledby": this.title.id, oncancel: (event) => {
      event.preventDefault();
      if (event.target === this.dialog) this.dismiss();
    } },
    h("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.submit();
    } },
    h("header", { class: "modal-head" }, this.back, this.title,
      h(
        "button",
        { class: "bare round", type: "button", "aria-label": "Close", "data-testid": "modal-x", onclick: () => this.dismiss() },
        icon("close"),
      )),
    this.body, this.trouble,
    h("footer", { class: "modal-foot" }, this.closeButton, this.submitButton)));
    // Slack's client sends a form with Ctrl+Enter from a multi-line field.
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.submit();
    });
    this.dialog.addEventListener("focusout", () => this.keepTyped());
    document.body.append(this.dialog);
    this.update(entry);
  }

  update({ view, errors }) {
    this.view = view;
    this.title.replaceChildren(...plainText(view.title.text));
    this.submitButton.hidden = !view.submit;
    this.submitButton.replaceChildren(...plainText(view.submit?.text ?? "Submit"));
    this.closeButton.replaceChildren(...plainText(view.close?.text ?? (this.submitButton.hidden ? "Close" : "Cancel")));
    if (errors && !this.busy && JSON.stringify(errors) !== this.lastErrors) {
      this.lastErrors = JSON.stringify(errors);
      this.errors = new Map(Object.entries(errors));
    }
    showBlocks(this.body, view.blocks, {
      reader: this.app.reader, form: this.form, errors: this.errors,
      act: (block, spec, state) => this.press(block, spec, state),
      look: (block, spec, typed) => this.app.suggest(view.id, block, spec, typed),
      touched: (block) => this.mark(block.block_id, null),
    });
  }

  enter(depth) {
    this.back.hidden = depth < 2;
    if (this.dialog.open) return;
    this.dialog.showModal();
    const wanted = this.view.blocks.map((block) => [block, block.element]).find(([, spec]) => spec?.focus_on_load);
    const first = wanted ? this.body.querySelector(
      `[data-focus="${CSS.escape(`${wanted[0].block_id}/${wanted[1].action_id}`)}"]`,
    ) : this.body.querySelector("input:not([type=file]), textarea, .button");
    (first ?? (this.submitButton.hidden ? this.closeButton : this.submitButton)).focus();
  }

  leave() {
    this.dialog.close();
    this.dialog.remove();
  }

  /** Tells the simulator what stands in the form, so that a reload or an update by the app finds it. */
  keepTyped() {
    const typed = JSON.stringify(this.form.values);
    if (typed === this.kept || this.busy || this.app.modals.top !== this) return;
    this.kept = typed;
    this.app.act("typed", { view: this.view.id, values: this.form.values }).catch(() => {
      this.kept = null;
    });
  }

  mark(blockId, message) {
    if (message) this.errors.set(blockId, message);
    else this.errors.delete(blockId);
    [...this.body.children].find((node) => node.dataset.block === blockId)?.showError?.(message);
  }

  showErrors(fields) {
    for (const block of this.view.blocks) this.mark(block.block_id, fields[block.block_id] ?? null);
    this.body.querySelector(".field.wrong")?.querySelector("input, textarea")?.focus();
  }

  say(message) {
    this.trouble.replaceChildren(...(message ? [icon("warn"), h("span", {}, message)] : []));
    this.trouble.hidden = !message;
  }

  async submit() {
    if (this.busy || this.submitButton.hidden) return;
    this.say(null);
    const fields = {};
    for (const block of this.view.blocks.filter(({ type }) => type === "input")) {
      const wrong = complaint(block, this.form.get(block, block.element));
      if (wrong) fields[block.block_id] = wrong;
    }
    this.showErrors(fields);
    if (Object.keys(fields).length) return;
    this.working(true);
    try {
      await this.app.act("submit", { view: this.view.id, values: this.form.values });
    } catch (refused) {
      if (refused.kind === "form_errors") this.showErrors(refused.fields);
      else this.say(refused.kind === "not_acknowledged" ? TROUBLE : refused.message);
    } finally {
      this.working(false);
    }
  }

  async press(block, spec, state) {
    this.say(null);
    try {
      await this.app.act("press", {
        view: this.view.id,
        block: block.block_id,
        action: spec.action_id,
        chosen: chosen(spec, state),
        values: this.form.values,
      });
    } catch (refused) {
      this.say(refused.kind === "not_acknowledged" ? TROUBLE : refused.message);
    }
  }

  async dismiss() {
    try {
      await this.app.act("dismiss", { view: this.view.id });
    } catch (refused) {
      this.say(refused.message);
    }
  }

  working(busy) {
    this.busy = busy;
    this.submitButton.setAttribute("aria-busy", String(busy));
  }
}

/** What a press sends beside the element's name: nothing for a button, the new state without its type for the rest. */
export function chosen(spec, state) {
  if (spec.type === "button") return null;
  const { type: _, ...rest } = state;
  return rest;
}
