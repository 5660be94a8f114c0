"use strict";
// Draws every chart from the spec beside it. Nothing is loaded: specs hold their data.
(() => {
  const draw = async (place) => {
    const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const { view } = await vegaEmbed(place, spec, { actions: false, renderer: "svg" });
    place.view = view;
  };
  const all = [...document.querySelectorAll("[data-chart]")].map(draw);
  Promise.all(all).then(() => { document.documentElement.dataset.charts = "drawn"; });
})();
