// The little that every part of the page does to the document. Text goes in as text, never as markup.

/** A new element. */
export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Set an element's text, if it is another one: what stays is not touched, so that it can be selected and read aloud. */
export function show(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Fill `list` with one item per entry of `items` as `make(item)` builds them; nothing happens while `items` stays the same. */
export function fill(list, items, make) {
  const key = JSON.stringify(items);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...items.map(make));
}

/** Whether there is more text in an element than can be seen of it. */
export function isCut(target) {
  return target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
}
