// Fields to type into, and pickers of dates and times.

import { h } from "./dom.js";
import { changed, focusKey, labelOf } from "./form.js";
import { instantOf, localReading, spelledDate, zoneName } from "./times.js";

const common = (spec, block, ctx) => ({
  "aria-label": labelOf(spec, block),
  "aria-describedby": ctx.describedBy,
  "aria-required": ctx.required ? "true" : null,
  "data-focus": focusKey(spec, block),
  "data-action": spec.action_id,
  placeholder: spec.placeholder?.text, autocomplete: "off",
});

export function textInput(spec, block, ctx) {
  const types = { email_text_input: "email", url_text_input: "url", number_input: "number" };
  const tag = spec.multiline ? "textarea" : "input";
  const count = spec.max_length ? h("span", { class: "count", "aria-hidden": "true" }) : null;
  const shortcuts = spec.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  let timer;
  const node = h(tag, {
    ...common(spec, block, ctx),
    type: tag === "input" ? types[spec.type] ?? "text" : null,
    rows: spec.multiline ? 4 : null,
    maxlength: spec.max_length,
    minlength: spec.min_length,
    step: spec.type === "number_input" ? (spec.is_decimal_allowed ? "any" : "1") : null,
    min: spec.min_value,
    max: spec.max_value,
    value: ctx.form.get(block, spec).value ?? "",
    oninput: () => {
      ctx.form.set(block, spec, { value: node.value || null });
      ctx.touched?.(block);
      tally();
      if (!block.dispatch_action || !shortcuts.includes("on_character_entered")) return;
      clearTimeout(timer);
      timer = setTimeout(() => ctx.act(block, spec, { value: node.value || null }), 300);
    },
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      if (block.dispatch_action && shortcuts.includes("on_enter_pressed") && !event.shiftKey) {
        event.preventDefault();
        event.stopPropagation();
        ctx.act(block, spec, { value: node.value || null });
      }
    },
  });
  // The count appears only near the limit, where it helps.
  const tally = () => {
    const left = spec.max_length - node.value.length;
    if (count) count.textContent = left <= Math.min(Math.max(20, spec.max_length / 10), spec.max_length / 2) ? `${left} left` : "";
  };
  tally();
  return count ? h("div", { class: "counted" }, node, count) : node;
}

export function richTextInput(spec, block, ctx) {
  const node = h("textarea", {
    ...common(spec, block, ctx), rows: 4,
    oninput: () => {
      const sections = [{ type: "rich_text_section", elements: [{ type: "text", text: node.value }] }];
      ctx.form.set(block, spec, { rich_text_value: node.value ? { type: "rich_text", elements: sections } : null });
      ctx.touched?.(block);
    },
  });
  const texts = (part) => (part?.text ?? (part?.elements ?? []).map(texts).join(""));
  node.value = texts(ctx.form.get(block, spec).rich_text_value ?? {});
  return node;
}

const PICKERS = {
  datepicker: ["date", "selected_date", (value) => value || null, (stored) => stored ?? ""],
  timepicker: ["time", "selected_time", (value) => value || null, (stored) => stored ?? ""],
  datetimepicker: [
    "datetime-local",
    "selected_date_time",
    (value, zone) => (value ? instantOf(value, zone) : null),
    (stored, zone) => (stored ? localReading(stored, zone) : ""),
  ],
};

export function picker(spec, block, ctx) {
  const [type, key, stored, reading] = PICKERS[spec.type];
  let sent = reading(ctx.form.get(block, spec)[key], ctx.reader.zone);
  // Browsers write dates in their own locale, and say no weekday and no zone: both stand beside the field.
  const echo = h("span", { class: "echo quiet", "aria-hidden": "true" });
  const tell = () => {
    const [date, time] = type === "time" ? [] : node.value.split("T");
    echo.textContent = date ? `${spelledDate(date)}${time ? `, ${time} in ${zoneName(ctx.reader.zone)}` : ""}` : "";
  };
  const keep = () => {
    tell();
    ctx.form.set(block, spec, { [key]: stored(node.value, ctx.reader.zone) });
    ctx.touched?.(block);
  };
  // While someone types a date by keyboard every digit is a change: the app hears of it when they leave the field or press Enter.
  const send = () => {
    if (node.value === sent || (block.type === "input" && !block.dispatch_action)) return;
    sent = node.value;
    changed(spec, block, ctx, { [key]: stored(node.value, ctx.reader.zone) });
  };
  const node = h("input", {
    ...common(spec, block, ctx),
    type,
    value: sent,
    oninput: keep,
    onchange: keep,
    onblur: send,
    onkeydown: (event) => event.key === "Enter" && block.type !== "input" && send(),
  });
  tell();
  return type === "time" ? node : h("span", { class: "picker" }, node, echo);
}
