// Simulated seasons as bits, filtered by the chosen winners; or precomputed odds without a star.
const FEWEST = 50;
const decoded = new Map();

/** The stored simulations of the day; undefined if there are none. */
function sampleOf() {
  const found = data.simulations && data.simulations.season === state.season
    ? data.simulations.days.find((one) => one.as_of === state.day) : undefined;
  if (found && !decoded.has(found)) decoded.set(found, { home: bytes(found.home_won), wins: bytes(found.wins), ends: bytes(found.ends) });
  return found;
}

/** Odds without each team's star; undefined on days without them. */
function starsOf() {
  const found = data.without_star;
  return found && found.season === state.season && found.as_of === state.day ? found.stars : undefined;
}

function homeWon(sample, game, simulation) {
  const width = Math.ceil(sample.n / 8);
  return (decoded.get(sample).home[game * width + (simulation >> 3)] >> (7 - (simulation & 7))) & 1;
}

/** Simulations in which every chosen winner wins. */
function chosenSimulations(sample, picks) {
  return [...Array(sample.n).keys()].filter((one) => picks.every(([game, home]) => homeWon(sample, game, one) === Number(home)));
}

/** Mean wins and each team's share of playoffs and titles in the given simulations. */
function oddsIn(sample, simulations) {
  const { wins, ends } = decoded.get(sample);
  return data.simulations.teams.map((_, team) => {
    let [sum, playoffs, title] = [0, 0, 0];
    for (const one of simulations) {
      const at = team * sample.n + one;
      sum += wins[at];
      playoffs += (ends[at] & 7) > 0;
      title += (ends[at] & 7) === 5;
    }
    const n = simulations.length || 1;
    return { team, wins: sum / n, playoffs: (EVERY * playoffs) / n, title: (EVERY * title) / n };
  });
}

function assume(picks, star) {
  state.undo.push([state.picks, state.star]);
  [state.picks, state.star] = [picks, star];
  show();
}

function choose(game, home) {
  const before = state.picks.find((one) => one[0] === game);
  const others = state.picks.filter((one) => one[0] !== game);
  assume(before && before[1] === home ? others : [...others, [game, home]], null);
  document.querySelector('[data-pick="' + game + (home ? "h" : "a") + '"]').focus({ preventScroll: true });
}

const teamsOf = ([, ...ids]) => ids.map((id) => data.simulations.teams.indexOf(id));

/** Probability of the home side's win: that under Games, or of a later game the share of simulations. */
function chanceOf(sample, all, game) {
  const [[date], [home, away]] = [sample.games[game], teamsOf(sample.games[game])];
  const soon = day().games.find((one) => one[0] === date && one[1] === home && one[2] === away);
  return soon ? soon[3] : EVERY * all.reduce((sum, at) => sum + homeWon(sample, game, at), 0) / sample.n;
}

function pickCard(sample, all, tooFew, game) {
  const [home, away] = teamsOf(sample.games[game]);
  const chance = chanceOf(sample, all, game);
  const button = (team, isHome, text) => make("button", { type: "button", "data-pick": game + (isHome ? "h" : "a"),
    "aria-pressed": state.picks.some((other) => other[0] === game && other[1] === isHome), click: () => choose(game, isHome) }, short(team) + " " + (tooFew ? "\u2013" : text));
  return make("li", {}, make("div", { class: "pick" }, button(away, false, unlikely(chance)), "at", button(home, true, likely(chance))));
}

function showPicks(sample, all, tooFew) {
  const dates = [...new Set(sample.games.map(([date]) => date))];
  if (!dates.includes(state.pickDay)) state.pickDay = dates[0];
  pick("pick-day").replaceChildren(...dates.map((date) => make("option", { value: date }, date + " (" + sample.games.filter((one) => one[0] === date).length + " games)")));
  pick("pick-day").value = state.pickDay;
  pick("picks").replaceChildren(...sample.games.map((one, game) => one[0] === state.pickDay ? pickCard(sample, all, tooFew, game) : null).filter(Boolean));
}

function showStars(stars) {
  pick("star").parentElement.hidden = !stars;
  const option = (one, team) => [short(team) + ": " + one.name, make("option", { value: short(team) }, short(team) + ": " + one.name)];
  const rows = (stars || []).map(option).sort((a, b) => a[0].localeCompare(b[0], "en"));
  pick("star").replaceChildren(make("option", { value: "" }, "no one"), ...rows.map(([, node]) => node));
  pick("star").value = state.star === null ? "" : short(state.star);
}

