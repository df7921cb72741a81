// Block elements: buttons, selects, pickers and inputs. What is chosen is kept in `ctx.form`, in the shape of Slack's state values.

import { combobox } from "./combobox.js";
import { confirmed } from "./confirm.js";
import { freshId, h, icon } from "./dom.js";
import { plainText } from "./emoji.js";
import { closeMenuOf, menuAt } from "./listbox.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, picture, unknown } from "./pieces.js";
import { instantOf, localReading, spelledDate, zoneName } from "./times.js";

/** What was typed or chosen in one view or message, by block and action; starts from the elements' own initial values. */
export class Form {
  constructor(typed = {}) {
    this.values = typed;
  }

  get(block, element) {
    const kept = this.values[block.block_id]?.[element.action_id];
    return kept && kept.type === element.type ? kept : startOf(element);
  }

  set(block, element, state) {
    this.values[block.block_id] = { ...this.values[block.block_id], [element.action_id]: { type: element.type, ...state } };
  }
}

const START = {
  plain_text_input: (e) => ({ value: e.initial_value ?? null }),
  email_text_input: (e) => ({ value: e.initial_value ?? null }),
  url_text_input: (e) => ({ value: e.initial_value ?? null }),
  number_input: (e) => ({ value: e.initial_value ?? null }),
  rich_text_input: (e) => ({ rich_text_value: e.initial_value ?? null }),
  static_select: (e) => ({ selected_option: e.initial_option ?? null }),
  external_select: (e) => ({ selected_option: e.initial_option ?? null }),
  radio_buttons: (e) => ({ selected_option: e.initial_option ?? null }),
  multi_static_select: (e) => ({ selected_options: e.initial_options ?? [] }),
  multi_external_select: (e) => ({ selected_options: e.initial_options ?? [] }),
  checkboxes: (e) => ({ selected_options: e.initial_options ?? [] }),
  users_select: (e) => ({ selected_user: e.initial_user ?? null }),
  multi_users_select: (e) => ({ selected_users: e.initial_users ?? [] }),
  conversations_select: (e) => ({ selected_conversation: e.initial_conversation ?? null }),
  multi_conversations_select: (e) => ({ selected_conversations: e.initial_conversations ?? [] }),
  channels_select: (e) => ({ selected_channel: e.initial_channel ?? null }),
  multi_channels_select: (e) => ({ selected_channels: e.initial_channels ?? [] }),
  datepicker: (e) => ({ selected_date: e.initial_date ?? null }),
  timepicker: (e) => ({ selected_time: e.initial_time ?? null }),
  datetimepicker: (e) => ({ selected_date_time: e.initial_date_time ?? null }),
};

/** The state that an untouched element has. */
export function startOf(element) {
  return { type: element.type, ...(START[element.type]?.(element) ?? {}) };
}

/** True when nothing is typed or chosen. */
export function isEmpty(state) {
  const [, value] = Object.entries(state).find(([name]) => name !== "type") ?? [];
  return value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length) || (typeof value === "string" && !value.trim());
}

/**
 * ctx: {reader, form, act(block, element, state) → promise, look(block, element, typed) → promise of options, inputOf: block.type === "input"}.
 * `label` names controls that sit in an input block.
 */
export function element(spec, block, ctx) {
  const draw = DRAW[spec.type];
  return draw ? draw(spec, block, ctx) : unknown(`element “${spec.type}”`, spec);
}

const focusKey = (spec, block) => `${block.block_id}/${spec.action_id}`;
const labelOf = (spec, block) => (block.type === "input" ? block.label.text : spec.accessibility_label ?? spec.placeholder?.text ?? spec.action_id);

// In sections and actions a choice is sent at once; in an input block only when it asks for it.
async function changed(spec, block, ctx, state) {
  ctx.form.set(block, spec, state);
  ctx.touched?.(block);
  if (block.type === "input" && !block.dispatch_action) return;
  if (spec.confirm && !(await confirmed(spec.confirm, ctx.reader))) return;
  await ctx.act(block, spec, state);
}

