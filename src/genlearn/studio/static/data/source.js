// A problem's mend leads to the field that mends it, which may be folded away.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#reading-"]');
  const field = link && document.querySelector(link.getAttribute("href"));
  if (!field) return;
  event.preventDefault();
  field.closest("details").open = true;
  field.scrollIntoView({ block: "center" });
  field.focus();
});
