// Zoom and search in a flame graph. Without it the picture shows the whole.
"use strict";
const $ = id => document.getElementById(id), note = $("note"), said = note.textContent;
const all = [...document.querySelectorAll("#frames g")].map(g => ({
  g, rect: g.querySelector("rect"), text: g.querySelector("text"),
  x: +g.dataset.x, w: +g.dataset.w, row: +g.dataset.row, name: g.dataset.name,
  title: g.querySelector("title").textContent,
}));
let zoomed = all[0];
function show() {
  const width = $("frames").getBoundingClientRect().width;
  for (const f of all) {
    const outer = f.row < zoomed.row && f.x <= zoomed.x && f.x + f.w >= zoomed.x + zoomed.w;
    const x = outer ? 0 : (f.x - zoomed.x) / zoomed.w, w = outer ? 1 : f.w / zoomed.w;
    const hidden = !outer && (f.row < zoomed.row || x < -1e-9 || x + w > 1 + 1e-9 || w * width < .3);
    f.g.style.display = hidden ? "none" : "";
    if (hidden) continue;
    f.g.classList.toggle("outer", outer);
    f.rect.setAttribute("x", 100 * x + "%");
    f.rect.setAttribute("width", 100 * w + "%");
    f.text.setAttribute("x", 100 * x + "%");
    const room = Math.floor((w * width - 8) / 7.25);
    f.text.textContent = room < 3 ? "" : f.name.length <= room ? f.name : f.name.slice(0, room - 1) + "…";
  }
}
function search() {
  let wanted = null;
  try { if ($("search").value) wanted = new RegExp($("search").value, "i"); } catch (error) { note.textContent = error.message; return; }
  let found = 0, end = -1;
  for (const f of all) f.g.classList.toggle("found", wanted !== null && wanted.test(f.name));
  const matches = wanted ? all.filter(f => f.g.classList.contains("found")) : [];
  for (const f of matches.sort((a, b) => a.x - b.x || b.w - a.w))
    if (f.x + f.w > end + 1e-9) { found += f.x + f.w - Math.max(end, f.x); end = f.x + f.w; }
  note.textContent = wanted ? (100 * found).toFixed(1) + "% in what matches" : said;
}
for (const f of all) {
  f.g.addEventListener("click", () => { zoomed = f === zoomed ? all[0] : f; show(); });
  f.g.addEventListener("mouseenter", () => note.textContent = f.title);
  f.g.addEventListener("mouseleave", search);
}
$("search").addEventListener("input", search);
addEventListener("keydown", event => { if (event.key === "Escape") { zoomed = all[0]; $("search").value = ""; search(); show(); } });
addEventListener("resize", show);
show();
