// The App Home tab.

import { showBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { Form } from "./form.js";
import { chosen } from "./modals.js";

export class HomeTab {
  constructor(app, root) {
    Object.assign(this, { app, root });
    this.blocks = h("div", { class: "blocks home-blocks" });
    root.append(this.blocks);
  }

  show(view) {
    if (!view) {
      this.blocks.replaceChildren(
        h(
          "div",
          { class: "empty", "data-key": "empty" },
          h("p", {}, `${this.app.bot.name} hasn't published a Home for you yet.`),
          h("p", { class: "quiet" }, "It appears here as soon as it does."),
        ),
      );
      return;
    }
    const owner = `${this.app.reader.me} ${view.id}`;
    if (this.owner !== owner) {
      this.owner = owner;
      this.form = new Form();
      this.blocks.replaceChildren();
    }
    showBlocks(this.blocks, view.blocks, {
      reader: this.app.reader, form: this.form,
      act: (block, spec, state) => this.app.attempt("press", {
        view: view.id,
        block: block.block_id,
        action: spec.action_id,
        chosen: chosen(spec, state),
        values: this.form.values,
      }),
      look: (block, spec, typed) => this.app.suggest(view.id, block, spec, typed),
    });
  }
}
