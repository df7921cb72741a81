// What is typed and chosen, in the shape of Slack's `state.values`, and how a choice is sent.

import { confirmed } from "./confirm.js";

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
  if (Array.isArray(value)) return !value.length;
  return value === null || value === undefined || (typeof value === "string" && !value.trim());
}

export const focusKey = (spec, block) => `${block.block_id}/${spec.action_id}`;
export const labelOf = (spec, block) => {
  if (block.type === "input") return block.label.text;
  return spec.accessibility_label ?? spec.placeholder?.text ?? spec.action_id;
};

// In sections and actions a choice is sent at once; in an input block only when it asks for it.
export async function changed(spec, block, ctx, state) {
  ctx.form.set(block, spec, state);
  ctx.touched?.(block);
  if (block.type === "input" && !block.dispatch_action) return;
  if (spec.confirm && !(await confirmed(spec.confirm, ctx.reader))) return;
  await ctx.act(block, spec, state);
}
