"use strict";
// State, choice of season and day, table of teams, games. All text is set through textContent.
const data = JSON.parse(document.getElementById("data").textContent);
const pick = (id) => document.getElementById(id);
const state = { season: null, day: null, team: null, conference: "", search: "", key: "rank", down: false, picks: [] };
const LOW_FIRST = new Set(["rank", "name"]);
const SVG = new Set(["svg", "path", "line", "text", "circle", "title", "g", "rect"]);

function make(tag, attributes, ...children) {
  const node = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "click") node.addEventListener("click", value);
    else if (name === "style") Object.entries(value).forEach(([key, one]) => node.style.setProperty(key, one));
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined));
  return node;
}
const words = (name) => name.replaceAll("_", " ");
const signed = (value, digits) => (value > 0 ? "+" : value < 0 ? "\u2212" : "") + Math.abs(value).toFixed(digits);
const EVERY = 10000;  // a probability of 1 in the data
const percent = (part) => part === 0 ? "\u2013" : part < 100 ? "<1 %" : part > 9900 && part < EVERY ? ">99 %" : Math.round(part / 100) + " %";
const number = (text, extra) => make("td", { class: "number " + (extra || "") }, text);
const shaded = (part, extra) => make("td", { class: "number " + (extra || ""), style: { "background-color": "rgba(var(--shade), " + part / EVERY + ")" } }, percent(part));
const colour = (team) => "hsl(" + (team * 137.5) % 360 + " 60% 48%)";

const season = () => data.seasons.find((one) => one.season === state.season);
const day = () => season().days.find((one) => one.as_of === state.day);
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
      playoffs: one.playoffs[team], conference_final: one.conference_final[team], final: one.final[team], title: one.title[team] };
  });
}

function rangeBar(one, team, low, high) {
  const at = (value) => (100 * (value - low)) / (high - low) + "%";
  const half = data.z * one.sd[team];
  return make("span", { class: "range", style: { "--zero": at(0) }, "aria-hidden": "true" },
    make("i", { style: { left: at(one.strength[team] - half), right: "calc(100% - " + at(one.strength[team] + half) + ")" } }),
    make("b", { style: { left: at(one.strength[team]) } }));
}

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
  const ends = one.strength.flatMap((value, team) => [value - data.z * one.sd[team], value + data.z * one.sd[team]]);
  const [low, high] = [Math.min(...ends) - 0.5, Math.max(...ends) + 0.5];
  pick("teams").tBodies[0].replaceChildren(...shown.map((row) => {
    const wins = row.projected;
    return make("tr", { "data-team": row.abbreviation },
      number(row.rank), make("td", {}, link(row.team)), number(one.wins[row.team] + "\u2013" + one.losses[row.team]),
      make("td", { class: "rest" }, make("span", { class: "value" }, signed(row.strength, 1)), rangeBar(one, row.team, low, high)),
      number(row.change === null ? "\u2013" : signed(row.change, 1), "rest " + (row.change > 0.05 ? "up" : row.change < -0.05 ? "down" : "")),
      number(wins.toFixed(0) + "\u2013" + (season().total[row.team] - Math.round(wins)) + " (" + one.low[row.team] + " to " + one.high[row.team] + " wins)", "rest"),
      shaded(row.playoffs), shaded(row.conference_final, "rest"), shaded(row.final, "rest"), shaded(row.title));
  }));
  for (const head of pick("teams").tHead.rows[0].cells) {
    if (head.dataset.key === state.key) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
}

const likely = (part) => Math.min(99, Math.max(1, Math.round(part / 100))) + " %";
const unlikely = (part) => Math.min(99, Math.max(1, 100 - Math.round(part / 100))) + " %";

function gameCard([date, home, away, chance, margin, homeRest, awayRest, homeOut, awayOut, homeAbsent, awayAbsent]) {
  const rest = homeRest === awayRest ? null : "Rest " + short(away) + " " + homeDays(awayRest) + ", " + short(home) + " " + homeDays(homeRest);
  const out = [[away, awayOut, awayAbsent], [home, homeOut, homeAbsent]].filter(([, points]) => points >= 0.05)
    .map(([team, points, absent]) => short(team) + " miss " + points.toFixed(1) + " points" + (absent.length ? ": " + absent.map(([name, worth]) => season().names[name] + " " + worth.toFixed(1)).join(", ") : ""));
  return make("li", {},
    make("div", { class: "sides" }, make("span", {}, short(away) + " " + unlikely(chance)), make("span", { class: "note" }, date), make("span", {}, likely(chance) + " " + short(home))),
    make("div", { class: "odds", "aria-hidden": "true" }, make("i", { style: { width: 100 - chance / 100 + "%", background: "var(--down)" } }), make("i", { style: { width: chance / 100 + "%" } })),
    make("div", { class: "note" }, [short(margin < 0 ? away : home) + " by " + Math.abs(margin).toFixed(1), rest, ...out].filter(Boolean).join(". ") + "."));
}
const homeDays = (days) => days + (days === 1 ? " day" : days > 9 ? "+ days" : " days");