function button(spec, block, ctx) {
  const isLink = Boolean(spec.url);
  const node = h(isLink ? "a" : "button", {
    class: `button ${spec.style ?? "plain"}`, type: isLink ? null : "button", href: isLink ? spec.url : null, target: isLink ? "_blank" : null, rel: isLink ? "noopener noreferrer" : null,
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
    class: "button plain square", type: "button", "aria-label": spec.accessibility_label ?? "More options", "aria-haspopup": "menu", "aria-expanded": "false",
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

const optionChoice = (option, group) => ({
  value: option.value, text: option.text.text, label: plainText(option.text.text), detail: option.description ? plainText(option.description.text) : null, group, option,
});

function fixedOptions(spec) {
  if (spec.option_groups) return spec.option_groups.flatMap((group) => group.options.map((option) => optionChoice(option, group.label.text)));
  return (spec.options ?? []).map((option) => optionChoice(option));
}

function personChoice(id, reader) {
  const person = reader.people.get(id);
  return { value: id, text: person?.name ?? id, label: person ? [avatar(person, "small"), " ", person.name] : [id], detail: person?.real_name && person.real_name !== person.name ? [person.real_name] : null };
}

// Apps stand in Slack's people menus too, after the people.
function peopleFirst(reader) {
  return [...reader.people.values()].filter((person) => !person.deleted).sort((one, other) => one.is_bot - other.is_bot || one.name.localeCompare(other.name));
}

function channelChoice(id, reader) {
  const channel = reader.channels.get(id);
  const name = channel ? (channel.kind === "im" ? reader.people.get(channel.with)?.name ?? "Direct message" : `#${channel.name}`) : "#private channel";
  return { value: id, text: name, label: [name] };
}

function conversationsFor(spec, reader) {
  const only = spec.type.includes("channels") ? { include: ["public"] } : spec.filter ?? {};
  const kinds = { channel: "public", group: "private", im: "im" };
  return [...reader.channels.values()]
    .filter((channel) => !channel.is_archived && (!only.include || only.include.includes(kinds[channel.kind])) && !(only.exclude_bot_users && channel.kind === "im"))
    .map((channel) => channelChoice(channel.id, reader));
}

// [the state's key, options for the typed words, how a stored value becomes a choice, how a choice becomes a stored value]
const byOption = (key) => [key, fixedOptions, (option) => optionChoice(option), (choice) => choice.option];
const byPerson = (key) => [key, (spec, reader) => peopleFirst(reader).map((person) => personChoice(person.id, reader)), personChoice, (choice) => choice.value];
const byChannel = (key) => [key, conversationsFor, channelChoice, (choice) => choice.value];
const SELECTS = {
  static_select: byOption("selected_option"), multi_static_select: byOption("selected_options"), external_select: byOption("selected_option"), multi_external_select: byOption("selected_options"),
  users_select: byPerson("selected_user"), multi_users_select: byPerson("selected_users"), conversations_select: byChannel("selected_conversation"),
  multi_conversations_select: byChannel("selected_conversations"), channels_select: byChannel("selected_channel"), multi_channels_select: byChannel("selected_channels"),
};

function select(spec, block, ctx) {
  const [key, choices, choiceOf, storedOf] = SELECTS[spec.type];
  const multi = spec.type.startsWith("multi_");
  const remote = spec.type.includes("external");
  const now = ctx.form.get(block, spec)[key];
  const node = combobox({
    label: labelOf(spec, block),
    placeholder: spec.placeholder?.text ?? (multi ? "Select options" : "Select an option"),
    multi, remote, most: spec.max_selected_items ?? Infinity, least: spec.min_query_length ?? (remote ? 3 : 0),
    options: (typed) => (remote ? ctx.look(block, spec, typed).then((found) => fixedOptions(found)) : choices(spec, ctx.reader)),
    chosen: (multi ? now ?? [] : now ? [now] : []).map((stored) => choiceOf(stored, ctx.reader)),
    clearable: block.type === "input" && block.optional === true,
    focusKey: focusKey(spec, block), describedBy: ctx.describedBy, required: ctx.required,
    change: (picked) => changed(spec, block, ctx, { [key]: multi ? picked.map(storedOf) : picked.length ? storedOf(picked[0]) : null }),
  });
  node.dataset.action = spec.action_id;
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
        type: many ? "checkbox" : "radio", name, value: option.value, checked: on.has(option.value), "data-focus": `${focusKey(spec, block)}/${option.value}`,
        onchange: () => {
          const picked = spec.options.filter((_, place) => boxes[place].querySelector("input").checked);
          changed(spec, block, ctx, many ? { selected_options: picked } : { selected_option: picked[0] ?? null });
        },
      }),
      h("span", {}, h("span", { class: "choice-text" }, ...words(option.text)), option.description ? h("span", { class: "choice-detail" }, ...words(option.description)) : null));
  });
  return h("div", { class: "choices", role: many ? "group" : "radiogroup", "aria-label": labelOf(spec, block), "aria-describedby": ctx.describedBy, "data-action": spec.action_id }, ...boxes);
}

const common = (spec, block, ctx) => ({
  "aria-label": labelOf(spec, block), "aria-describedby": ctx.describedBy, "aria-required": ctx.required ? "true" : null, "data-focus": focusKey(spec, block), "data-action": spec.action_id,
  placeholder: spec.placeholder?.text, autocomplete: "off",
});

function textInput(spec, block, ctx) {
  const types = { email_text_input: "email", url_text_input: "url", number_input: "number" };
  const tag = spec.multiline ? "textarea" : "input";
  const count = spec.max_length ? h("span", { class: "count", "aria-hidden": "true" }) : null;
  const shortcuts = spec.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  let timer;
  const node = h(tag, {
    ...common(spec, block, ctx), type: tag === "input" ? types[spec.type] ?? "text" : null, rows: spec.multiline ? 4 : null, maxlength: spec.max_length, minlength: spec.min_length,
    step: spec.type === "number_input" ? (spec.is_decimal_allowed ? "any" : "1") : null, min: spec.min_value, max: spec.max_value, value: ctx.form.get(block, spec).value ?? "",
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
    if (count) count.textContent = left <= Math.max(20, spec.max_length / 10) ? `${left} left` : "";
  };
  tally();
  return count ? h("div", { class: "counted" }, node, count) : node;
}

function richTextInput(spec, block, ctx) {
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
  datetimepicker: ["datetime-local", "selected_date_time", (value, zone) => (value ? instantOf(value, zone) : null), (stored, zone) => (stored ? localReading(stored, zone) : "")],
};

function picker(spec, block, ctx) {
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
  const node = h("input", { ...common(spec, block, ctx), type, value: sent, oninput: keep, onchange: keep, onblur: send, onkeydown: (event) => event.key === "Enter" && block.type !== "input" && send() });
  tell();
  return type === "time" ? node : h("span", { class: "picker" }, node, echo);
}

const DRAW = {
  button, overflow, image: (spec, block, ctx) => picture(spec, ctx.reader, "thumbnail"),
  radio_buttons: choiceList, checkboxes: choiceList,
  plain_text_input: textInput, email_text_input: textInput, url_text_input: textInput, number_input: textInput, rich_text_input: richTextInput,
  datepicker: picker, timepicker: picker, datetimepicker: picker,
  ...Object.fromEntries(Object.keys(SELECTS).map((type) => [type, select])),
};
