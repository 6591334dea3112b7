// SPDX-License-Identifier: GPL-3.0-or-later
// What all figures share: the data, numbers as people read them, and a figure with its table.
const data = JSON.parse(document.getElementById('data').textContent);
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
// Okabe and Ito's colours, which the colour-blind tell apart; the darkest ones are lighter on a dark page.
const colours = dark ? ['#56b4e9', '#e69f00', '#2fc29a', '#cc79a7', '#f0e442', '#ff8a4c', '#9db4ff', '#d0d7de']
  : ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c7a00', '#000000'];
const symbols = ['circle', 'square', 'triangle', 'diamond', 'cross', 'star', 'wye'];

// The component that somebody looks at; figures that follow it are drawn anew.
const followers = [];
let chosen = null;
function choose(name) {
  chosen = chosen === name ? null : name;
  history.replaceState(null, '', chosen ? '#component=' + encodeURIComponent(chosen) : location.pathname + location.search);
  followers.forEach(follow => follow());
}

// Three digits that mean something, and no "1e+3".
function digits(value) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return places > 6 ? value.toExponential(1) : value.toFixed(places);
}
const percent = part => part == null ? '–' : digits(100 * part) + ' %';
// The unit in which times up to `largest` seconds are shown.
function timeUnit(largest) {
  return [[1e-6, 'µs'], [1e-3, 'ms'], [1, 's'], [60, 'min'], [3600, 'h'], [86400, 'd']]
    .reduce((best, unit) => largest >= (unit[0] < 1 ? 1 : 2) * unit[0] ? unit : best, [1e-6, 'µs']);
}
function time(seconds) {
  if (seconds == null) return '–';
  const [scale, name] = timeUnit(Math.abs(seconds));
  return seconds === 0 ? '0' : digits(seconds / scale) + ' ' + name;
}
const date = day => day == null ? 'never' : new Date(day * 86400e3).toISOString().slice(0, 10);
// [mean, low, high] as text by `show`.
const interval = (e, show) => e == null ? '–'
  : e[1] == null && e[2] == null || e[1] === e[2] ? show(e[0])
  : `${show(e[0])} [${e[1] == null ? '–' : show(e[1])}, ${e[2] == null ? '∞' : show(e[2])}]`;

function element(name, properties, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {}))
    key in node ? node[key] = value : node.setAttribute(key, value);
  node.append(...children);
  return node;
}
function table(heads, rows) {
  const line = (cells, kind) => element('tr', {}, ...cells.map(cell => element(kind, {}, cell ?? '–')));
  return element('div', {className: 'scroll'},
    element('table', {}, element('thead', {}, line(heads, 'th')), element('tbody', {}, ...rows.map(r => line(r, 'td')))));
}
// A section of the page, linked from its top.
function section(id, title) {
  const part = element('section', {id}, element('h2', {}, title));
  document.querySelector('main').append(part);
  document.querySelector('nav').lastElementChild.before(element('a', {href: '#' + id}, title));
  return part;
}
// A figure below `parent`, drawn for the width that it has, again when that changes or `redraw` is called.
function figure(parent, {title, caption, draw, rows}) {
  const place = element('div', {role: 'img', 'aria-label': title});
  const whole = element('figure', {}, ...(title ? [element('h3', {}, title)] : []), place,
    ...(caption ? [element('figcaption', {}, caption)] : []));
  if (rows) {
    const more = element('details', {}, element('summary', {}, 'Table'));
    more.addEventListener('toggle', () => more.open && more.childElementCount === 1 && more.append(table(...rows())));
    whole.append(more);
  }
  parent.append(whole);
  const charts = typeof Plot !== 'undefined';
  const redraw = () => charts && place.clientWidth > 0 && place.replaceChildren(draw(Math.max(280, place.clientWidth)));
  if (!charts) whole.querySelector('details')?.setAttribute('open', '');
  let width = 0;
  const adapt = () => { if (place.clientWidth !== width) { width = place.clientWidth; redraw(); } };
  adapt();
  new ResizeObserver(() => requestAnimationFrame(adapt)).observe(place);
  return {whole, redraw};
}
const style = {background: 'transparent', color: 'currentColor', fontSize: '12px', fontFamily: 'inherit'};

// Levels on one axis of factors where all have one; else in a row, by their labels.
const byFactor = (data.levels ?? []).every(level => level.factor != null);
const place = (level, index) => byFactor ? level.factor : index;
function loadAxes(last, width) {
  if (!byFactor)
    return {x: {type: 'point', domain: data.levels.map((_, i) => i), tickFormat: i => data.levels[i].label, label: 'load'},
      marks: []};
  // A label of the upper axis is as long as its digits, which must not touch: there are up to 1.4 ticks for each asked.
  const rate = f => digits(f * data.rate), long = Math.max(...[.2, .4, .6, .8, 1].map(part => rate(part * last).length));
  const ticks = Math.max(2, Math.min(6, Math.floor((width - 100) / (1.4 * (7 * long + 12)))));
  const marks = [Plot.axisX({label: 'load (× what the scenario states)', ticks: 6, labelAnchor: 'center'})];
  if (data.rate > 0)
    marks.push(Plot.axisX({anchor: 'top', label: `arrivals (${data.rateUnit})`, ticks, labelAnchor: 'center', tickFormat: rate}));
  return {x: {domain: [0, last], type: 'linear'}, marks};
}
const lastFactor = () => {
  const simulated = Math.max(...data.levels.map(l => l.factor ?? 0));
  const {saturates = 0, high} = data.components[0] ?? {};
  return 1.04 * (saturates < 3 * simulated ? Math.max(simulated, Math.min(high ?? saturates, 3 * simulated)) : simulated);
};