function resultCard([date, home, away, homePoints, awayPoints, chance]) {
  const right = chance === null ? "" : (2 * chance > EVERY) === (homePoints > awayPoints) ? "as forecast" : "upset";
  return make("li", {}, make("div", { class: "sides" }, make("span", {}, short(away) + " " + awayPoints), make("span", { class: "note" }, date), make("span", {}, homePoints + " " + short(home))),
    make("div", { class: "note" }, chance === null ? "no forecast" : short(home) + " had " + likely(chance) + ": " + right));
}

function showGames() {
  const games = day().games;
  pick("coming").replaceChildren(...(games.length ? games.map(gameCard) : [make("li", {}, "No fixture of the regular season in these days.")]));
  const start = daysBefore(state.day, 7);
  const results = season().played.filter(([date]) => date >= start && date < state.day);
  const scored = results.filter((game) => game[5] !== null);
  const right = scored.filter((game) => (2 * game[5] > EVERY) === (game[3] > game[4])).length;
  pick("hits").textContent = results.length ? "The favourite won " + right + " of " + scored.length + " games; " +
    (scored.reduce((sum, game) => sum + Math.max(game[5], EVERY - game[5]), 0) / EVERY).toFixed(1) + " were expected." : "No game was played in these days.";
  pick("results").replaceChildren(...results.reverse().map(resultCard));
}

function show() {
  const days = season().days;
  const one = day();
  pick("season").value = state.season;
  pick("title-season").textContent = state.season;
  pick("day").max = days.length - 1;
  pick("day").value = days.indexOf(one);
  pick("day").setAttribute("aria-valuetext", state.day);
  pick("when").textContent = state.day + ", " + one.share + " % played";
  pick("interval").textContent = data.interval + " %";
  pick("summary").textContent = "Forecast of " + state.day + ": " + (one.share ? "results before that day are known, none after it. " : "before the first game. ") +
    one.simulations.toLocaleString("en") + " simulations of the remaining season. " + (one.known || "");
  showTable();
  showGames();
  showWhatIf();
  showSeason();
  showTeam();
  const address = new URLSearchParams({ season: state.season, day: state.day, team: state.team });
  if (state.picks.length) address.set("if", state.picks.map(([game, home]) => game + (home ? "h" : "a")).join("."));
  history.replaceState(null, "", "#" + address);
  pick("share").href = "#" + address;
}

function setDay(text) {
  const days = season().days;
  if (text !== state.day) state.picks = [];
  state.day = days.some((one) => one.as_of === text) ? text : informative(days);
}

/** The latest day of a season in progress, the day nearest to half of a finished one. */
function informative(days) {
  if (days[days.length - 1].share < 100) return days[days.length - 1].as_of;
  return [...days].sort((a, b) => Math.abs(a.share - 50) - Math.abs(b.share - 50))[0].as_of;
}

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
  return alone;
}

function openTeam(abbreviation) {
  state.team = abbreviation;
  show();
  pick("team-section").scrollIntoView();
  pick("team-title").focus({ preventScroll: true });
}

function start() {
  const section = document.getElementById(location.hash.slice(1));
  pick("season").replaceChildren(...data.seasons.map((one) => make("option", { value: one.season }, one.season)));
  pick("season").addEventListener("change", (event) => { setSeason(event.target.value); setDay(null); if (!season().teams.some((one) => one[0] === state.team)) state.team = short(0); show(); });
  pick("day").addEventListener("input", (event) => { setDay(season().days[event.target.value].as_of); show(); });
  pick("team").addEventListener("change", (event) => { state.team = event.target.value; show(); });
  pick("conference").addEventListener("change", (event) => { state.conference = event.target.value; showTable(); });
  pick("search").addEventListener("input", (event) => { state.search = event.target.value; showTable(); });
  pick("race-of").addEventListener("change", showRace);
  pick("more").addEventListener("click", (event) => event.target.setAttribute("aria-pressed", pick("teams").classList.toggle("all")));
  pick("undo").addEventListener("click", () => { state.picks.pop(); show(); });
  pick("clear").addEventListener("click", () => { state.picks = []; show(); });
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
