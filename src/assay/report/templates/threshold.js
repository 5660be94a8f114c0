"use strict";
// The slider: reads counts per threshold that are on the page, and shows what follows from them.
(() => {
  const byId = (id) => document.getElementById(id);
  const table = JSON.parse(byId("thresholds").textContent);
  const slider = byId("cut");
  const start = Number(byId("slider").dataset.start);

  const percent = (share) => {
    if (!Number.isFinite(share)) return "–";
    if (share === 0 || share === 1) return 100 * share + "%";
    const text = (100 * share).toFixed(1);
    return (text === "100.0" || text === "0.0" ? (100 * share).toFixed(3) : text) + "%";
  };
  const count = (number) => number.toLocaleString("en", { maximumFractionDigits: 1 });
  const money = (number) => number.toLocaleString("en", { maximumSignificantDigits: 3 });
  const at = (i) => table.at[i].toFixed(3);
  const price = (id) => Math.max(0, Number(byId(id).value) || 0);

  const cost = (i) => {
    const rows = table.tp[i] + table.fp[i] + table.fn[i] + table.tn[i];
    return (1000 * (price("cost-fp") * table.fp[i] + price("cost-fn") * table.fn[i])) / rows;
  };
  const cheapest = () => {
    let best = start;
    for (let i = 0; i < table.at.length; i += 1) if (cost(i) < cost(best)) best = i;
    return best;
  };

  const measures = (i) => {
    const [tp, fp, fn, tn] = [table.tp[i], table.fp[i], table.fn[i], table.tn[i]];
    const rows = tp + fp + fn + tn;
    return {
      precision: percent(tp / (tp + fp)),
      recall: percent(tp / (tp + fn)),
      f1: percent((2 * tp) / (2 * tp + fp + fn)),
      accuracy: percent((tp + tn) / rows),
      flagged: percent((tp + fp) / rows),
      tp: count(tp), fp: count(fp), fn: count(fn), tn: count(tn),
      cost: money(cost(i)),
    };
  };

  const show = () => {
    const i = Number(slider.value);
    const best = cheapest();
    for (const [name, text] of Object.entries(measures(i))) byId("live-" + name).textContent = text;
    byId("cut-at").textContent = at(i);
    slider.setAttribute("aria-valuetext", at(i));
    byId("cheapest").textContent = `Cheapest: ${money(cost(best))}, from ${at(best)} on.`;
    byId("to-cheapest").textContent = `Cheapest: ${at(best)}`;
    const view = byId("threshold-lines").view;
    if (view) view.signal("cut", table.at[i]).runAsync();
  };
  const go = (i) => { slider.value = i; show(); };

  slider.addEventListener("input", show);
  byId("cost-fp").addEventListener("input", show);
  byId("cost-fn").addEventListener("input", show);
  byId("to-used").addEventListener("click", () => go(start));
  byId("to-cheapest").addEventListener("click", () => go(cheapest()));
  show();
})();
