// Charts: the specifications of charts.py, drawn by vega-embed after the tables are on the page.
const [teamStrength, teamWins] = [0, 1].map(() => make("div", { class: "chart" }));
const drawn = new Map();
let library = null;

/** Draw rows into an element, or update its chart; `values` are parameters of the specification. */
function draw(node, name, rows, label, values = {}) {
  library ??= unpacked("vega").text().then((text) => document.head.append(make("script", {}, text)));
  const { before = library } = drawn.get(node) || {};
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", label);
  const chart = { rows, values, before: before.then((view) => latest(view)) };
  drawn.set(node, chart);
  async function latest(view) {
    if (drawn.get(node) !== chart) return view;
    const { view: made } = view ? { view } : await vegaEmbed(node, { ...data.charts[name], datasets: { rows } }, { actions: false, renderer: "svg", ast: true, defaultStyle: false });
    node.querySelector("svg").setAttribute("aria-hidden", "true"); // the label says what it shows
    Object.entries(values).forEach(([key, value]) => made.signal(key, value));
    return made.data("rows", rows).resize().runAsync();
  }
}

function showTiers() {
  const one = day();
  let [tier, best] = [0, null];
  const rows = order(one.strength).map((team) => {
    const [value, half] = [one.strength[team], data.z * one.sd[team]];
    if (best === null || value + half < best) { tier += 1; best = value; }
    return { team: short(team), tier, value, low: value - half, high: value + half };
  });
  draw(pick("tiers"), "tiers", rows, "Strength of every team with its interval, in tiers");
}

/** Places of labels as near to their values as they can be without overlap (isotonic regression). */
function apart(values, gap) {
  const sorted = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const blocks = [];
  sorted.forEach((at, index) => {
    blocks.push([values[at] - index * gap, 1]);
    while (blocks.length > 1 && blocks.at(-2)[0] > blocks.at(-1)[0]) {
      const [[upper, n], [lower, m]] = [blocks.pop(), blocks.pop()];
      blocks.push([(upper * n + lower * m) / (n + m), n + m]);
    }
  });
  const level = blocks.flatMap(([value, n]) => Array(n).fill(value));
  return values.map((_, at) => level[sorted.indexOf(at)] + sorted.indexOf(at) * gap);
}

function showRace() {
  const key = pick("race-of").value;
  const { history, days, teams } = season();
  const weekly = key === "strength";
  const odds = key === "title" || key === "playoffs";
  const points = teams.map((_, team) => (weekly ? history.days.map((one, at) => [one, history.strength[team][at]])
    : days.map((one) => [one.as_of, one[key][team] / (odds ? 100 : 1)])).filter(([when]) => when <= state.day));
  const last = points.map((line) => line.at(-1)[1]);
  const named = order(last).slice(0, 8);
  const all = points.flat().map(([, value]) => value);
  const places = apart(named.map((team) => last[team]), 14 / 320 * (Math.max(...all) - Math.min(...all) || 1));
  const rows = points.flatMap((line, team) => line.map(([when, value], at) => {
    const place = named.indexOf(team);
    return { day: when, team: short(team), value, text: odds ? percent(value * 100) : weekly ? signed(value, 1) : value.toFixed(1),
      colour: place < 0 ? "var(--faint)" : colour(team), label_at: place >= 0 && at === line.length - 1 ? places[place] : null };
  }));
  const name = pick("race-of").selectedOptions[0].text;
  pick("race-note").textContent = weekly ? "" : "Simulated on the days with a dot, latest on " + points[0].at(-1)[0] + "; lines connect them.";
  draw(pick("race"), "race", rows, name + " of every team up to " + state.day,
    { suffix: odds ? " %" : "", title: { title: "Probability of the title", playoffs: "Probability of the playoffs", projected: "Projected wins", strength: "Strength, points per game" }[key] });
}

/** Offsets of labels from their points in pixels: a free place on the smallest ellipse that has one. */
function beside(points, width, height) {
  const SPOTS = [1, 2, 3, 4].flatMap((ring) => [...Array(8 * ring).keys()].map((at) => 2 * Math.PI * at / (8 * ring))
    .map((angle) => [(10 + 13 * ring) * Math.sin(angle), -13 * ring * Math.cos(angle), ring]));
  const boxes = points.map(([x, y]) => [x, y, 8, 8]);
  const overlap = ([x, y, w, h]) => boxes.reduce((sum, one) => sum + Math.max(0, (w + one[2]) / 2 - Math.abs(x - one[0])) * Math.max(0, (h + one[3]) / 2 - Math.abs(y - one[1])), 0);
  return points.map(([x, y]) => {
    const costs = SPOTS.map(([right, down, ring]) => overlap([x + right, y + down, 32, 14]) + ring
      + (ring > 1 ? overlap([x + right / 2, y + down / 2, 6, 6]) : 0) + (Math.abs(x + right) > width / 2 - 16 || Math.abs(y + down) > height / 2 - 8 ? 1e3 : 0));
    const [right, down, ring] = SPOTS[costs.indexOf(Math.min(...costs))];
    boxes.push([x + right, y + down, 32, 14]);
    return [right, down, ring > 1 ? 1 - Math.min(Math.abs(16 / right), Math.abs(8 / down)) : null];
  });
}

function showSides() {
  const { offence, defence } = day();
  const most = Math.max(5, ...[...offence, ...defence].map((value) => Math.ceil(Math.abs(value) + 0.3)));
  const [width, height] = [pick("sides").clientWidth - 50, 480];
  const [right, up] = [2 * most / width, 2 * most / height]; // points a pixel
  const places = beside(offence.map((value, at) => [value / right, -defence[at] / up]), width, height);
  const rows = season().teams.map(([team, name], at) => {
    const [x, y, line] = places[at];
    const moved = (part) => ({ x: offence[at] + x * part * right, y: defence[at] - y * part * up });
    const [label, end] = [moved(1), moved(line ?? 0)];
    return { team, name, offence: offence[at], defence: defence[at], label_x: label.x, label_y: label.y, line_x: end.x, line_y: end.y };
  });
  draw(pick("sides"), "sides", rows, "Offence and defence of every team, points per 100 possessions against an average team", { most });
}

function showTeamCharts(team) {
  const { days, strength } = season().history;
  const name = season().teams[team][1];
  const all = strength.flat();
  draw(teamStrength, "strength", days.map((when, at) => ({ day: when, value: strength[team][at] })).filter((one) => one.day <= state.day),
    "Strength of " + name + " by week", { low: Math.min(...all), high: Math.max(...all) });
  const [first, shares] = day().distribution[team];
  if (shares) draw(teamWins, "wins", shares.map((share, at) => ({ wins: first + at, share: share / 100 })), "Probability of each number of wins of " + name);
}
