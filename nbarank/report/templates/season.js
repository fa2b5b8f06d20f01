// Charts, tiers, race, seeds and the page of a team.
/** Lines of [x, y] points; x are days (text) or numbers. `marked` lines are coloured and labelled. */
function lineChart(lines, { format, label, low, high, diagonal }) {
  const [width, height, left, right, top, bottom] = [Math.max(300, Math.min(720, innerWidth - 40)), 300, 48, 60, 12, 28];
  const value = (x) => typeof x === "string" ? Date.parse(x) : x;
  const xs = lines.flatMap((one) => one.points.map(([x]) => value(x)));
  const ys = lines.flatMap((one) => one.points.map(([, y]) => y));
  const [x0, x1] = diagonal ? [0, 1] : [Math.min(...xs), Math.max(...xs)];
  const y0 = low ?? Math.min(...ys), y1 = high ?? Math.max(...ys, y0 + 1);
  const px = (x) => left + ((width - left - right) * (value(x) - x0)) / (x1 - x0 || 1);
  const py = (y) => top + (height - top - bottom) * (1 - (y - y0) / (y1 - y0 || 1));
  const grid = [0, 1, 2, 3, 4].map((step) => y0 + ((y1 - y0) * step) / 4);
  const ends = [...new Set(lines.flatMap((one) => one.points.map(([x]) => x)))].sort((a, b) => value(a) - value(b));
  const named = lines.filter((one) => one.marked).map((one) => ({ one, y: py(one.points[one.points.length - 1][1]) })).sort((a, b) => a.y - b.y);
  named.forEach((label, index) => { if (index) label.y = Math.max(label.y, named[index - 1].y + 13); });
  named.reverse().forEach((label, index) => { label.y = Math.min(label.y, index ? named[index - 1].y - 13 : height - bottom); });
  return make("svg", { class: "chart", viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": label },
    grid.map((y) => [make("line", { class: "axis", x1: left, x2: width - right, y1: py(y), y2: py(y) }), make("text", { x: left - 6, y: py(y) + 4, "text-anchor": "end" }, format(y))]),
    [ends[0], ends[ends.length - 1]].map((x, index) => make("text", { x: px(x), y: height - 6, "text-anchor": index ? "end" : "start" }, String(x))),
    diagonal ? make("line", { class: "axis", x1: px(0), y1: py(0), x2: px(1), y2: py(1) }) : null,
    [...lines].sort((a, b) => Boolean(a.marked) - Boolean(b.marked)).map((one) => make("g", { class: "line" },
      make("path", { d: "M" + one.points.map(([x, y]) => px(x).toFixed(1) + " " + py(y).toFixed(1)).join("L"), fill: "none", stroke: one.marked ? one.colour : "var(--faint)", "stroke-width": one.marked ? 2.2 : 1.2 }),
      one.points.map(([x, y]) => make("circle", { cx: px(x), cy: py(y), r: one.marked ? 3 : 2, fill: one.marked ? one.colour : "var(--faint)" }, make("title", {}, one.name + ", " + x + ": " + format(y)))))),
    named.map(({ one, y }) => make("text", { x: width - right + 6, y: y + 4 }, one.name)));
}

const scrolled = (label, node) => make("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label }, node);

function bars(rows, signedValues) {
  const most = Math.max(...rows.map(([, value]) => Math.abs(value)), 1e-9);
  return rows.map(([name, value, text]) => {
    const width = (signedValues ? 50 : 100) * Math.abs(value) / most;
    const left = signedValues ? (value < 0 ? 50 - width : 50) : 0;
    return make("div", { class: "bar" }, make("span", {}, name),
      make("span", { class: "track" }, make("i", { style: { left: left + "%", width: width + "%", background: value < 0 ? "var(--down)" : "var(--up)" } })),
      make("span", { class: "number" }, text));
  });
}

function showTiers() {
  const one = day();
  const tiers = [];
  let best = null;
  for (const team of order(one.strength)) {
    if (best === null || one.strength[team] + data.z * one.sd[team] < best) { tiers.push([]); best = one.strength[team]; }
    tiers[tiers.length - 1].push(short(team) + " " + signed(one.strength[team], 1));
  }
  pick("tiers").replaceChildren(...tiers.map((tier) => make("li", {}, tier.join(", "))));
}

function showRace() {
  const key = pick("race-of").value;
  const { history, days, teams } = season();
  const weekly = key === "strength";
  const points = (team) => (weekly ? history.days.map((one, at) => [one, history.strength[team][at]]) : days.map((one) => [one.as_of, one[key][team]])).filter(([x]) => x <= state.day);
  const values = teams.map((_, team) => points(team).at(-1)[1]);
  const marked = new Set(order(values).slice(0, 8));
  const odds = key === "title" || key === "playoffs";
  pick("race").replaceChildren(lineChart(teams.map((one, team) => ({ name: one[0], points: points(team), marked: marked.has(team), colour: colour(team) })),
    { format: (value) => odds ? Math.round(value / 100) + " %" : weekly ? signed(value, 1) : value.toFixed(0), low: odds ? 0 : undefined, label: pick("race-of").selectedOptions[0].text + " of every team up to " + state.day }));
}

function showSeeds() {
  const one = day();
  const head = ["Team", 1, 2, 3, 4, 5, 6, 7, 8, "Play-in"];
  pick("seeds").replaceChildren(...["East", "West"].map((conference) => {
    const teams = order(one.projected).filter((team) => season().teams[team][2] === conference);
    return scrolled("Seeds of the " + conference, make("table", { class: "small" }, make("caption", {}, conference),
      make("thead", {}, make("tr", {}, head.map((text) => make("th", { scope: "col", class: text === "Team" ? "" : "number" }, text)))),
      make("tbody", {}, teams.map((team) => make("tr", {}, make("th", { scope: "row" }, short(team)), one.seeds.map((seed) => shaded(seed[team])), shaded(one.play_in[team]))))));
  }));
}

function showSeason() { showTiers(); showRace(); showSeeds(); }

function gamesOfTeam(team) {
  const played = season().played.filter(([date, home, away]) => date < state.day && (home === team || away === team)).reverse();
  const coming = day().games.filter(([, home, away]) => home === team || away === team);
  const side = (home, chance) => chance === null ? null : (home === team ? likely : unlikely)(chance);
  const line = ([date, home, away], text, chance) => make("tr", {}, make("td", {}, date), make("td", {}, (home === team ? "vs " : "at ") + short(home === team ? away : home)), make("td", {}, text), number(chance ?? ""));
  const table = (rows, name) => scrolled(name, make("table", { class: "small" }, make("caption", {}, name), make("thead", {}, make("tr", {}, ["Day", "Opponent", "Result"].map((one) => make("th", { scope: "col" }, one)), make("th", { scope: "col", class: "number" }, "Forecast"))), make("tbody", {}, rows)));
  const result = (game) => {
    const [own, other] = game[1] === team ? [game[3], game[4]] : [game[4], game[3]];
    return line(game, (own > other ? "W " : "L ") + own + "\u2013" + other, side(game[1], game[5]));
  };
  const rest = played.slice(5);
  return [table([...coming.map((game) => line(game, "", side(game[1], game[3]))).reverse(), ...played.slice(0, 5).map(result)], "Coming and latest games, with the forecast of a win"),
    rest.length ? make("details", {}, make("summary", {}, "All games of the season so far"), table(rest.map(result), "Earlier games")) : null];
}

function seasonsOfTeam(abbreviation) {
  const rows = data.seasons.flatMap((one) => {
    const team = one.teams.findIndex((other) => other[0] === abbreviation);
    const last = one.days[one.days.length - 1];
    if (team < 0) return [];
    const ended = last.share >= 100 && last.ended ? last.ended[team] : null;
    return [make("tr", {}, make("th", { scope: "row" }, one.season), number(last.wins[team] + "\u2013" + last.losses[team]), number(signed(last.strength[team], 1)), number(ended === null ? "\u2013" : String(ended)))];
  });
  return make("table", {}, make("caption", {}, "Latest day of each season; place by playoff result"), make("thead", {}, make("tr", {}, ["Season", "Record", "Strength", "Place"].map((one, at) => make("th", { scope: "col", class: at ? "number" : "" }, one)))), make("tbody", {}, rows));
}

function showTeam() {
  const one = day();
  const team = season().teams.findIndex((other) => other[0] === state.team);
  const [abbreviation, name, conference] = season().teams[team];
  pick("team").value = abbreviation;
  pick("team-title").textContent = name;
  const { days, strength } = season().history;
  const line = days.map((when, at) => [when, strength[team][at]]).filter(([when]) => when <= state.day);
  const [first, shares] = one.distribution[team].length ? one.distribution[team] : [0, []];
  const parts = (one.shap || [])[team] || {};
  const section = (title, ...content) => make("div", {}, make("h3", {}, title), content);
  pick("card").replaceChildren(make("p", {}, one.wins[team] + "\u2013" + one.losses[team] + " in the " + conference + ", strength " + signed(one.strength[team], 1) + " \u00b1 " + (data.z * one.sd[team]).toFixed(1) +
      " points, rank " + (order(one.strength).indexOf(team) + 1) + ". Projected " + one.projected[team].toFixed(0) + " wins (" + one.low[team] + " to " + one.high[team] + "), playoffs " + percent(one.playoffs[team]) + ", title " + percent(one.title[team]) + ". ",
      one.class ? make("span", { class: "badge" }, one.class[team]) : null),
    make("p", {}, one.text ? one.text[team] : ""),
    make("div", { class: "split" },
      section("Games", ...gamesOfTeam(team)),
      section("Strength over the season", lineChart([{ name: abbreviation, points: line, marked: true, colour: "var(--up)" }], { format: (value) => signed(value, 1), label: "Strength of " + name + " by week" })),
      shares.length ? section("Wins at the end of the regular season", bars(shares.map((share, at) => [String(first + at), share, percent(share)]).filter(([, share]) => share >= 100))) : null,
      one.players && one.players[team].length ? section("Players the Deep Set's score depends on", make("p", { class: "note" }, "Attribution in " + data.deepset_unit + "; share of minutes."),
        bars(one.players[team].map(([player, minutes, points]) => [season().names[player] + ", " + minutes + " %", points, signed(points, 1)]), true)) : null,
      Object.entries(parts).map(([model, rows]) => section("Why " + data.model_names[model] + " scores it so (SHAP, " + data.unit + ")",
        bars(rows.map(([feature, value, shap]) => [words(season().names[feature]) + (value === null ? "" : " = " + value), shap, signed(shap, 1)]), true))),
      section("Seasons", seasonsOfTeam(abbreviation))));
}

pick("reliability").replaceChildren(lineChart([{ name: "games", marked: true, colour: "var(--up)", points: data.reliability }], { format: (value) => Math.round(100 * value) + " %", low: 0, high: 1, diagonal: true, label: "Predicted and observed share of home wins" }));
start();
