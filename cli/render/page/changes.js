// SPDX-License-Identifier: GPL-3.0-or-later
// What each change allows: the load at which the first component saturates, the best change on top.
function showChanges() {
  if ((data.changes ?? []).length < 2) return;
  const rows = [...data.changes].sort((a, b) => b.factor - a.factor);
  const long = 34, label = row => row.name.length > long ? row.name.slice(0, long - 1) + '…' : row.name;
  const draw = width => {
    const narrow = width < 560, left = narrow ? 10 : 12 + 7 * Math.max(...rows.map(r => label(r).length));
    const marks = [Plot.axisX({label: 'load at which a component first saturates (×)', labelAnchor: 'center'}), Plot.gridX({strokeOpacity: .12}),
      Plot.barX(rows, {x: 'factor', y: 'name', fill: r => r.name === 'as it is' ? colours[1] : colours[0], fillOpacity: .55, tip: true,
        title: r => `${r.name}\n${r.component} saturates at × ${digits(r.factor)}${r.low == null ? '' : ` [${digits(r.low)}, ${digits(r.high)}]`}`}),
      Plot.ruleY(rows.filter(r => r.low != null), {y: 'name', x1: 'low', x2: 'high', strokeWidth: 2}),
      Plot.text(rows, {x: 0, y: 'name', text: r => (narrow ? label(r) + ': ' : '') + r.component, dx: 6, textAnchor: 'start', fill: 'currentColor'}),
      Plot.ruleX([0])];
    if (!narrow) marks.push(Plot.axisY({label: null, tickSize: 0, tickFormat: name => label({name})}));
    return Plot.plot({width, height: 60 + 34 * rows.length, marginLeft: left, marginBottom: 44, style,
      y: {domain: rows.map(r => r.name), axis: null}, x: {domain: [0, 1.05 * Math.max(...rows.map(r => r.high ?? r.factor))]}, marks});
  };
  figure(section('changes', 'What each change allows'), {title: '', draw,
    caption: 'Bars carry the component that saturates first then; lines: 95 % intervals.',
    rows: () => [['change', 'saturates first', 'at load', '95 % interval'], rows.map(r => [r.name, r.component, '× ' + digits(r.factor),
      r.low == null ? '–' : `× ${digits(r.low)} to ${digits(r.high)}`])]});
}
