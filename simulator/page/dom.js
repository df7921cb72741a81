// Small building blocks for the DOM: elements from a description, keyed lists that keep what hasn't changed.

/** Makes an element. `on…` props are listeners, `aria*`/`data*`/others are attributes; null, false and undefined are left out. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "value") element.value = value;
    else if (name === "style") element.style.cssText = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of 20 × 20 drawn with strokes, hidden from screen readers: the control around it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 20 20",
    "aria-hidden": "true",
    class: `icon icon-${name}`,
  })) svg.setAttribute(key, value);
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

const ICONS = {
  bolt: ["M11 2.5 4.5 11.5H10L9 17.5 15.5 8.5H10Z"],
  send: ["M3.5 3.8 16.8 10 3.5 16.2 5.6 10Z", "M5.6 10H11"],
  more: ["M4.5 10h.01", "M10 10h.01", "M15.5 10h.01"],
  reply: ["M3.5 4.5h13v9h-7L5.5 16.5v-3h-2Z", "M7 8h6", "M7 10.5h4"],
  close: ["M5 5 15 15", "M15 5 5 15"],
  back: ["M12 4.5 6.5 10 12 15.5"],
  down: ["M5.5 8 10 12.5 14.5 8"],
  menu: ["M3.5 5.5h13", "M3.5 10h13", "M3.5 14.5h13"],
  lock: ["M5.5 9h9v7h-9Z", "M7.5 9V6.5a2.5 2.5 0 0 1 5 0V9"],
  hash: ["M8 3.5 6.5 16.5", "M13.5 3.5 12 16.5", "M4 7.5h12.5", "M3.5 12.5H16"],
  clock: ["M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14Z", "M10 6v4.2l2.8 1.6"],
  eye: ["M2.5 10S5.3 5 10 5s7.5 5 7.5 5-2.8 5-7.5 5-7.5-5-7.5-5Z", "M10 8a2 2 0 1 1 0 4a2 2 0 0 1 0-4Z"],
  link: ["M8.5 11.5a3 3 0 0 0 4.3 0l2.4-2.4a3 3 0 0 0-4.3-4.3L10 5.7", "M11.5 8.5a3 3 0 0 0-4.3 0l-2.4 2.4a3 3 0 0 0 4.3 4.3l.9-.9"],
  people: [
    "M7.5 4a2.5 2.5 0 1 1 0 5a2.5 2.5 0 0 1 0-5Z",
    "M3 16c0-3 2-4.5 4.5-4.5S12 13 12 16",
    "M13 4.5a2.2 2.2 0 0 1 0 4.3",
    "M14 11.8c1.9.4 3 1.8 3 4.2",
  ],
  warn: ["M10 3 18 16.5H2Z", "M10 8.2v3.8", "M10 14.2h.01"],
  info: ["M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14Z", "M10 9.3v4", "M10 6.6v.05"],
  check: ["M4.5 10.5 8.5 14.5 15.5 6"],
  archive: ["M3.5 4.5h13v3h-13Z", "M4.5 7.5v8h11v-8", "M8 10.5h4"],
};

/** Puts `items` into `parent` in order. `key` names an item across renders; a node is made again only when `print` (a string) has changed. */
export function keyedList(parent, items, { key, print, make, update }) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const wanted = items.map((item) => {
    const name = String(key(item));
    const fingerprint = print(item);
    let node = old.get(name);
    if (node && node._print === fingerprint) {
      old.delete(name);
      return node;
    }
    if (node && update) {
      update(node, item);
    } else {
      const focus = node && rememberFocus(node);
      const fresh = make(item, node);
      fresh.dataset.key = name;
      if (node) node.replaceWith(fresh);
      node = fresh;
      if (focus) focus(fresh);
    }
    old.delete(name);
    node._print = fingerprint;
    return node;
  });
  for (const gone of old.values()) gone.remove();
  wanted.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
}

/** If focus is inside `root`, returns a function that puts it (and the caret) on the control of the same `data-focus` in a new root. */
export function rememberFocus(root) {
  const active = document.activeElement;
  if (!active || !root.contains(active)) return null;
  const name = active.dataset.focus;
  const [start, end] = caret(active);
  return (fresh) => {
    const target = name && [...fresh.querySelectorAll("[data-focus]")].find((node) => node.dataset.focus === name);
    if (!target) return;
    target.focus({ preventScroll: true });
    if (start !== null) {
      try {
        target.setSelectionRange(start, end);
      } catch {
        /* number and date inputs have no caret to set */
      }
    }
  };
}

function caret(element) {
  try {
    return [element.selectionStart ?? null, element.selectionEnd ?? null];
  } catch {
    return [null, null];
  }
}

let counter = 0;
/** An id that no other element of this page has, for aria references. */
export function freshId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

const status = () => document.getElementById("status");

/** Says something in passing, for eyes and for screen readers; `alarm` stays longer. */
export function toast(text, { alarm = false } = {}) {
  const box = h("div", {
    class: alarm ? "toast alarm" : "toast",
    role: alarm ? "alert" : "status",
  }, alarm ? icon("warn") : null, h("span", {}, text),
    h("button", { class: "bare", "aria-label": "Dismiss", onclick: () => box.remove() }, icon("close")));
  // A modal dialog makes everything outside it inert; a popover in the top layer stays visible above it.
  status().append(box);
  if (status().showPopover) {
    if (status().matches(":popover-open")) status().hidePopover();
    status().showPopover();
  }
  setTimeout(() => box.remove(), alarm ? 12000 : 5000);
}