/** Show odds and their changes; dashes where `now` is null. */
function showOutcome(before, now) {
  const assumed = state.star !== null || state.picks.length > 0;
  const by = (key, one) => one[key] - before[one.team][key];
  const size = (one) => Math.abs(by("title", one)) + Math.abs(by("playoffs", one));
  const order = (a, b) => (assumed ? size(b) - size(a) : 0) || b.title - a.title || b.playoffs - a.playoffs || b.wins - a.wins;
  const change = (value, digits, least) => number(assumed ? signed(value, digits) : "\u2013", value >= least ? "up" : value <= -least ? "down" : "");
  const dashes = () => Array.from({ length: 6 }, () => number("\u2013"));
  pick("outcome").tBodies[0].replaceChildren(...[...(now || before)].sort(order).map((one) => make("tr", { "data-team": short(one.team) },
    make("th", { scope: "row" }, short(one.team)), !now ? dashes() : [number(one.wins.toFixed(1)), change(by("wins", one), 1, 0.05),
    shaded(one.playoffs), change(by("playoffs", one) / 100, 1, 0.5), shaded(one.title), change(by("title", one) / 100, 1, 0.5)])));
}

function showWhatIf() {
  const sample = sampleOf();
  const possible = Boolean(sample && sample.games.length);
  pick("undo").disabled = !state.undo.length;
  pick("clear").disabled = !state.picks.length && state.star === null;
  for (const part of document.querySelectorAll("#what-if .split, #what-if .choice, #what-if > .note, #chosen")) part.hidden = !possible;
  if (!possible) {
    const days = data.simulations ? data.simulations.days.filter((one) => one.games.length).map((one) => one.as_of) : [];
    const name = data.simulations && data.simulations.season;
    const away = (one) => Math.abs(Date.parse(one) - Date.parse(state.day));
    const near = [...days].sort((a, b) => away(a) - away(b))[0];
    pick("remaining").replaceChildren(...(near ? ["Not on this day: simulated seasons are stored for ", days.map((one, at) => [at ? ", " : "", make("span", { class: "day" }, one)]), ". Nearest: ",
      make("button", { type: "button", click: () => { setSeason(name); setDay(near); show(); pick("what-if").scrollIntoView(); } }, near), ". For any day: ", make("code", {}, "nbarank forecast --as-of " + state.day + " --result TEAM-TEAM=WINNER")].flat(2) : ["No simulated seasons are stored."]));
    return;
  }
  const [stars, all] = [starsOf(), [...Array(sample.n).keys()]];
  const star = state.star === null || !stars ? null : stars[state.star];
  const kept = chosenSimulations(sample, state.picks);
  const tooFew = kept.length < FEWEST;
  const before = oddsIn(sample, all);
  pick("remaining").textContent = star ? sample.n.toLocaleString("en") + " seasons simulated without " + star.name + ", with the same random numbers."
    : kept.length.toLocaleString("en") + " of " + sample.n.toLocaleString("en") + " simulated seasons" +
    (tooFew ? ": too few for odds. Undo a choice." : state.picks.length ? ", so a probability is uncertain by about " + Math.ceil(50 / Math.sqrt(kept.length)) + " points at most." : ", so odds differ from those under Teams (" + day().simulations.toLocaleString("en") + " simulations) by about " + Math.ceil(50 / Math.sqrt(sample.n)) + " points at most.");
  pick("chosen").textContent = state.picks.length ? "Assumed: " + state.picks.map(([game, home]) => {
    const [host, guest] = teamsOf(sample.games[game]);
    return home ? short(host) + " beat " + short(guest) : short(guest) + " win at " + short(host);
  }).join(", ") + "." : star ? "Assumed: " + star.name + " (" + short(state.star) + ") is out for the rest of the season." : "Nothing assumed yet.";
  showPicks(sample, all, tooFew);
  showStars(stars);
  showOutcome(before, star ? before.map(({ team }) => ({ team, wins: star.wins[team], playoffs: star.playoffs[team], title: star.title[team] })) : tooFew ? null : oddsIn(sample, kept));
}

function startWhatIf() {
  pick("pick-day").addEventListener("change", (event) => { state.pickDay = event.target.value; showWhatIf(); });
  pick("star").addEventListener("change", (event) => {
    const team = season().teams.findIndex((one) => one[0] === event.target.value);
    assume([], team < 0 ? null : team);
  });
  pick("undo").addEventListener("click", () => { [state.picks, state.star] = state.undo.pop(); show(); });
  pick("clear").addEventListener("click", () => assume([], null));
}
