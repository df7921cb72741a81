// The confirm dialog of an element (`confirm` object).

import { h } from "./dom.js";
import { plainText } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

/** Asks; true when the person confirmed. */
export function confirmed(spec, reader) {
  return new Promise((resolve) => {
    const words = (text) => (text.type === "mrkdwn" ? mrkdwn(text.text, reader) : plainText(text.text));
    const dialog = h("dialog", { class: "modal confirm", "data-testid": "confirm", "aria-labelledby": "confirm-title", onclose: () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    } },
    h("header", { class: "modal-head" }, h("h2", { id: "confirm-title" }, ...plainText(spec.title.text))),
    h("div", { class: "modal-body" }, h("p", {}, ...words(spec.text))),
    h("footer", { class: "modal-foot" },
      h(
        "button",
        { class: "button plain", type: "button", "data-testid": "confirm-no", onclick: () => dialog.close("no") },
        ...plainText(spec.deny?.text ?? "Cancel")
      ),
      h(
        "button",
        {
          class: `button ${spec.style === "danger" ? "danger solid" : "primary"}`,
          type: "button",
          "data-testid": "confirm-yes",
          autofocus: true,
          onclick: () => dialog.close("yes"),
        },
        ...plainText(spec.confirm?.text ?? "Yes")
      )));
    document.body.append(dialog);
    dialog.showModal();
  });
}
