// SPDX-License-Identifier: GPL-3.0-or-later
// The load of components against traffic, where each saturates, and goals.
function showLoads() {
  if (!data.components?.length) return;
  const part = section('loads', 'Load of components');
  const shown = 8;
  const key = element('div', {className: 'key'});
  const visible = () => data.components.map((c, i) => ({...c, i}))
    .filter(c => chosen ? c.name === chosen : c.i < shown);
  const look = c => ({colour: colours[c.i % colours.length], symbol: symbols[c.i % symbols.length]});
  function fillKey() {
    key.replaceChildren(...data.components.slice(0, 30).map((c, i) => {
      const mark = typeof Plot === 'undefined' ? '' : element('span', {style: `color:${colours[i % colours.length]}`,
        innerHTML: `<svg width=12 height=12 viewBox="-6 -6 12 12" aria-hidden=true><path fill=currentColor d="${
          d3.symbol(d3[`symbol${symbols[i % symbols.length].replace(/^./, l => l.toUpperCase())}`], 40)() ?? ''}"></path></svg>`});
      return element('button', {ariaPressed: String(chosen === c.name), onclick: () => choose(c.name)}, mark, c.name);
    }), ...(chosen ? [element('button', {onclick: () => choose(chosen)}, 'show all')] : []));
  }
  part.append(key);
  const points = c => data.levels.map((level, index) => ({x: place(level, index), e: level.components[c.i]?.load}))
    .filter(d => d.e);
  function draw(width) {
    const axes = loadAxes(lastFactor(), width), marks = [...axes.marks, Plot.axisY({tickFormat: v => 100 * v + ' %', label: null}),
      Plot.gridY({strokeOpacity: .12}), Plot.ruleY([0, 1], {strokeOpacity: .5})];
    for (const goal of data.goals.filter(g => g.kind === 'load' && (!g.component || !chosen || g.component === chosen)))
      marks.push(Plot.ruleY([goal.limit], {strokeDasharray: '5 4'}), Plot.text([goal], {y: 'limit', text: 'text',
        frameAnchor: 'right', dy: -7, textAnchor: 'end', fill: 'currentColor'}));
    for (const c of visible()) {
      const {colour, symbol} = look(c), line = points(c);
      marks.push(Plot.areaY(line, {x: 'x', y1: d => d.e[1] ?? d.e[0], y2: d => d.e[2] ?? d.e[0], fill: colour, fillOpacity: .18, clip: true}),
        Plot.lineY(line, {x: 'x', y: d => d.e[0], stroke: colour, strokeWidth: 2}),
        Plot.dot(line, {x: 'x', y: d => d.e[0], symbol, stroke: colour, fill: colour, r: 4, tip: true,
          title: d => `${c.name}\nload ${interval(d.e, percent)}`}));
      if (byFactor && c.saturates <= lastFactor())
        marks.push(Plot.ruleY([c], {y: 1, x1: c.low ?? c.saturates, x2: c.high ?? c.saturates, stroke: colour, strokeWidth: 5, clip: true}),
          Plot.dot([c], {x: 'saturates', y: 1, symbol, r: 6, fill: 'var(--back)', stroke: colour, strokeWidth: 2, tip: true,
            title: () => `${c.name} saturates at × ${digits(c.saturates)} [${digits(c.low)}, ${digits(c.high)}]`}));
    }
    return Plot.plot({width, height: Math.min(420, 220 + width / 4), marginLeft: 48, marginTop: data.rate > 0 ? 44 : 20,
      marginBottom: 44, style, x: axes.x, y: {domain: [0, 1.05]}, marks});
  }
  const drawn = figure(part, {title: '', draw,
    caption: 'Bands: 95 % intervals. On the line of 100 %: where a component saturates, and the 95 % interval. ' +
      'A load at which a component is overloaded has no steady state, and no point.',
    rows: () => [['component', ...data.levels.map(l => 'load ' + l.label), 'saturates at', '95 % interval'],
      data.components.map((c, i) => [c.name, ...data.levels.map(l => l.components[i] ? percent(l.components[i].load?.[0])
        : l.overloaded ? 'overloaded' : '–'), '× ' + digits(c.saturates),
        c.low == null ? '–' : `× ${digits(c.low)} to ${digits(c.high)}`])]});
  followers.push(fillKey, drawn.redraw);
  fillKey();
}
