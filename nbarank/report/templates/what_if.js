// Simulated seasons as bits, filtered by the chosen winners.
const FEWEST = 50;
const decoded = new Map();
const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

/** The stored simulations of the day; undefined if there are none. */
function sampleOf() {
  const found = data.simulations && data.simulations.season === state.season
    ? data.simulations.days.find((one) => one.as_of === state.day) : undefined;
  if (found && !decoded.has(found)) decoded.set(found, { home: bytes(found.home_won), wins: bytes(found.wins), ends: bytes(found.ends) });
  return found;
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

function choose(game, home) {
  const before = state.picks.find((one) => one[0] === game);
  state.picks = state.picks.filter((one) => one[0] !== game);
  if (!before || before[1] !== home) state.picks.push([game, home]);
  show();
  document.querySelector('[data-pick="' + game + (home ? "h" : "a") + '"]').focus({ preventScroll: true });
}

function pickCard(sample, all, [date, homeId, awayId], game) {
  const [home, away] = [homeId, awayId].map((id) => data.simulations.teams.indexOf(id));
  const share = Math.round(100 * all.reduce((sum, one) => sum + homeWon(sample, game, one), 0) / (all.length || 1));
  const button = (team, isHome, chance) => make("button", { type: "button", "data-pick": game + (isHome ? "h" : "a"),
    "aria-pressed": state.picks.some((one) => one[0] === game && one[1] === isHome), click: () => choose(game, isHome) }, short(team) + " " + chance + " %");
  return make("li", {}, make("div", { class: "note" }, date), make("div", { class: "pick" }, button(away, false, 100 - share), "at", button(home, true, share)));
}

function showWhatIf() {
  const sample = sampleOf();
  const possible = Boolean(sample && sample.games.length);
  pick("undo").disabled = pick("clear").disabled = !state.picks.length;
  for (const part of document.querySelectorAll("#what-if .split, #what-if .choice")) part.hidden = !possible;
  if (!possible) {
    const days = data.simulations ? data.simulations.days.filter((one) => one.games.length).map((one) => one.as_of) : [];
    pick("remaining").textContent = days.length ? "Simulated seasons are stored for " + data.simulations.season + " on " + days.join(", ") + "." : "No simulated seasons are stored.";
    return;
  }
  const all = [...Array(sample.n).keys()];
  const kept = chosenSimulations(sample, state.picks);
  const [now, before] = [oddsIn(sample, kept), oddsIn(sample, all)];
  pick("remaining").textContent = kept.length.toLocaleString("en") + " of " + sample.n.toLocaleString("en") + " simulated seasons" +
    (kept.length < FEWEST ? ": too few for odds. Undo a choice." : state.picks.length ? ", so a probability is uncertain by about " + Math.ceil(50 / Math.sqrt(kept.length)) + " points at most." : ".");
  pick("picks").replaceChildren(...sample.games.map((one, game) => pickCard(sample, kept, one, game)));
  const change = (one) => one.title - before[one.team].title;
  const rows = kept.length < FEWEST ? [] : now.sort((a, b) => b.title - a.title || b.playoffs - a.playoffs || b.wins - a.wins);
  pick("outcome").tBodies[0].replaceChildren(...rows.map((one) => make("tr", { "data-team": short(one.team) },
    make("th", { scope: "row" }, short(one.team)), number(one.wins.toFixed(1)), shaded(one.playoffs), shaded(one.title),
    number(state.picks.length ? signed(change(one) / 100, 1) : "\u2013", change(one) > 50 ? "up" : change(one) < -50 ? "down" : ""))));
}
