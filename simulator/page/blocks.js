// Block Kit as DOM nodes.

import { freshId, h, icon, keyedList } from "./dom.js";
import { element } from "./elements.js";
import { plainText } from "./emoji.js";
import { isEmpty } from "./form.js";
import { markdown } from "./markdown.js";
import { mrkdwn } from "./mrkdwn.js";
import { picture, unknown } from "./pieces.js";
import { richText, table } from "./richtext.js";

/** Shows `blocks` in `root`. A block whose JSON hasn't changed keeps its nodes, so what is typed or focused in it stays. */
export function showBlocks(root, blocks, ctx) {
  keyedList(root, blocks.map((block, place) => ({ block, place })), {
    key: ({ block, place }) => block.block_id ?? `at-${place}`,
    print: ({ block }) => `${JSON.stringify(block)} ${ctx.reader.print}`,
    make: ({ block }) => drawn(block, ctx),
  });
}

function drawn(block, ctx) {
  const draw = DRAW[block.type] ?? ctx.parts?.[block.type];
  const node = draw ? draw(block, ctx) : unknown(`block “${block.type}”`, block);
  node.classList.add("block");
  node.dataset.block = block.block_id ?? "";
  return node;
}

/** A text object as nodes. */
function words(text, reader) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, reader) : plainText(text.text).flatMap(
    (node) => (typeof node === "string" ? node.split("\n").flatMap((line, place) => [...(place ? [h("br")] : []), line]) : [node]),
  );
}

function section(block, ctx) {
  return h("div", { class: block.accessory ? `section with-${block.accessory.type === "image" ? "image" : "accessory"}` : "section" },
    h("div", { class: "section-main" },
      block.text ? h("div", { class: "text" }, ...words(block.text, ctx.reader)) : null,
      block.fields ? h(
        "div",
        { class: "fields" },
        ...block.fields.map((field) => h("div", { class: "text" }, ...words(field, ctx.reader)))
      ) : null),
    block.accessory ? h("div", { class: "accessory" }, element(block.accessory, block, ctx)) : null);
}

function context(block, ctx) {
  return h("div", { class: "context" }, ...block.elements.map((item) => (item.type === "image"
    ? picture(item, ctx.reader, "context-image")
    : h("span", { class: "text" }, ...words(item, ctx.reader)))));
}

function image(block, ctx) {
  return h("figure", {}, block.title ? h("figcaption", {}, ...plainText(block.title.text)) : null, picture(block, ctx.reader, "picture"));
}

function input(block, ctx) {
  const id = freshId("field");
  const hint = block.hint ? h("div", { class: "hint", id: `${id}-hint` }, ...plainText(block.hint.text)) : null;
  const error = h("div", {
    class: "field-error",
    id: `${id}-error`,
    role: "alert",
    "data-testid": `field-error-${block.block_id}`,
    hidden: true,
  });
  const control = element(block.element, block, {
    ...ctx,
    describedBy: `${hint ? `${id}-hint ` : ""}${id}-error`,
    required: !block.optional,
  });
  const isSet = ["checkboxes", "radio_buttons"].includes(block.element.type);
  const label = h(
    isSet ? "div" : "label",
    { class: "field-label" },
    ...plainText(block.label.text),
    block.optional ? h("span", { class: "optional" }, " (optional)") : null,
  );
  if (!isSet) {
    const target = control.matches("input, textarea, select") ? control : control.querySelector("input, textarea");
    target.id = id;
    label.setAttribute("for", id);
  }
  const node = h("div", { class: "field", "data-testid": `field-${block.block_id}` }, label, control, error, hint);
  node.showError = (message) => {
    error.replaceChildren(...(message ? [icon("warn"), message] : []));
    error.hidden = !message;
    node.classList.toggle("wrong", Boolean(message));
    for (const target of node.querySelectorAll("input, textarea")) target.setAttribute("aria-invalid", String(Boolean(message)));
  };
  node.showError(ctx.errors?.get(block.block_id));
  return node;
}

const DRAW = {
  section, context, image, input,
  header: (block) => h("h3", { class: "header" }, ...plainText(block.text.text)),
  divider: () => h("hr"),
  actions: (block, ctx) => h("div", { class: "actions" }, ...block.elements.map((item) => element(item, block, ctx))),
  rich_text: (block, ctx) => richText(block, ctx.reader, unknown),
  table: (block, ctx) => table(block, ctx.reader, unknown),
  markdown: (block) => markdown(block.text),
  alert: (block, ctx) => h(
    "div",
    { class: `alert ${block.level ?? "default"}`, role: "status" },
    icon({ success: "check", warning: "warn", error: "warn" }[block.level] ?? "info"),
    h("span", {}, ...words(block.text, ctx.reader)),
  ),
};

/** What is wrong with a filled input block, as Slack's client says it before anything is sent; null when it may go. */
export function complaint(block, state) {
  const spec = block.element;
  if (isEmpty(state)) return block.optional ? null : "Please complete this required field.";
  const value = state.value ?? "";
  if (spec.min_length && value.length < spec.min_length) return `Please use at least ${spec.min_length} characters.`;
  if (spec.max_length && value.length > spec.max_length) return `Please use at most ${spec.max_length} characters.`;
  if (spec.type === "email_text_input" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return "Please enter a valid email address.";
  if (spec.type === "url_text_input" && !/^https?:\/\/[^\s.]+\.?\S+$/i.test(value)) return "Please enter a valid URL.";
  if (spec.type === "number_input") {
    const number = Number(value);
    if (Number.isNaN(number)) return "Please enter a number.";
    if (!spec.is_decimal_allowed && !Number.isInteger(number)) return "Please enter a whole number.";
    if (spec.min_value !== undefined && number < Number(spec.min_value)) return `Please enter ${spec.min_value} or more.`;
    if (spec.max_value !== undefined && number > Number(spec.max_value)) return `Please enter ${spec.max_value} or less.`;
  }
  return null;
}
