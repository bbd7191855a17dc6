// Elements, numbers and times; every text is set as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const MINUS = "\u2212";
const $ = (id) => document.getElementById(id);

function say(key, values = {}) {
  const text = words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  return words.language === "fr" ? text.replace(/ ([:;?!%»])/g, "\u00a0$1") : text;
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}
const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

function number(value, digits = 2, sign = false) {
  if (value === null || Number.isNaN(value)) return "\u2013";
  let body = Math.abs(value).toFixed(digits);
  const isZero = !/[1-9]/.test(body);
  const [whole, rest] = body.split(".");
  body = whole.replace(/\B(?=(\d{3})+$)/g, words.group) + (rest ? words.point + rest : "");
  return (isZero ? "" : value < 0 ? MINUS : sign ? "+" : "") + body;
}
const percent = (fraction, digits = 1, sign = false) =>
  fraction === null || Number.isNaN(fraction) ? "\u2013" : number(100 * fraction, digits, sign) + words.percent;
function plain(value, figures = 6) {
  if (value === null) return "\u2013";
  if (value === 0) return "0";
  const digits = Math.max(0, Math.min(12, figures - 1 - Math.floor(Math.log10(Math.abs(value)))));
  const text = Math.abs(value).toFixed(digits);
  return number(value, text.includes(".") ? text.replace(/0+$/, "").split(".")[1].length : 0);
}
const moment = (ts) => new Date(ts).toISOString().slice(0, 16).replace("T", " ");
const day = (ts) => moment(ts).slice(0, 10);
const direction = (value) => (value > 0 ? "up" : value < 0 ? "down" : "");

function summed(differences, unit = 1) {
  let at = 0;
  return differences.map((difference) => (at += difference) * unit);
}
