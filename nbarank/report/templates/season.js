// Charts, tiers, race, seeds and the page of a team.
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

function showSeeds() {
  const one = day();
  const head = ["Team", 1, 2, 3, 4, 5, 6, 7, 8, "Play-in"];
  pick("seeds").replaceChildren(...!one.simulations ? [make("p", {}, "No odds on this day.")] : ["East", "West"].map((conference) => {
    const teams = order(one.projected).filter((team) => season().teams[team][2] === conference);
    return scrolled("Seeds of the " + conference, make("table", { class: "small tight" }, make("caption", {}, conference + ", per cent"),
      make("thead", {}, make("tr", {}, head.map((text) => make("th", { scope: "col", class: text === "Team" ? "" : "number" }, text)))),
      make("tbody", {}, teams.map((team) => make("tr", {}, make("th", { scope: "row" }, short(team)), [...one.seeds, one.play_in].map((parts) => shaded(parts[team], "", percent(parts[team]).replace(" %", ""))))))));
  }));
}

function showSeason() { showTiers(); showRace(); showSides(); showSeeds(); }

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
  return [table([...coming.map((game) => line(game, uncertain(game) ? "may not take place" : "", side(game[1], game[3]))).reverse(), ...played.slice(0, 5).map(result)], "Coming and latest games, with the forecast of a win"),
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
  return make("table", {}, make("caption", {}, "Latest day of each season. Finish: place by playoff result, 1 is the champion."), make("thead", {}, make("tr", {}, ["Season", "Record", "Strength", "Finish"].map((one, at) => make("th", { scope: "col", class: at ? "number" : "" }, one)))), make("tbody", {}, rows));
}

function playersOfTeam(players) {
  const row = ([player, minutes, ...values]) => make("tr", {}, make("th", { scope: "row" }, season().names[player]), number(minutes + " %"), values.map((value) => number(signed(value, 1))));
  return make("table", { class: "wrap" }, make("caption", {}, "Offence and defence: points per 48 minutes he adds to his team's score and takes from the opponents', against an average player. Attribution: his part of the Deep Set's score, in " + data.deepset_unit + "."),
    make("thead", {}, make("tr", {}, ["Player", "Minutes", "Offence", "Defence", "Attribution"].map((one, at) => make("th", { scope: "col", class: at ? "number" : "" }, one)))), make("tbody", {}, players.map(row)));
}

const CLASSES = { sleeper: "A sleeper is forecast clearly higher than its place in the standings.", "paper tiger": "A paper tiger is forecast clearly lower than its place in the standings.", aligned: "The forecast agrees with the standings." };

function showTeam() {
  const one = day();
  const team = season().teams.findIndex((other) => other[0] === state.team);
  const [abbreviation, name, conference] = season().teams[team];
  pick("team").value = abbreviation;
  pick("team-title").textContent = name;
  const parts = (one.shap || [])[team] || {};
  const section = (title, ...content) => make("div", {}, make("h3", {}, title), content);
  pick("card").replaceChildren(make("p", {}, one.wins[team] + "\u2013" + one.losses[team] + " in the " + conference + ", strength " + signed(one.strength[team], 1) + " \u00b1 " + one.sd[team].toFixed(1) +
      " points a game against an average team (\u00b1 one SD), rank " + (order(one.strength).indexOf(team) + 1) + ". " + latestSeries(team) + "Projected " + one.projected[team].toFixed(0) + " wins" +
      (one.simulations ? " (" + winsRange(one, team) + "), playoffs " + percent(one.playoffs[team]) + ", title " + percent(one.title[team]) + ". " : ". No odds or explanations on this day. "),
      one.class ? make("span", { class: "badge" }, one.class[team]) : null, one.class ? [" ", CLASSES[one.class[team]]] : null),
    make("p", {}, one.text ? minus(one.text[team]).replace(/\b(\d{1,2})-(\d{1,2})\b/g, "$1\u2013$2") : ""),
    make("div", { class: "split" },
      section("Games", ...gamesOfTeam(team)),
      section("Strength over the season", teamStrength),
      one.distribution[team].length ? section("Wins at the end of the regular season", teamWins) : null,
      one.players && one.players[team].length ? section("Players the Deep Set's score depends on", scrolled("Players", playersOfTeam(one.players[team]))) : null,
      Object.entries(parts).map(([model, rows]) => section("Why " + data.model_names[model] + " scores it so (SHAP, " + data.unit + ")",
        bars(rows.map(([feature, value, shap]) => [season().names[feature] + (value === null ? "" : " =\u00a0" + minus(value)), shap, signed(shap, 1)]), true))),
      section("Seasons", seasonsOfTeam(abbreviation))));
  showTeamCharts(team);
}

start();
draw(pick("calibration"), "calibration", data.reliability, "Forecast and observed share of home wins");
