// Play-in and bracket: the most likely one, the results known on the day, and how it ended.
const STAGES = [["First round", 0, 8], ["Conference semifinals", 8, 12], ["Conference finals", 12, 14], ["Final", 14, 15]];
const WINS = 4;

/** Games won by both teams of a series before a day; null if they have not met. */
function resultsOf(first, second, before) {
  const found = season().postseason.series.find(([a, b]) => (a === first && b === second) || (a === second && b === first));
  const games = found ? found[2].filter(([date]) => date < before) : [];
  if (!games.length) return null;
  const won = games.filter(([, one]) => one).length;
  return found[0] === first ? [won, games.length - won] : [games.length - won, won];
}

/** Whether a coming game may not take place: its series may end before, or its teams may not meet. */
function uncertain([date, home, away]) {
  if (Math.max(...day().left) > 0) return false;
  const between = (first, second) => (first === home && second === away) || (first === away && second === home);
  const likely = (day().bracket || []).find(([first, , second]) => between(first, second));
  const earlier = day().games.filter(([other, first, second]) => other < date && between(first, second)).length;
  return Boolean(likely && likely[4] < day().simulations) || Math.max(...(resultsOf(home, away, state.day) || [0])) + earlier >= WINS;
}

/** A team's latest series with games before the day, as a sentence. */
function latestSeries(team) {
  const found = season().postseason.series.filter(([first, second]) => [first, second].includes(team) && resultsOf(first, second, state.day)).pop();
  if (!found) return "";
  const other = found[0] === team ? found[1] : found[0];
  const won = resultsOf(team, other, state.day);
  const [start, link] = won[0] === WINS ? ["Won ", " against "] : won[1] === WINS ? ["Lost ", " to "] : ["Series ", " against "];
  return start + won.join("\u2013") + link + season().teams[other][1] + ". ";
}

function seriesCard(sides, note) {
  return make("li", {}, sides.map(([seed, team, text, ahead]) => make("div", { class: "sides" + (ahead ? " ahead" : "") },
    make("span", {}, seed === null ? "" : make("span", { class: "seed" }, seed + " "), short(team)), make("span", {}, text))), note ? make("div", { class: "note" }, note) : null);
}

/** Series in the order of rounds, East before West, as columns of the screen. */
function stages(cards) {
  return make("div", { class: "bracket" }, STAGES.map(([name, from, to]) => make("div", {}, make("h3", { class: "stage" }, name), make("ol", {}, cards.slice(from, to)))));
}

function likelySeries([first, firstSeed, second, secondSeed, meetings, wins]) {
  const won = resultsOf(first, second, state.day);
  const few = meetings < FEWEST;
  const share = (part) => few ? "" : percent(Math.round((EVERY * part) / meetings));
  const met = won ? (won.includes(WINS) ? "ended " : "stands ") + won.join("\u2013") : meetings === day().simulations ? "certain to meet" : "meet in " + percent(Math.round((EVERY * meetings) / day().simulations)) + (few ? ": too few for odds" : "");
  return seriesCard([[firstSeed, first, share(wins), 2 * wins >= meetings], [secondSeed, second, share(meetings - wins), 2 * wins < meetings]], met);
}

function playedSeries([first, second]) {
  const won = resultsOf(first, second, "9999");
  return seriesCard([[null, first, won[0], won[0] > won[1]], [null, second, won[1], won[1] > won[0]]]);
}

function playInGames(games) {
  return make("ul", { class: "games" }, games.map(([date, home, away, homePoints, awayPoints]) => make("li", {},
    make("div", { class: "sides" }, make("span", {}, short(away) + " " + awayPoints), make("span", { class: "note" }, date), make("span", {}, homePoints + " " + short(home))))));
}

function playInOdds(one) {
  return ["East", "West"].map((conference) => {
    const teams = order(one.play_in).filter((team) => season().teams[team][2] === conference && one.play_in[team] > 0).slice(0, 6);
    return teams.length ? make("p", {}, conference + ": " + teams.map((team) => short(team) + " " + percent(one.play_in[team]) + " (playoffs " + percent(one.playoffs[team]) + ")").join(", ") + ".") : null;
  }).filter(Boolean);
}

function showBracket() {
  const one = day();
  const { play_in: games, series, over } = season().postseason;
  const known = games.filter(([date]) => date < state.day);
  const odds = one.simulations ? playInOdds(one) : [];
  pick("bracket").replaceChildren(make("div", {},
    one.bracket ? make("p", { class: "note" }, "Seeds by their odds; in each series, the share of its simulated meetings that a team wins. \u201cMeet in\u201d: share of simulations with this series.") : make("p", {}, "No odds on this day."),
    one.bracket ? stages(one.bracket.map(likelySeries)) : null,
    make("h3", { class: "stage" }, "Play-in"), known.length ? playInGames(known) : odds.length ? [make("p", { class: "note" }, "Probability of taking part."), odds] : make("p", {}, one.simulations ? "None in this season." : "No odds on this day."),
    over ? make("details", {}, make("summary", {}, "How the playoffs ended"), stages(series.map(playedSeries)), games.length ? [make("h3", { class: "stage" }, "Play-in"), playInGames(games)] : null) : null));
}
