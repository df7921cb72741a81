// The select of every kind: one or many, fixed options, people, channels, or options that the app looks up while one types.

import { h, icon } from "./dom.js";
import { PopList } from "./listbox.js";

/**
 * `options(typed)` returns a list, or a promise of one, of {value, label: nodes, text, detail, group}. `chosen` is what is selected at first.
 * `change(chosen)` hears of every change with the whole list. `remote` asks `options` at every keystroke instead of filtering here.
 */
export function combobox({
  label,
  placeholder,
  options,
  chosen,
  change,
  multi = false,
  most = Infinity,
  remote = false,
  least = 0,
  clearable = false,
  focusKey,
  describedBy,
  required,
}) {
  let selected = [...chosen];
  let typed = "";
  let asked = 0;
  const input = h("input", {
    type: "text",
    role: "combobox",
    "aria-label": label,
    "aria-autocomplete": "list",
    "aria-describedby": describedBy,
    "aria-required": required ? "true" : null,
    autocomplete: "off", spellcheck: "false", placeholder, "data-focus": focusKey,
  });
  const shown = h("span", { class: "chosen", "aria-hidden": "true" });
  const chips = h("span", { class: "chips" });
  const list = new PopList({ anchor: input, label, multi, pick, frame: () => root });
  const clear = h(
    "button",
    { class: "bare clear", type: "button", "aria-label": `Clear ${label}`, tabindex: "-1", onclick: () => settle([]) },
    icon("close"),
  );
  const root = h(
    "div",
    { class: multi ? "combobox multi" : "combobox" },
    chips,
    h("span", { class: "combobox-line" }, shown, input),
    clear,
    h("span", { class: "caret" }, icon("down")),
    list.box,
  );

  function matching(all) {
    const words = typed.toLowerCase().trim();
    if (!words || remote) return all;
    const starts = (option) => option.text.toLowerCase().startsWith(words);
    return all.filter((option) => option.text.toLowerCase().includes(words)).sort((one, other) => starts(other) - starts(one));
  }

  async function open({ active } = {}) {
    asked += 1;
    const mine = asked;
    if (remote && typed.length < least) return list.show([], { empty: `Type ${least === 1 ? "a letter" : `${least} letters`} to search` });
    const answer = options(typed);
    if (answer instanceof Promise && !list.isOpen) list.show([], { empty: "Searching…" });
    let all;
    try {
      all = await answer;
    } catch (error) {
      all = null;
      if (mine === asked) list.show([], { empty: error.message });
    }
    if (all === null || mine !== asked || document.activeElement !== input) return;
    const taken = new Set(selected.map((option) => option.value));
    list.show(matching(all).map((option) => ({ ...option, selected: taken.has(option.value) })), {
      empty: typed ? "Nothing matches" : "No options",
      ...(active === undefined ? {} : { active })
    });
  }

  function pick(option) {
    if (!multi) {
      list.hide();
      settle([option]);
      return;
    }
    const without = selected.filter((other) => other.value !== option.value);
    if (without.length < selected.length) settle(without);
    else if (selected.length < most) settle([...selected, option]);
    // A list that was walked stays where one was; one that was searched starts again.
    const active = typed ? undefined : list.active;
    typed = "";
    input.value = "";
    open({ active });
  }

  function settle(next) {
    selected = next;
    show();
    change(selected);
  }

  function show() {
    typed = "";
    root.classList.toggle("filled", selected.length > 0);
    clear.hidden = multi || !clearable || !selected.length;
    if (multi) {
      chips.replaceChildren(...selected.map((option) => h("span", { class: "chip" }, ...copies(option.label),
        h(
          "button",
          {
            class: "bare",
            type: "button",
            "aria-label": `Remove ${option.text}`,
            onclick: () => settle(selected.filter((other) => other !== option)),
          },
          icon("close"),
        ))));
      input.placeholder = selected.length ? "" : placeholder ?? "";
      input.value = "";
    } else {
      shown.replaceChildren(...(selected[0] ? copies(selected[0].label) : []));
      input.value = selected[0]?.text ?? "";
    }
  }

  input.addEventListener("input", () => {
    typed = input.value;
    root.classList.add("typing");
    open();
  });
  // The press that gives focus opens the list; the next one closes it.
  input.addEventListener("click", () => (list.isOpen ? list.hide() : open()));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    list.hide();
    root.classList.remove("typing");
    if (clearable && !multi && typed === "" && input.value === "" && selected.length) settle([]);
    else show();
  });
  input.addEventListener("keydown", (event) => {
    if (list.isOpen && event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      list.choose();
      root.classList.remove("typing");
    } else if (list.key(event)) {
      return;
    } else if (["ArrowDown", "ArrowUp", "Enter"].includes(event.key) || (event.key === " " && !input.value)) {
      event.preventDefault();
      open();
    } else if (multi && event.key === "Backspace" && !input.value && selected.length) {
      settle(selected.slice(0, -1));
    }
  });
  root.querySelector(".caret").addEventListener("mousedown", (event) => {
    event.preventDefault();
    input.focus();
    if (list.isOpen) list.hide();
    else open();
  });
  show();
  return root;
}

const copies = (nodes) => nodes.map((node) => (typeof node === "string" ? node : node.cloneNode(true)));
