// Light or dark, before the page is drawn: what the reader chose last, or else what the system asks.
const storedMode = () => {
  try {
    return localStorage.getItem("mode") ?? "auto";
  } catch {
    return "auto"; // a browser that keeps nothing
  }
};
const darkSystem = matchMedia("(prefers-color-scheme: dark)");

function applyMode(mode) {
  const dark = mode === "dark" || (mode === "auto" && darkSystem.matches);
  document.documentElement.dataset.mode = mode;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.querySelector("meta[name=theme-color]").content = dark ? "#14171b" : "#fbfaf7";
}
applyMode(storedMode());
darkSystem.addEventListener("change", () => applyMode(document.documentElement.dataset.mode));
