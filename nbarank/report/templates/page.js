"use strict";
(function () {
  // All text is set through textContent, so that nothing in the data can become markup.
  const data = JSON.parse(document.getElementById("data").textContent);
  const pick = (id) => document.getElementById(id);
  const state = { season: data.seasons[0].season, day: null, conference: "", team: null, key: "rank", down: false };
  const LOW_FIRST = new Set(["rank", "name", "standing", "conference_rank", "playoff_rank"]);

  function make(tag, attributes, ...children) {
    const svg = ["svg", "path", "line", "text", "circle", "title", "polyline"].includes(tag);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined) node.setAttribute(name, value);
    }
    for (const child of children.flat()) {
      if (child !== null && child !== undefined) node.append(child instanceof Node ? child : document.createTextNode(child));
    }
    return node;
  }
  const words = (name) => name.replaceAll("_", " ");
  const percent = (value) => (100 * value).toFixed(value > 0 && value < 0.0995 ? 1 : 0) + " %";
  const signed = (value, digits) => (value > 0 ? "+" : value < 0 ? "\u2212" : "") + Math.abs(value).toFixed(digits);
  const whole = (value) => (value === null ? "\u2013" : String(value));

  const season = () => data.seasons.find((one) => one.season === state.season);
  const day = () => season().days.find((one) => one.as_of === state.day);

  function fill(select, options, chosen) {
    select.replaceChildren(...options.map(([value, text]) => {
      const option = make("option", { value: value }, text);
      option.selected = value === chosen;
      return option;
    }));
  }

  function compare(first, second) {
    const value = (team) => state.key === "win_share"
      ? (team.wins + team.losses ? team.wins / (team.wins + team.losses) : 0) : team[state.key];
    const [a, b] = [value(first), value(second)];
    if (a === null || b === null) return (a === null) - (b === null);  // missing values last
    const order = typeof a === "string" ? a.localeCompare(b, "en") : a - b;
    return (state.down ? -order : order) || first.rank - second.rank;
  }

  function showTable() {
    const shown = day().teams.filter((team) => !state.conference || team.conference === state.conference).sort(compare);
    const rows = shown.map((team) => {
      const open = make("button", { type: "button", class: "open", "data-team": team.team, "aria-label": team.name },
        make("span", { class: "long" }, team.name), make("span", { class: "short" }, team.team));
      open.addEventListener("click", () => {
        state.team = team.team;
        show();
        pick("cards").firstElementChild.focus({ preventScroll: true });
        pick("cards").scrollIntoView({ block: "start" });
      });
      return make("tr", { "data-team": team.team, class: team.team === state.team ? "chosen" : null },
        make("td", { class: "number" }, team.rank),
        make("td", {}, open),
        make("td", { class: "number" }, team.wins + "\u2013" + team.losses),
        make("td", { class: "number" }, whole(team.standing)),
        make("td", { class: "number" }, team.conference_rank),
        make("td", { class: "number" }, team.standing === null ? "\u2013" : signed(team.delta, 0)),
        make("td", { class: "number" }, signed(team.strength, 1)),
        make("td", { class: "number" }, team.projected.toFixed(1)),
        make("td", { class: "number" }, percent(team.playoffs)),
        make("td", { class: "number" }, percent(team.title)),
        make("td", { class: "number" }, whole(team.playoff_rank)));
    });
    pick("teams").tBodies[0].replaceChildren(...rows);
    for (const head of pick("teams").tHead.rows[0].cells) {
      if (head.dataset.key === state.key) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  function bar(value, most, label) {
    // zero is in the middle
    const size = most ? 50 * Math.min(Math.abs(value) / most, 1) : 0;
    const place = value < 0 ? "right:50%" : "left:50%";
    return make("div", { class: "bar", role: "img", "aria-label": label },
      make("span", { class: value < 0 ? "down" : "up", style: place + ";width:" + size.toFixed(1) + "%" }));
  }

  function timeline(team) {
    const history = season().history;
    const own = history && history.teams[String(team.id)];
    if (!own || history.days.length < 2) return null;
    const [width, height, left, right, top, bottom] = [560, 170, 34, 34, 12, 22];
    const times = history.days.map((one) => Date.parse(one));
    const x = (time) => left + (width - left - right) * (time - times[0]) / (times[times.length - 1] - times[0]);
    const bound = Math.max(5, ...own.strength.map(Math.abs));
    const y = (value) => top + (height - top - bottom) * (bound - value) / (2 * bound);
    const last = Math.max(15, ...own.place);
    const z = (place) => top + (height - top - bottom) * (place - 1) / (last - 1);
    const line = own.strength.map((value, i) => (i ? "L" : "M") + x(times[i]).toFixed(1) + " " + y(value).toFixed(1)).join("");
    const steps = own.place.map((place, i) => (i ? "H" + x(times[i]).toFixed(1) + "V" : "M" + x(times[i]).toFixed(1) + " ") + z(place).toFixed(1)).join("");
    const label = "Strength of " + team.name + " from " + own.strength[0].toFixed(1) + " to " +
      own.strength[own.strength.length - 1].toFixed(1) + " points; place in the conference from " + own.place[0] + " to " + own.place[own.place.length - 1] + ".";
    const month = (time) => new Date(time).toLocaleDateString("en", { month: "short", timeZone: "UTC" });
    return make("svg", { class: "line", viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": label },
      make("line", { x1: left, x2: width - right, y1: y(0), y2: y(0), stroke: "#b0b0b0" }),
      make("path", { d: steps, fill: "none", stroke: "#e69f00", "stroke-width": 2 }),
      make("path", { d: line, fill: "none", stroke: "#1b1b1b", "stroke-width": 2.2 }),
      make("line", { x1: x(Date.parse(state.day)), x2: x(Date.parse(state.day)), y1: top, y2: height - bottom, stroke: "#595959", "stroke-dasharray": "3 3" }),
      make("text", { x: 2, y: y(bound) + 8 }, "+" + bound.toFixed(0)), make("text", { x: 2, y: y(-bound) }, "\u2212" + bound.toFixed(0)),
      make("text", { x: width - right + 5, y: z(1) + 6 }, "1st"), make("text", { x: width - right + 5, y: z(last) }, last + "th"),
      make("text", { x: left, y: height - 6 }, month(times[0])),
      make("text", { x: width - right, y: height - 6, "text-anchor": "end" }, month(times[times.length - 1])));
  }

  function playersTable(team) {
    if (team.fallback) return make("p", {}, "The attention weights of this team are from the fallback and say nothing about its players.");
    if (!team.players.length) return make("p", {}, "This day was not explained.");
    const most = Math.max(...team.players.map((one) => Math.abs(one.points)));
    return make("table", { class: "players" },
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Player"), make("th", { scope: "col", class: "number" }, "Attention"),
        make("th", { scope: "col", class: "number" }, "Minutes"), make("th", { scope: "col", class: "number" }, "Adds"), make("th", { scope: "col" }, "\u00a0"))),
      make("tbody", {}, team.players.map((one) => make("tr", {},
        make("th", { scope: "row" }, one.name), make("td", { class: "number" }, one.attention === null ? "\u2013" : percent(one.attention)),
        make("td", { class: "number" }, percent(one.minutes)), make("td", { class: "number" }, signed(one.points, 2)),
        make("td", {}, bar(one.points, most, "adds " + one.points))))));
  }

  function waterfall(team, model) {
    const found = team.shap[model];
    if (!found) return null;
    const shown = found.parts.slice(0, data.shown_features);
    const rest = found.parts.slice(data.shown_features).reduce((sum, part) => sum + part[2], 0);
    let level = found.base;
    const steps = shown.map(([name, value, part]) => [words(name) + " = " + Number(value.toPrecision(4)), part]);
    if (Math.abs(rest) >= 0.005) steps.push(["all other features", rest]);
    const levels = [level, ...steps.map(([, part]) => (level += part))];
    const low = Math.min(...levels), span = Math.max(...levels) - low || 1;
    level = found.base;
    const rows = steps.map(([label, part]) => {
      const start = 100 * (Math.min(level, level + part) - low) / span;
      level += part;
      return make("tr", {}, make("th", { scope: "row" }, label), make("td", { class: "number" }, signed(part, 2)),
        make("td", {}, make("div", { class: "bar plain", role: "img", "aria-label": "from " + (level - part).toFixed(2) + " to " + level.toFixed(2) },
          make("span", { class: part < 0 ? "down" : "up", style: "left:" + start.toFixed(1) + "%;width:" + Math.max(100 * Math.abs(part) / span, 0.8).toFixed(1) + "%" }))));
    });
    return make("div", {}, make("h4", {}, data.model_names[model] + ": from the mean " + signed(found.base, 1) + " to " + signed(level, 1) + " " + data.unit),
      make("table", {}, make("tbody", {}, rows)));
  }

  function card(team) {
    const badge = make("span", { class: "badge " + team.class.replace(" ", "-") }, team.class);
    const odds = [["Playoffs", team.playoffs], ["Second round", team.second_round], ["Conference final", team.conference_final], ["Final", team.final], ["Title", team.title]];
    const models = Object.entries(team.models).map(([name, rank]) => (data.model_names[name] || name) + " " + rank).join(", ");
    return make("article", { class: "card", "data-team": team.team, tabindex: "-1", "aria-label": team.name },
      make("h3", {}, team.name, " ", badge),
      make("p", {}, team.conference + ", " + team.wins + "\u2013" + team.losses + ". Predicted place " + team.conference_rank + " in the conference" +
        (team.standing === null ? "" : ", current place " + team.standing) + (team.final_rank === null ? "" : ", final place " + team.final_rank) + ". " + team.explanation),
      make("div", { class: "columns" },
        make("div", {},
          make("h4", {}, "Why the record may mislead"),
          team.reasons.length ? make("ul", {}, team.reasons.map((one) => make("li", {}, one.text + " (" + signed(one.points, 1) + " points)"))) : make("p", {}, "No significant reason."),
          make("h4", {}, "Odds"),
          make("table", {}, make("tbody", {}, odds.map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", { class: "number" }, percent(value)),
            make("td", {}, make("div", { class: "bar plain", role: "img", "aria-label": percent(value) }, make("span", { class: "up", style: "left:0;width:" + (100 * value).toFixed(1) + "%" }))))))),
          make("p", {}, "Wins: " + team.projected.toFixed(1) + " (" + day().interval + " % between " + team.projected_low.toFixed(0) + " and " + team.projected_high.toFixed(0) + "). Strength " +
            signed(team.strength, 1) + " \u00b1 " + team.strength_sd.toFixed(1) + " points."),
          models ? make("p", {}, "League rank by model: " + models + (team.agreement ? ". Agreement: " + team.agreement.toLowerCase() + "." : ".")) : null),
        make("div", {},
          make("h4", {}, "Players the Deep Set's score depends on, in " + data.deepset_unit),
          playersTable(team),
          make("h4", {}, "Strength (dark) and place in the conference (light)"),
          timeline(team)),
        waterfall(team, "xgb"), waterfall(team, "rf")));
  }

  function showCards() {
    const teams = day().teams;
    const chosen = state.team === "all" ? teams.filter((team) => !state.conference || team.conference === state.conference) : teams.filter((team) => team.team === state.team);
    pick("cards").replaceChildren(...chosen.map(card));
  }

  function show() {
    const days = season().days;
    if (!days.some((one) => one.as_of === state.day)) state.day = days[days.length - 1].as_of;
    if (state.team !== "all" && !day().teams.some((team) => team.team === state.team)) state.team = day().teams[0].team;
    fill(pick("season"), data.seasons.map((one) => [one.season, one.season]), state.season);
    fill(pick("day"), days.map((one) => [one.as_of, one.as_of + " (" + one.share + " %)"]), state.day);
    const names = day().teams.map((team) => [team.team, team.name]).sort((a, b) => a[1].localeCompare(b[1], "en"));
    fill(pick("team"), [...names, ["all", "all teams"]], state.team);
    pick("conference").value = state.conference;
    pick("summary").textContent = "Season " + state.season + " as of " + state.day + ", " + day().share + " % played, " +
      day().simulations.toLocaleString("en") + " simulated rests of the season. " + day().known;
    for (const part of document.querySelectorAll(".season")) part.hidden = part.dataset.season !== state.season;
    showTable();
    showCards();
    const address = new URLSearchParams({ season: state.season, day: state.day, team: state.team });
    history.replaceState(null, "", "#" + address.toString());
  }

  function fromAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (data.seasons.some((one) => one.season === asked.get("season"))) {
      state.season = asked.get("season");
      state.day = asked.get("day");
      state.team = asked.get("team");
      return true;
    }
    return false;
  }

  pick("season").addEventListener("change", (event) => {
    // the same checkpoint of the other season, if it has one
    const share = day().share;
    state.season = event.target.value;
    const days = season().days;
    state.day = (days.find((one) => one.share === share) || days[days.length - 1]).as_of;
    show();
  });
  pick("day").addEventListener("change", (event) => { state.day = event.target.value; show(); });
  pick("conference").addEventListener("change", (event) => { state.conference = event.target.value; show(); });
  pick("team").addEventListener("change", (event) => { state.team = event.target.value; show(); });
  pick("choice").addEventListener("submit", (event) => event.preventDefault());
  for (const head of pick("teams").tHead.rows[0].cells) {
    head.querySelector("button").addEventListener("click", () => {
      const key = head.dataset.key;
      state.down = key === state.key ? !state.down : !LOW_FIRST.has(key);
      state.key = key;
      showTable();
    });
  }
  const section = document.getElementById(location.hash.slice(1));
  const restored = fromAddress();
  show();
  if (!restored && section) {
    history.replaceState(null, "", "#" + section.id);
    section.scrollIntoView();
  }
  window.addEventListener("hashchange", () => { if (fromAddress()) show(); });
})();
