/* Elements of the page, and numbers as people write them. */

const SVG = "http://www.w3.org/2000/svg";

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** An HTML element. An attribute that is a function listens to the event of that name. */
export function html(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** The same for a part of a drawing. */
export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

/** A table with a head for each column, and a caption for screen readers. */
export function table(caption, heads, rows) {
  return html(
    "table",
    {},
    html("caption", { class: "unseen" }, caption),
    html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))),
    html("tbody", {}, ...rows),
  );
}

/** Change attributes of an element that is there already. */
export function set(element, attributes) {
  return build(element, attributes, []);
}

/** A number with so many digits after the point and a real minus sign; −0.00 is 0.00. */
export function format(value, digits = 2) {
  if (Math.abs(value) >= 1e6) return value.toExponential(1).replaceAll("-", "−").replace("+", "");
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** Write a number into an element, in short; all of its digits stay in `data-value`. */
export function show(element, value, digits = 2) {
  element.textContent = format(value, digits);
  element.dataset.value = value;
}

/** "1 node", "2 nodes" */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
