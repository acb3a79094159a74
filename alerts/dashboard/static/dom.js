// Elements from values.  Names come from the air and are hostile: text is only ever set as text.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined).map(asNode));
  return made;
}

const INSTANT = /(\d{4}-\d\d-\d\d(?:T[\d:.]+Z| [\d:]+ UTC))/;

// The text with each point in time kept on one line.
export function unbroken(text) {
  return String(text).split(INSTANT).map((part, i) => (i % 2 ? element("span", { class: "whole" }, part) : part));
}

export function byId(id) {
  return document.getElementById(id);
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}
