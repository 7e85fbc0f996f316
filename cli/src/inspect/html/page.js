// Shows the code of a chosen function, and which lines of its forms belong together.
"use strict";
const $ = id => document.getElementById(id);
const data = $("listings"), listings = data ? JSON.parse(data.textContent) : [];
const forms = ["source", "wasm", "clif", "asm"];
let kept = false;
function fill(id, lines) {
  $(id).replaceChildren(...lines.map(([offset, text, source]) => {
    const line = document.createElement("span");
    line.textContent = text || " ";
    if (offset) line.dataset.at = offset;
    if (source) line.dataset.line = source;
    return line;
  }));
}
function show(number) {
  const listing = listings[number];
  $("function").value = number;
  const lines = new Map(listing.wasm.map(([offset, , , line]) => [offset, line]));
  $("from").hidden = !listing.source.length;
  fill("source", listing.source.map(([line, text]) => [0, text, line]));
  fill("wasm", listing.wasm.map(([offset, depth, text, line]) =>
    [offset, offset.toString(16).padStart(6) + "  " + "  ".repeat(depth) + text, line]));
  fill("clif", listing.clif.map(([offset, text]) => [offset, text, lines.get(offset)]));
  fill("asm", listing.asm.map(([offset, text]) => [offset, text, lines.get(offset)]));
  kept = false;
}
function mark(event) {
  const { at, line } = event.target.dataset || {};
  // A click keeps what it marks until the next one.
  if (event.type == "click") kept = !!(at || line);
  else if (kept) return;
  for (const marked of document.querySelectorAll(".code .on")) marked.classList.remove("on");
  if (!at && !line) return;
  for (const id of forms) {
    // A line of the source stands for all that comes from it, an instruction for itself and its line.
    const lines = $(id).querySelectorAll(at && id !== "source" ? `[data-at="${at}"]` : `[data-line="${line}"]`);
    for (const line of lines) line.classList.add("on");
    if (lines.length && $(id) !== event.currentTarget)
      $(id).scrollTop = lines[0].offsetTop - $(id).offsetTop - $(id).clientHeight / 3;
  }
}
if (listings.length) {
  $("function").replaceChildren(...listings.map((listing, number) => new Option(listing.name, number)));
  $("function").addEventListener("change", event => show(+event.target.value));
  for (const id of forms) for (const kind of ["mouseover", "click"]) $(id).addEventListener(kind, mark);
  for (const place of document.querySelectorAll("[data-listing]"))
    place.addEventListener("click", () => { show(+place.dataset.listing); $("code").scrollIntoView({ behavior: "smooth" }); });
  show(0);
}
