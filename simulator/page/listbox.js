// Pop-up lists: the one place that knows about positions, arrow keys and active options.

import { freshId, h } from "./dom.js";

/**
 * A list of options that pops up at an anchor and is steered from there, following the ARIA combobox pattern.
 * `pick(option)` is called with the chosen one; the list stands at `frame()`. Options: {value, label: nodes, text, detail, selected, group, testid}.
 */
export class PopList {
  constructor({ anchor, label, pick, className = "", multi = false, frame = () => anchor }) {
    Object.assign(this, { anchor, pick, frame, options: [], active: -1 });
    this.id = freshId("list");
    this.box = h("div", { class: `pop ${className}`, popover: "manual" });
    this.list = h("ul", { id: this.id, role: "listbox", "aria-label": label, "aria-multiselectable": multi ? "true" : null });
    this.box.append(this.list);
    this.box.addEventListener("mousedown", (event) => event.preventDefault());
    anchor.setAttribute("aria-controls", this.id);
    anchor.setAttribute("aria-expanded", "false");
  }

  get isOpen() {
    return this.anchor.getAttribute("aria-expanded") === "true";
  }

  show(options, { active = options.findIndex((option) => option.selected), empty = "Nothing matches" } = {}) {
    this.options = options;
    const rows = [];
    let group;
    options.forEach((option, place) => {
      if (option.group !== group && option.group) rows.push(h("li", { class: "group", role: "presentation" }, option.group));
      group = option.group;
      rows.push(h("li", {
        id: `${this.id}-${place}`,
        role: "option",
        "aria-selected": String(Boolean(option.selected)),
        "data-testid": option.testid,
        "data-value": option.value,
        onclick: () => this.choose(place), onmousemove: () => this.mark(place, { scroll: false }),
      }, h("span", { class: "option-label" }, ...option.label), option.detail ? h(
        "span",
        { class: "option-detail" },
        ...option.detail
      ) : null));
    });
    if (!options.length) rows.push(h("li", { class: "group", role: "presentation" }, empty));
    this.list.replaceChildren(...rows);
    if (!this.isOpen) {
      this.anchor.setAttribute("aria-expanded", "true");
      this.box.showPopover();
    }
    place(this.box, this.frame());
    this.mark(Math.max(active, options.length ? 0 : -1));
  }

  hide() {
    if (!this.isOpen) return;
    this.anchor.setAttribute("aria-expanded", "false");
    this.anchor.removeAttribute("aria-activedescendant");
    if (this.box.matches(":popover-open")) this.box.hidePopover();
    this.active = -1;
  }

  mark(place, { scroll = true } = {}) {
    this.list.querySelector(".active")?.classList.remove("active");
    this.active = place;
    const row = document.getElementById(`${this.id}-${place}`);
    if (!row) return this.anchor.removeAttribute("aria-activedescendant");
    row.classList.add("active");
    this.anchor.setAttribute("aria-activedescendant", row.id);
    if (scroll) row.scrollIntoView({ block: "nearest" });
  }

  choose(place = this.active) {
    const option = this.options[place];
    if (option) this.pick(option);
    return Boolean(option);
  }

  /** Handles a key while open; true when it was one of ours. */
  key(event) {
    if (!this.isOpen) return false;
    const last = this.options.length - 1;
    const moves = {
      ArrowDown: this.active >= last ? 0 : this.active + 1, ArrowUp: this.active <= 0 ? last : this.active - 1,
      PageDown: Math.min(last, this.active + 6), PageUp: Math.max(0, this.active - 6),
    };
    if (event.key in moves) this.mark(moves[event.key]);
    else if (event.key === "Escape") this.hide();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}

/** Puts a fixed box below its anchor, or above when there is more room, inside the window. */
export function place(box, anchor, { alignEnd = false, width = null } = {}) {
  const at = anchor.getBoundingClientRect();
  const wide = width ?? Math.max(at.width, 240);
  box.style.width = box.classList.contains("menu") ? "" : `${Math.min(wide, innerWidth - 16)}px`;
  const below = innerHeight - at.bottom - 12;
  const above = at.top - 12;
  box.style.maxHeight = "";
  const tall = box.offsetHeight;
  const up = tall > below && above > below;
  const room = Math.max(120, Math.min(up ? above : below, box.classList.contains("menu") ? Infinity : 380));
  box.style.maxHeight = `${room}px`;
  const left = alignEnd ? at.right - box.offsetWidth : at.left;
  box.style.left = `${Math.max(8, Math.min(left, innerWidth - box.offsetWidth - 8))}px`;
  box.style.top = up ? `${Math.max(8, at.top - 4 - Math.min(tall, room))}px` : `${at.bottom + 4}px`;
}

let openMenu = null;

/** A button's menu (role menu): items {label: nodes, detail, run, danger, testid, heading}. Arrow keys move, Escape closes, focus returns. */
export function menuAt(button, label, items, { alignEnd = false, searchable = false } = {}) {
  openMenu?.close();
  const box = h("div", { class: "pop menu", popover: "manual", role: "menu", "aria-label": label });
  const rows = items.map((item) => (item.heading
    ? h("div", { class: "group", role: "presentation" }, item.heading)
    : h("button", {
      class: item.danger ? "menu-item danger" : "menu-item",
      role: item.checked === undefined ? "menuitem" : "menuitemradio",
      type: "button",
      tabindex: "-1",
      "aria-checked": item.checked === undefined ? null : String(item.checked), "data-testid": item.testid,
      onclick: () => {
        close();
        item.run();
      },
    }, ...item.label, item.detail ? h("span", { class: "option-detail" }, ...item.detail) : null)));
  const search = searchable ? h("input", {
    class: "menu-search",
    type: "search",
    placeholder: "Find someone",
    "aria-label": "Find someone",
  }) : null;
  box.append(...(search ? [search] : []), ...(rows.length ? rows : [h("div", { class: "group" }, "Nothing here yet")]));
  const choices = () => rows.filter((row) => row.tagName === "BUTTON" && !row.hidden);
  search?.addEventListener("input", () => {
    for (const row of rows) row.hidden = row.tagName === "BUTTON" && !row.textContent.toLowerCase().includes(search.value.toLowerCase());
  });
  const close = ({ refocus = true } = {}) => {
    if (openMenu?.box !== box) return;
    openMenu = null;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("mousedown", outside, true);
    box.remove();
    if (refocus && button.isConnected) button.focus();
  };
  const outside = (event) => {
    if (!box.contains(event.target) && !button.contains(event.target)) close({ refocus: false });
  };
  box.addEventListener("keydown", (event) => {
    const all = choices();
    const at = all.indexOf(document.activeElement);
    const moves = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 };
    if (search && document.activeElement === search && event.key === "Enter") all[0]?.click();
    else if (event.key in moves && !(document.activeElement === search && /Home|End/.test(event.key))) all[moves[event.key]]?.focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener("mousedown", outside, true);
  // Inside an open dialog the menu must live there too: everything outside a modal dialog is inert.
  (button.closest("dialog") ?? document.body).append(box);
  button.setAttribute("aria-expanded", "true");
  box.showPopover();
  place(box, button, { alignEnd });
  openMenu = { box, close };
  (search ?? choices().find((row) => row.getAttribute("aria-checked") === "true") ?? choices()[0])?.focus();
}

/** True while a menu hangs on this button; pressing the button again should close it. */
export function closeMenuOf(button) {
  if (!openMenu || button.getAttribute("aria-expanded") !== "true") return false;
  openMenu.close();
  return true;
}
