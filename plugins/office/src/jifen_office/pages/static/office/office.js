// What pages do beyond what a browser does by itself: everything here is a convenience, and each page works without it.
"use strict";

// A button that prints is shown only where it can do so.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A choice that only changes what is shown is taken at once.
for (const control of document.querySelectorAll("[data-sends]")) {
  control.addEventListener("change", () => control.form.requestSubmit());
}

// The sheet of a round: Enter goes to the next line, and from the last one to what goes with the sheet, instead of sending half of it.
for (const sheet of document.querySelectorAll("[data-round]")) {
  sheet.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.matches("button, textarea")) return;
    event.preventDefault();
    const row = event.target.closest("tr");
    const next = row && row.nextElementSibling;
    (next ? next.querySelector("input, select") : sheet.querySelector("section select, section input:not([type=hidden])")).focus();
  });
}

// What was wrong with a form is read first.
const wrong = document.querySelector("[data-wrong]");
if (wrong) wrong.focus();
