"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue("--" + name).trim();
  const lineColours = ["limit-1", "limit-2", "limit-3", "limit-4", "limit-5", "limit-6"].map(colour);
  const tzDate = (at) => uPlot.tzDate(new Date((at + data.shift) * 1e3), data.zone);
  const amount = (value) => value == null ? "–" : value.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 8 });
  const stepped = uPlot.paths.stepped({ align: 1 });
  const shown = { breach: "breach", fault: "breach", phase: "phase", warning: "warning" };

  const axis = (more) => ({ stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 }, ...more });

  /** Times on a clock of 24 hours, with the date where it changes. */
  const times = [
    [31536000, "{YYYY}", null, null, null, null, null, null, 1],
    [2419200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
    [86400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
    [60, "{HH}:{mm}", "\n{D} {MMM} {YYYY}", null, "\n{D} {MMM}", null, null, null, 1],
    [1, "{HH}:{mm}:{ss}", "\n{D} {MMM} {YYYY}", null, "\n{D} {MMM}", null, null, null, 1],
    [0.001, ":{ss}.{fff}", "\n{D} {MMM} {YYYY} {HH}:{mm}", null, "\n{D} {MMM} {HH}:{mm}", null, "\n{HH}:{mm}", null, 1],
  ];

  /** Lines at the instants of breaches, warnings and phases. */
  const markLines = (marks) => (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    for (const [at, matter] of marks) {
      const x = Math.round(chart.valToPos(at, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = colour(shown[matter]);
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash(matter === "warning" ? [4, 4] : []);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(x, bbox.top, 4 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  };

  /** Says the mark that is nearest to the pointer. */
  const tellMark = (marks, where) => (chart) => {
    const { left } = chart.cursor;
    if (left == null || left < 0) return;
    let best = null;
    let least = 8;
    for (const mark of marks) {
      const distance = Math.abs(chart.valToPos(mark[0], "x") - left);
      if (distance <= least) [best, least] = [mark, distance];
    }
    if (best) where.textContent = best[1] + ": " + best[2];
  };

  /** The charts of each account that is drawn. */
  const drawn = new Map();

  /** Shows a span of time in all charts of an account. */
  const show = (account, min, max) => drawn.get(account).forEach((chart) => chart.setScale("x", { min, max }));

  /** Shows an instant, with what led to it since the mark before. */
  const zoom = (account, at) => {
    const [times] = drawn.get(account)[0].data;
    const before = data.accounts[account].marks.map(([mark]) => mark).filter((mark) => mark < at);
    const span = Math.max(at - (before.length ? before[before.length - 1] : times[0]), 10);
    show(account, at - span * 1.2, at + span * 0.4);
  };

  /** A breach soon after the start of a long run would be hidden at the edge: the chart opens with what led to it. */
  const open = (account, where) => {
    const [times] = drawn.get(account)[0].data;
    const [first, last] = [times[0], times[times.length - 1]];
    const breach = data.accounts[account].marks.find(([, matter]) => matter === "breach");
    if (!breach || breach[0] - first > (last - first) * 0.05) return;
    const span = Math.max(breach[0] - first, 10);
    show(account, first - span * 0.05, breach[0] + span * 0.25);
    where.textContent = "Opened at the first breach, " + breach[2] + "; click twice for all of the run.";
  };

  const draw = (box) => {
    if (drawn.has(Number(box.dataset.account))) return;
    const account = data.accounts[Number(box.dataset.account)];
    const sync = uPlot.sync("account-" + box.dataset.account);
    const cursor = { sync: { key: sync.key }, drag: { x: true, y: false } };
    const make = (place, height, tables, series, more) => {
      if (!tables.length) { place.textContent = "Nothing was held."; return null; }
      const options = {
        width: place.clientWidth, height, cursor, tzDate,
        scales: { x: { time: true } },
        axes: [axis({ values: times }), axis({ size: 90, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString()) })],
        series: [{ label: "time", value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" }, ...series],
        ...more,
      };
      const chart = new uPlot(options, uPlot.join(tables), place);
      new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height })).observe(place);
      return chart;
    };
    const lines = account.lines.map(({ name }, at) => ({
      label: name, stroke: lineColours[at % lineColours.length], width: 1.5, paths: stepped, points: { show: false }, value: (_, value) => amount(value),
    }));
    const money = [
      { label: "equity", stroke: colour("equity"), width: 1.5, paths: stepped, points: { show: false }, value: (_, value) => amount(value) },
      { label: "balance", stroke: colour("balance"), width: 1.5, paths: stepped, points: { show: false }, value: (_, value) => amount(value) },
      ...lines,
    ];
    const tables = [account.equity, account.balance, ...account.lines.map((line) => line.data)];
    const above = make(box.querySelector(".money"), 380, tables, money, {
      hooks: { draw: [markLines(account.marks)], setCursor: [tellMark(account.marks, box.querySelector(".mark"))] },
    });
    const held = account.positions.map(({ name }, at) => ({
      label: name, stroke: lineColours[(at + 3) % lineColours.length], width: 1.5, paths: stepped, points: { show: false },
    }));
    const below = make(box.querySelector(".positions"), 180, account.positions.map((line) => line.data), held, {});
    drawn.set(Number(box.dataset.account), [above, below].filter((chart) => chart));
    open(Number(box.dataset.account), box.querySelector(".mark"));
  };

  document.querySelectorAll(".zoom").forEach((button) => button.addEventListener("click", () => {
    const box = document.querySelector(`.charts[data-account="${button.dataset.account}"]`);
    draw(box);
    zoom(Number(button.dataset.account), Number(button.dataset.at));
    box.scrollIntoView({ block: "start" });
  }));

  // Of many accounts the later ones are drawn as they come into sight, so that they cost nothing at first.
  const watch = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      if (isIntersecting) { watch.unobserve(target); draw(target); }
    }
  }, { rootMargin: "400px" });
  document.querySelectorAll(".charts").forEach((box, at) => at < 8 ? draw(box) : watch.observe(box));
})();
