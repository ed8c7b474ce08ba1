"use strict";
// Filters and copying; without it the page shows everything, and nothing is lost.
(() => {
  const form = document.getElementById("filters");
  const findings = [...document.querySelectorAll(".finding")];
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const said = document.getElementById("said");
  const texts = new Map();

  document.documentElement.classList.add("scripting");

  function textOf(finding) {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  }

  function filter() {
    const data = new FormData(form);
    const statuses = new Set(data.getAll("status"));
    const severities = new Set(data.getAll("severity"));
    const connector = data.get("connector");
    const words = data.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const finding of findings) {
      const its = finding.dataset;
      const matches =
        statuses.has(its.status) &&
        severities.has(its.severity) &&
        (connector === "" || its.connector === connector) &&
        words.every((word) => textOf(finding).includes(word));
      finding.hidden = !matches;
      count += matches ? 1 : 0;
    }
    shown.textContent = `${count} of ${findings.length} findings shown`;
    none.classList.toggle("there", count === 0);
  }

  function selected(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  async function copy(button) {
    const code = button.parentElement.querySelector("code");
    let done = false;
    try {
      await navigator.clipboard.writeText(code.textContent);
      done = true;
    } catch {
      // A page from a file share may not use the clipboard so; the old way, then.
      selected(code);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    said.textContent = done ? "Copied to the clipboard" : "Selected: press Ctrl+C";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("all").addEventListener("click", () => {
    form.reset();
    filter();
  });
  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", () => copy(button));
  }
  // What is folded on the screen is not lost on paper.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = findings.filter((one) => one.localName === "details" && !one.open);
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });
  filter();
})();
