// What a page does beside showing itself.
(() => {
  // The button for light, dark, or as the system has it.
  const MODES = {
    auto: "Colours: as the system has them",
    light: "Colours: light",
    dark: "Colours: dark",
  };
  const button = document.querySelector(".theme-switch-button");
  const nameButton = () => {
    const name = MODES[document.documentElement.dataset.mode] ?? MODES.auto;
    button.querySelector(".unseen").textContent = name;
    button.title = name;
  };
  button.addEventListener("click", () => {
    const names = Object.keys(MODES);
    const mode = names[(names.indexOf(document.documentElement.dataset.mode) + 1) % names.length];
    applyMode(mode);
    try {
      localStorage.setItem("mode", mode);
    } catch {
      // then it holds for this page
    }
    nameButton();
  });
  nameButton();
  button.hidden = false;

  // Ctrl+K: to the search field. Escape: back to where the reader was.
  const search = document.querySelector(".bd-search input");
  let before = null;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.activeElement === search) before?.focus();
    if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (document.activeElement !== search) before = document.activeElement;
    search.focus();
    search.select();
  });

  // A drawer closes when a link in it is followed.
  for (const drawer of document.querySelectorAll("nav[popover]")) {
    drawer.addEventListener("click", ({ target }) => {
      if (target.closest("a")) drawer.hidePopover?.();
    });
  }

  // A copied piece of code: say so, and stay there.
  const said = document.getElementById("said");
  function noteCopy({ target }) {
    const copy = target.closest(".copybtn");
    if (!copy) return;
    setTimeout(() => {
      copy.focus();
      said.textContent = "Copied";
    });
    setTimeout(() => said.textContent = "", 2000);
  }
  document.addEventListener("click", noteCopy, true); // before the button draws another sign

  // What is too wide scrolls by itself. Then the arrow keys must reach it.
  const article = document.querySelector(".bd-article");
  const scrollers = article.querySelectorAll(
    "pre, .formula, span.math, .pst-scrollable-table-container",
  );
  function reach(box) {
    const formula = box.querySelector(":scope > math");
    if (formula) box.classList.toggle("wide", formula.clientWidth > article.clientWidth);
    const hidden = getComputedStyle(box).overflowX === "auto"
      ? box.scrollWidth - box.clientWidth
      : 0;
    if (hidden > 0) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
    box.classList.toggle("more", hidden - box.scrollLeft > 2); // there is more to the right
  }
  new ResizeObserver(() => scrollers.forEach(reach)).observe(article);
  for (const box of scrollers) box.addEventListener("scroll", () => reach(box), { passive: true });

  // What is folded unfolds when an address leads into it, and on paper.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    if (target?.closest("details")) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
  let opened = [];
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.theme = "light"; // paper is
    opened = [...document.querySelectorAll(".bd-article details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    applyMode(document.documentElement.dataset.mode);
  });

  // Where the reader is, in the list of sections.
  const places = new Map();
  for (const link of document.querySelectorAll(".page-toc a")) {
    const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (place) places.set(place, link);
  }
  const here = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      if (isIntersecting) places.get(target).setAttribute("aria-current", "true");
      else places.get(target).removeAttribute("aria-current");
    }
  });
  for (const place of places.keys()) here.observe(place);
})();
