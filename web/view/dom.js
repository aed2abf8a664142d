// The few ways in which this page changes its document. Text goes in as text, never as markup.

export function find(selector, root = document) {
  return root.querySelector(selector);
}

export function element(name, { text = "", ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== "") made.textContent = text;
  made.append(...children);
  return made;
}

/** Leaves alone what is so already: a screen reader or a selection may be there. */
export function setText(node, text) {
  const wanted = String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** The same, where a line may break behind an underscore, as in TRANSIENT_FAILURE, but not within a word such as --replicas. */
export function setBreakable(node, text) {
  const wanted = String(text);
  if (node.textContent === wanted && node.hasChildNodes()) return;
  const parts = wanted.split(/(?<=_)|(?=\s)|(?<=\s)/);
  node.replaceChildren(...parts.flatMap((part) => {
    if (part.startsWith("--")) return [element("span", { class: "whole", text: part })];
    return part.endsWith("_") ? [part, element("wbr")] : [part];
  }));
}

export function setHidden(node, isHidden) {
  if (node.hidden !== isHidden) node.hidden = isHidden;
}

export function setData(node, key, value) {
  const wanted = String(value);
  if (node.dataset[key] !== wanted) node.dataset[key] = wanted;
}

/** Makes the children of `parent` one for each item, reusing those with the same key, in the order of the items. */
export function reconcile(parent, items, keyOf, make, update) {
  const present = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const key = String(keyOf(item, index));
    let child = present.get(key);
    if (!child) {
      child = make(item);
      child.dataset.key = key;
    }
    present.delete(key);
    update(child, item);
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  for (const child of present.values()) child.remove();
}

/** How many colours the style sheet has; after them they come again, striped. */
const COLOURS = 10;

export function paint(node, colour) {
  setData(node, "colour", colour % COLOURS);
  setData(node, "striped", isStriped(colour));
}

export function isStriped(colour) {
  return Math.floor(colour / COLOURS) % 2 === 1;
}

