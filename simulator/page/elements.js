// Block elements: buttons, menus, choices, fields. What is chosen is kept in `ctx.form`.

import { confirmed } from "./confirm.js";
import { freshId, h, icon } from "./dom.js";
import { plainText } from "./emoji.js";
import { changed, focusKey, labelOf } from "./form.js";
import { picker, richTextInput, textInput } from "./inputs.js";
import { closeMenuOf, menuAt } from "./listbox.js";
import { mrkdwn } from "./mrkdwn.js";
import { picture, unknown } from "./pieces.js";
import { select, SELECTS } from "./selects.js";

/**
 * ctx: {reader, form, act(block, element, state) → promise, look(block, element, typed) → promise of options,
 * touched(block) when something was typed; in input blocks also describedBy (ids) and required}.
 */
export function element(spec, block, ctx) {
  const draw = DRAW[spec.type];
  return draw ? draw(spec, block, ctx) : unknown(`element “${spec.type}”`, spec);
}

function button(spec, block, ctx) {
  const isLink = Boolean(spec.url);
  const node = h(isLink ? "a" : "button", {
    class: `button ${spec.style ?? "plain"}`,
    type: isLink ? null : "button",
    href: isLink ? spec.url : null,
    target: isLink ? "_blank" : null,
    rel: isLink ? "noopener noreferrer" : null,
    "aria-label": spec.accessibility_label, "data-focus": focusKey(spec, block), "data-action": spec.action_id,
    onclick: async (event) => {
      if (node.getAttribute("aria-busy") === "true") return event.preventDefault();
      if (spec.confirm) {
        event.preventDefault();
        if (!(await confirmed(spec.confirm, ctx.reader))) return;
        if (isLink) window.open(spec.url, "_blank", "noopener");
      }
      node.setAttribute("aria-busy", "true");
      try {
        await ctx.act(block, spec, { value: spec.value });
      } finally {
        node.removeAttribute("aria-busy");
      }
    },
  }, ...plainText(spec.text.text), isLink ? h("span", { class: "leaves", "aria-hidden": "true" }, "↗") : null);
  return node;
}

function overflow(spec, block, ctx) {
  const node = h("button", {
    class: "button plain square",
    type: "button",
    "aria-label": spec.accessibility_label ?? "More options",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "data-focus": focusKey(spec, block), "data-action": spec.action_id,
    onclick: () => closeMenuOf(node) || menuAt(node, "More options", spec.options.map((option) => ({
      label: plainText(option.text.text),
      detail: option.description ? plainText(option.description.text) : null,
      run: async () => {
        if (spec.confirm && !(await confirmed(spec.confirm, ctx.reader))) return;
        if (option.url) window.open(option.url, "_blank", "noopener");
        await ctx.act(block, spec, { selected_option: option });
      },
    })), { alignEnd: true }),
  }, icon("more"));
  return node;
}

function choiceList(spec, block, ctx) {
  const many = spec.type === "checkboxes";
  const name = freshId("choice");
  const now = ctx.form.get(block, spec);
  const on = new Set((many ? now.selected_options : [now.selected_option].filter(Boolean)).map((option) => option.value));
  const boxes = spec.options.map((option) => {
    const words = (text) => (text.type === "mrkdwn" ? mrkdwn(text.text, ctx.reader) : plainText(text.text));
    return h("label", { class: "choice" },
      h("input", {
        type: many ? "checkbox" : "radio",
        name,
        value: option.value,
        checked: on.has(option.value),
        "data-focus": `${focusKey(spec, block)}/${option.value}`,
        onchange: () => {
          const picked = spec.options.filter((_, place) => boxes[place].querySelector("input").checked);
          changed(spec, block, ctx, many ? { selected_options: picked } : { selected_option: picked[0] ?? null });
        },
      }),
      h(
        "span",
        {},
        h("span", { class: "choice-text" }, ...words(option.text)),
        option.description ? h("span", { class: "choice-detail" }, ...words(option.description)) : null,
      ));
  });
  return h(
    "div",
    {
      class: "choices",
      role: many ? "group" : "radiogroup",
      "aria-label": labelOf(spec, block),
      "aria-describedby": ctx.describedBy,
      "data-action": spec.action_id,
    },
    ...boxes
  );
}

const DRAW = {
  button, overflow, image: (spec, block, ctx) => picture(spec, ctx.reader, "thumbnail"),
  radio_buttons: choiceList, checkboxes: choiceList,
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  rich_text_input: richTextInput,
  datepicker: picker, timepicker: picker, datetimepicker: picker,
  ...Object.fromEntries(Object.keys(SELECTS).map((type) => [type, select])),
};
