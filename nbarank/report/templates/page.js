// State, choice of season and day, table of teams, games. All text is set through textContent.
const pick = (id) => document.getElementById(id);
const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const unpacked = (id) => new Response(new Blob([bytes(pick(id).textContent)]).stream().pipeThrough(new DecompressionStream("gzip")));
const data = await unpacked("data").json();
const state = { season: null, day: null, team: null, conference: "", search: "", key: "rank", down: false, picks: [], star: null, undo: [], pickDay: null };
const LOW_FIRST = new Set(["rank", "name"]);

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "click") node.addEventListener("click", value);
    else if (name === "style") Object.entries(value).forEach(([key, one]) => node.style.setProperty(key, one));
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined));
  return node;
}
const minus = (text) => String(text).replace(/(^|[\s(=])-(?=\d)/g, "$1\u2212");
const signed = (value, digits) => {
  const size = Math.abs(value).toFixed(digits);
  return (Number(size) === 0 ? "" : value > 0 ? "+" : "\u2212") + size;
};
const EVERY = 10000;  // a probability of 1 in the data
const percent = (part) => !part ? "\u2013" : part < 100 ? "<1 %" : part > 9900 && part < EVERY ? ">99 %" : Math.round(part / 100) + " %";
const number = (text, extra) => make("td", { class: "number " + (extra || "") }, text);
const shaded = (part, extra, text = percent(part)) => make("td", { class: "number " + (extra || ""), style: { "background-color": "rgba(var(--shade), " + (part || 0) / EVERY + ")" } }, text);
const colour = (team) => "hsl(" + (team * 137.5) % 360 + " 60% 48%)";

const season = () => data.seasons.find((one) => one.season === state.season);
const day = () => season().weeks.find((one) => one.as_of === state.day);
const short = (team) => season().teams[team][0];
const daysBefore = (text, days) => new Date(Date.parse(text) - days * 864e5).toISOString().slice(0, 10);
const order = (values) => values.map((_, team) => team).sort((a, b) => values[b] - values[a] || a - b);

function weekAgo(team) {
  const { days, strength } = season().history;
  const at = days.findLastIndex((one) => one <= daysBefore(state.day, 7));
  return at < 0 ? null : strength[team][at];
}

function link(team) {
  const [abbreviation, name] = season().teams[team];
  return make("button", { type: "button", class: "team", "data-team": abbreviation, "aria-label": name, click: () => openTeam(abbreviation) },
    make("span", { class: "chip", style: { background: colour(team) } }), make("span", { class: "long" }, name), make("span", { class: "short" }, abbreviation));
}

function teamRows() {
  const one = day();
  const rank = order(one.strength);
  return season().teams.map(([abbreviation, name, conference], team) => {
    const before = weekAgo(team);
    return { team, abbreviation, name, conference, rank: rank.indexOf(team) + 1, share: one.wins[team] / Math.max(1, one.wins[team] + one.losses[team]),
      strength: one.strength[team], change: before === null ? null : one.strength[team] - before, projected: one.projected[team],
      low: one.low[team], left: one.left[team], opponents: one.left[team] ? one.opponents[team] : null,
      playoffs: one.playoffs[team], conference_final: one.conference_final[team], final: one.final[team], title: one.title[team] };
  });
}

/** Strength and its interval on a scale from -most to most. */
function rangeBar(one, team, most) {
  const at = (value) => 50 + (50 * value) / most + "%";
  const [value, half] = [one.strength[team], data.z * one.sd[team]];
  return make("span", { class: "range", "aria-hidden": "true" },
    make("i", { style: { left: at(value - half), right: at(-value - half) } }), make("b", { style: { left: at(value) } }));
}

const regularOver = (one) => one.share === 100;
const winsRange = (one, team) => one.low.length ? one.low[team] + "\u2013" + one.high[team] : "\u2013";

function showTable() {
  const one = day();
  const compare = (a, b) => {
    const [x, y] = [a[state.key], b[state.key]];
    const result = typeof x === "string" ? x.localeCompare(y, "en") : (x ?? -99) - (y ?? -99);
    return (state.down ? -result : result) || a.rank - b.rank;
  };
  const asked = state.search.toLowerCase();
  const shown = teamRows().filter((row) => (!state.conference || row.conference === state.conference)
    && (row.name + " " + row.abbreviation).toLowerCase().includes(asked)).sort(compare);
  const most = Math.max(11, ...one.strength.map((value, team) => Math.abs(value) + data.z * one.sd[team])) + 0.5;
  pick("teams").style.setProperty("--ten", 500 / most + "%");
  pick("teams").classList.toggle("over", regularOver(one));
  pick("teams").tBodies[0].replaceChildren(...shown.map((row) => {
    const wins = row.projected;
    return make("tr", { "data-team": row.abbreviation },
      number(row.rank), make("td", {}, link(row.team)), number(one.wins[row.team] + "\u2013" + one.losses[row.team], "rest"),
      make("td", {}, make("span", { class: "value" }, signed(row.strength, 1)), rangeBar(one, row.team, most)),
      number(row.change === null ? "\u2013" : signed(row.change, 1), "rest " + (row.change > 0.05 ? "up" : row.change < -0.05 ? "down" : "")),
      number(wins.toFixed(0) + "\u2013" + (season().total[row.team] - Math.round(wins)), "rest ahead"), number(winsRange(one, row.team), "rest ahead"),
      shaded(row.playoffs), shaded(row.conference_final, "rest"), shaded(row.final, "rest"), shaded(row.title),
      number(make("span", { title: row.left + " games left, " + one.home[row.team] + " of them at home" }, row.left + " (" + one.home[row.team] + ")"), "rest ahead"), number(row.opponents === null ? "\u2013" : signed(row.opponents, 1), "rest ahead"));
  }));
  if (!shown.length) pick("teams").tBodies[0].append(make("tr", {}, make("td", { colspan: pick("teams").tHead.rows[0].cells.length }, "No team matches the search.")));
  for (const head of pick("teams").tHead.rows[0].cells) {
    if (head.dataset.key === state.key) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
}

const likely = (part) => Math.min(99, Math.max(1, Math.round(part / 100))) + " %";
const unlikely = (part) => Math.min(99, Math.max(1, 100 - Math.round(part / 100))) + " %";

/** Least change of the odds of the playoffs that is shown, in 10,000. */
const LEAST_STAKE = 50;

/** By how many points both teams' odds of the playoffs are higher after a win than after a loss. */
function stakes(...sides) {
  const found = sides.filter((team) => day().per_win[team] >= LEAST_STAKE)
    .map((team) => short(team) + " playoffs " + (day().per_win[team] / 100).toFixed(1) + "\u00a0pt");
  return found.length ? "At stake: " + found.join("; ") : null;
}

const anyStake = () => day().per_win.some((one) => one >= LEAST_STAKE);
const byStake = () => pick("games-order").value && anyStake();
const stake = ([, ...sides]) => Math.max(...sides.slice(0, 2).map((team) => day().per_win[team]));

function gameCard([date, home, away, chance, margin, total, homeRest, awayRest, homeOut, awayOut, homeAbsent, awayAbsent]) {
  const rest = homeRest === awayRest ? null : "Rest " + short(away) + " " + homeDays(awayRest) + ", " + short(home) + " " + homeDays(homeRest);
  const out = [[away, awayOut, awayAbsent], [home, homeOut, homeAbsent]].filter(([, , absent]) => absent.length)
    .map(([team, points, absent]) => short(team) + " miss " + points.toFixed(1) + " points: " + absent.map(([name, worth]) => season().names[name] + " " + worth.toFixed(1)).join(", "));
  return make("li", {},
    make("div", { class: "sides" }, make("span", {}, short(away) + " " + unlikely(chance)), byStake() ? make("span", { class: "note" }, date) : null, make("span", {}, likely(chance) + " " + short(home))),
    make("div", { class: "odds", "aria-hidden": "true" }, make("i", { style: { width: 100 - chance / 100 + "%", background: "var(--down)" } }), make("i", { style: { width: chance / 100 + "%" } })),
    [[short(margin < 0 ? away : home) + " by " + Math.abs(margin).toFixed(1), total && total + " points in total", rest], out, [stakes(away, home)], [uncertain([date, home, away]) && "May not take place"]]
      .map((parts) => parts.filter(Boolean)).filter((parts) => parts.length).map((parts) => make("div", { class: "note" }, parts.join(". ") + ".")));
}
const homeDays = (days) => days + (days === 1 ? " day" : days > 9 ? "+ days" : " days");

function resultCard([date, home, away, homePoints, awayPoints, chance]) {
  const right = chance === null ? "" : (2 * chance > EVERY) === (homePoints > awayPoints) ? "as forecast" : "upset";
  return make("li", {}, make("div", { class: "sides" }, make("span", {}, short(away) + " " + awayPoints), make("span", { class: "note" }, date), make("span", {}, homePoints + " " + short(home))),
    make("div", { class: "note" }, chance === null ? "no forecast" : short(home) + " had " + likely(chance) + ": " + right));
}

/** Games by day, or the ones with most at stake before the others (on days with odds). */
function groups() {
  const games = [...day().games];
  const counted = (some, text) => [text + some.length + (some.length === 1 ? " game" : " games"), some];
  if (!byStake())
    return [...new Set(games.map(([date]) => date))].map((date) => counted(games.filter((one) => one[0] === date), weekday(date) + " " + date + ", "));
  games.sort((a, b) => stake(b) - stake(a));
  return [counted(games.slice(0, 8), "Most at stake: "), counted(games.slice(8), "Less at stake: ")].filter(([, some]) => some.length);
}
const weekday = (date) => new Date(date).toLocaleDateString("en", { weekday: "short", timeZone: "UTC" });

function showGames() {
  const key = [state.season, state.day, pick("games-order").value].join();
  if (pick("coming").dataset.key === key) return; // days that the reader opened stay open
  pick("coming").dataset.key = key;
  const found = groups();
  pick("coming").replaceChildren(...(found.length ? found.map(([name, games], at) => make("details", at ? {} : { open: "" }, make("summary", {}, name), make("ul", { class: "games" }, games.map(gameCard))))
    : [make("p", {}, "No game of these days has a forecast.")]));
  const start = daysBefore(state.day, 7);
  const results = season().played.filter(([date]) => date >= start && date < state.day);
  const scored = results.filter((game) => game[5] !== null);
  const right = scored.filter((game) => (2 * game[5] > EVERY) === (game[3] > game[4])).length;
  pick("hits").textContent = results.length ? "The favourite won " + right + " of " + scored.length + " games; " +
    (scored.reduce((sum, game) => sum + Math.max(game[5], EVERY - game[5]), 0) / EVERY).toFixed(1) + " were expected." : "No game was played in these days.";
  pick("results").replaceChildren(...results.reverse().map(resultCard));
}

function show() {
  const { weeks, days } = season();
  const one = day();
  pick("season").value = state.season;
  pick("title-season").textContent = state.season;
  pick("day").max = weeks.length - 1;
  pick("day").value = weeks.indexOf(one);
  pick("odds-days").replaceChildren(...days.map((other) => make("option", { value: weeks.indexOf(other) })));
  pick("when").textContent = state.day + ", " + (regularOver(one) ? "regular season over" : one.share + " % played") + (one.simulations ? "" : ", no odds");
  pick("day").setAttribute("aria-valuetext", pick("when").textContent);
  pick("games-order").disabled = pick("stake-note").hidden = !anyStake();
  pick("interval").textContent = pick("range-share").textContent = data.interval + " %";
  pick("summary").textContent = "Forecast of " + state.day + ": " + (one.share ? "results before that day are known, none after it. " : "before the first game. ") +
    (one.simulations ? one.simulations.toLocaleString("en") + " simulations of the remaining season. " + (one.known || "") : "") + whyHere(days);
  pick("no-odds").hidden = Boolean(one.simulations);
  const near = nearest(days, one.share);
  pick("nearest").textContent = near.as_of;
  pick("nearest").onclick = () => { setDay(near.as_of); show(); };
  showTable();
  showGames();
  showWhatIf();
  showBracket();
  showSeason();
  showTeam();
  const address = new URLSearchParams({ season: state.season, day: state.day, team: state.team });
  if (state.picks.length) address.set("if", state.picks.map(([game, home]) => game + (home ? "h" : "a")).join("."));
  if (state.star !== null) address.set("without", short(state.star));
  history.replaceState(null, "", "#" + address);
  pick("share").href = "#" + address;
}

function setDay(text) {
  const { weeks, days } = season();
  if (text !== state.day) [state.picks, state.star, state.undo] = [[], null, []];
  state.day = weeks.some((one) => one.as_of === text) ? text : informative(days);
}

/** The latest day of a season in progress, the day nearest to half of a finished one. */
function informative(days) {
  if (!season().over) return days[days.length - 1].as_of;
  return nearest(days, 50).as_of;
}

const nearest = (days, share) => [...days].sort((a, b) => Math.abs(a.share - share) - Math.abs(b.share - share))[0];

const whyHere = (days) => season().over && state.day === informative(days)
  ? "This season is over, so the page opens at its middle; move the day slider to see another week." : "";

function setSeason(name) {
  state.season = name;
  const teams = season().teams.map(([abbreviation, full]) => [abbreviation, full]).sort((a, b) => a[1].localeCompare(b[1], "en"));
  pick("team").replaceChildren(...teams.map(([abbreviation, full]) => make("option", { value: abbreviation }, full)));
  for (const game of season().played) if (typeof game[0] === "number") game[0] = daysBefore(season().start, -game[0]);
}

function fromAddress() {
  const text = decodeURIComponent(location.hash.slice(1));
  const asked = new URLSearchParams(location.hash.slice(1));
  const known = (name) => data.seasons.some((one) => one.season === name);
  setSeason(known(asked.get("season")) ? asked.get("season") : data.seasons[0].season);
  setDay(asked.get("day"));
  const has = (name) => season().teams.some((one) => one[0] === name);
  const alone = has(text);
  state.team = alone ? text : has(asked.get("team")) ? asked.get("team") : short(order(day().strength)[0]);
  const sample = sampleOf();
  state.picks = (asked.get("if") || "").split(".").map((one) => /^(\d+)([ha])$/.exec(one)).filter(Boolean)
    .map((one) => [Number(one[1]), one[2] === "h"]).filter(([game]) => sample && game < sample.games.length);
  const star = starsOf() ? season().teams.findIndex((one) => one[0] === asked.get("without")) : -1;
  state.star = star < 0 || state.picks.length ? null : star;
  state.undo = [];
  return alone;
}

function openTeam(abbreviation) {
  state.team = abbreviation;
  show();
  pick("team-section").scrollIntoView();
  pick("team-title").focus({ preventScroll: true });
}

/** Days have odds; the other weeks have empty ones. */
function splitWeeks(one) {
  const none = { playoffs: [], conference_final: [], final: [], title: [], play_in: [], low: [], high: [], seeds: [], per_win: [], distribution: one.teams.map(() => []) };
  one.weeks = one.days.map((week) => ({ ...none, ...week }));
  one.days = one.weeks.filter((week) => week.simulations);
}

function start() {
  data.seasons.forEach(splitWeeks);
  const section = document.getElementById(location.hash.slice(1));
  pick("season").replaceChildren(...data.seasons.map((one) => make("option", { value: one.season }, one.season)));
  pick("season").addEventListener("change", (event) => { setSeason(event.target.value); setDay(null); if (!season().teams.some((one) => one[0] === state.team)) state.team = short(0); show(); });
  pick("day").addEventListener("input", (event) => { setDay(season().weeks[event.target.value].as_of); show(); });
  pick("team").addEventListener("change", (event) => { state.team = event.target.value; show(); });
  pick("conference").addEventListener("change", (event) => { state.conference = event.target.value; showTable(); });
  pick("search").addEventListener("input", (event) => { state.search = event.target.value; showTable(); });
  pick("race-of").addEventListener("change", showRace);
  pick("more").addEventListener("click", (event) => event.target.setAttribute("aria-pressed", pick("teams").classList.toggle("all")));
  pick("games-order").addEventListener("change", showGames);
  startWhatIf();
  for (const head of pick("teams").tHead.rows[0].cells) {
    head.querySelector("button").addEventListener("click", () => {
      const key = head.dataset.key;
      state.down = key === state.key ? !state.down : !LOW_FIRST.has(key);
      state.key = key;
      showTable();
    });
  }
  const alone = fromAddress();
  show();
  if (alone) pick("team-section").scrollIntoView();
  else if (section) section.scrollIntoView();
  window.addEventListener("hashchange", () => {
    if (document.getElementById(location.hash.slice(1))) return;
    if (fromAddress()) pick("team-section").scrollIntoView();
    show();
  });
}
