// Shows the code of a chosen function, and which lines of its forms belong together.
"use strict";
const $ = id => document.getElementById(id);
const data = $("listings"), listings = data ? JSON.parse(data.textContent) : [];
function fill(id, lines) {
  $(id).replaceChildren(...lines.map(([offset, text]) => {
    const line = document.createElement("span");
    line.textContent = text || " ";
    if (offset) line.dataset.at = offset;
    return line;
  }));
}
function show(number) {
  const listing = listings[number];
  $("function").value = number;
  fill("wasm", listing.wasm.map(([offset, depth, text]) =>
    [offset, offset.toString(16).padStart(6) + "  " + "  ".repeat(depth) + text]));
  fill("clif", listing.clif);
  fill("asm", listing.asm.split("\n").map(text => [0, text]));
}
function mark(event) {
  const at = event.target.dataset && event.target.dataset.at;
  for (const line of document.querySelectorAll(".code .on")) line.classList.remove("on");
  if (!at) return;
  for (const id of ["wasm", "clif"]) {
    const lines = $(id).querySelectorAll(`[data-at="${at}"]`);
    for (const line of lines) line.classList.add("on");
    if (lines.length && $(id) !== event.currentTarget)
      $(id).scrollTop = lines[0].offsetTop - $(id).offsetTop - $(id).clientHeight / 3;
  }
}
if (listings.length) {
  $("function").replaceChildren(...listings.map((listing, number) => new Option(listing.name, number)));
  $("function").addEventListener("change", event => show(+event.target.value));
  for (const id of ["wasm", "clif"]) $(id).addEventListener("mouseover", mark);
  for (const place of document.querySelectorAll("[data-listing]"))
    place.addEventListener("click", () => { show(+place.dataset.listing); $("code").scrollIntoView({ behavior: "smooth" }); });
  show(0);
}
