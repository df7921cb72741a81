// Menus: fixed options, people, channels, and options that the app looks up.

import { combobox } from "./combobox.js";
import { plainText } from "./emoji.js";
import { changed, focusKey, labelOf } from "./form.js";
import { avatar } from "./pieces.js";

const optionChoice = (option, group) => ({
  value: option.value,
  text: option.text.text,
  label: plainText(option.text.text),
  detail: option.description ? plainText(option.description.text) : null,
  group,
  option,
});

function fixedOptions(spec) {
  if (spec.option_groups) return spec.option_groups.flatMap((group) => group.options.map(
    (option) => optionChoice(option, group.label.text),
  ));
  return (spec.options ?? []).map((option) => optionChoice(option));
}

function personChoice(id, reader) {
  const person = reader.people.get(id);
  return {
    value: id,
    text: person?.name ?? id,
    label: person ? [avatar(person, "small"), " ", person.name] : [id],
    detail: person?.real_name && person.real_name !== person.name ? [person.real_name] : null,
  };
}

// Apps stand in Slack's people menus too, after the people.
function peopleFirst(reader) {
  return [...reader.people.values()].filter((person) => !person.deleted).sort(
    (one, other) => one.is_bot - other.is_bot || one.name.localeCompare(other.name),
  );
}

function channelChoice(id, reader) {
  const channel = reader.channels.get(id);
  const bot = [...reader.people.values()].find((person) => person.is_bot);
  const name = !channel ? "#private channel" : channel.kind === "im" ? bot.name : `#${channel.name}`;
  return { value: id, text: name, label: [name] };
}

function conversationsFor(spec, reader) {
  const only = spec.type.includes("channels") ? { include: ["public"] } : spec.filter ?? {};
  const kinds = { channel: "public", group: "private", im: "im" };
  const fits = ({ kind, is_archived: isArchived }) => !isArchived
    && (!only.include || only.include.includes(kinds[kind]))
    && !(only.exclude_bot_users && kind === "im");
  return [...reader.channels.values()].filter(fits).map((channel) => channelChoice(channel.id, reader));
}

// [the state's key, options for the typed words, how a stored value becomes a choice, how a choice becomes a stored value]
const byOption = (key) => [key, fixedOptions, (option) => optionChoice(option), (choice) => choice.option];
const byPerson = (key) => [
  key,
  (spec, reader) => peopleFirst(reader).map((person) => personChoice(person.id, reader)),
  personChoice,
  (choice) => choice.value,
];
const byChannel = (key) => [key, conversationsFor, channelChoice, (choice) => choice.value];
export const SELECTS = {
  static_select: byOption("selected_option"),
  multi_static_select: byOption("selected_options"),
  external_select: byOption("selected_option"),
  multi_external_select: byOption("selected_options"),
  users_select: byPerson("selected_user"),
  multi_users_select: byPerson("selected_users"),
  conversations_select: byChannel("selected_conversation"),
  multi_conversations_select: byChannel("selected_conversations"),
  channels_select: byChannel("selected_channel"),
  multi_channels_select: byChannel("selected_channels"),
};

export function select(spec, block, ctx) {
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
