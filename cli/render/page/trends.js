// SPDX-License-Identifier: GPL-3.0-or-later
// Predictions and measures over releases: what changed, and how it goes on.
function showTrends() {
  const all = (data.trends?.series ?? []).filter(s => new Set(s.points.map(p => p.release)).size > 1);
  if (!all.length) return;
  const part = section('trends', 'Over releases'), note = element('p', {className: 'note'}), grid = element('div', {className: 'grid'});
  part.append(note, grid);
  const name = s => s.measure === 'load' ? `load of ${s.service} at ${s.subject}` : s.measure === 'capacity' ? `capacity of ${s.service} (×)`
    : [s.activity, s.measure.replaceAll('_', ' '), s.subject].filter(Boolean).join(', ');
  // Changes first, then what goes somewhere, then predictions.
  const weight = s => 4 * Math.min(s.changes.length, 1) + 2 * (s.slope && s.slope.interval95[0] * s.slope.interval95[1] > 0) +
    (s.measure === 'load' || s.measure === 'capacity');
  const sorted = [...all].sort((a, b) => weight(b) - weight(a)), most = 12;
  function fill() {
    const mine = chosen ? sorted.filter(s => s.service === chosen) : sorted, some = mine.slice(0, most);
    note.textContent = some.length < mine.length ? `The ${some.length} of ${mine.length} in which most happens; 'loadcast trend' shows all.` : '';
    grid.replaceChildren();
    for (const s of some) {
      const releases = [...new Set(s.points.map(p => p.release))], top = Math.max(...s.points.map(p => p.value));
      const [scale, unit] = s.unit === 's' ? timeUnit(top) : s.measure === 'load' ? [.01, '%'] : [1, ''];
      const changed = s.changes.map(c => ({release: c.release, text: c.before ? `${c.after > c.before ? '+' : '−'}${digits(100 * Math.abs(c.after / c.before - 1))} %` : 'new'}));
      const draw = width => Plot.plot({width, height: 190, marginLeft: 52, marginBottom: 44, style,
        x: {type: 'point', domain: releases, label: null, tickRotate: releases.length > 6 ? -35 : 0,
          ticks: releases.filter((_, i) => i % Math.ceil(releases.length / 12) === 0)},
        y: {label: unit || null, grid: true, zero: true},
        marks: [Plot.ruleY([0], {strokeOpacity: .5}),
          ...(s.limit && s.limit.limit <= 1.5 * top ? [Plot.ruleY([s.limit.limit / scale], {strokeDasharray: '5 4'})] : []),
          Plot.ruleX(changed, {x: 'release', stroke: colours[5], strokeDasharray: '2 3'}),
          Plot.text(changed, {x: 'release', text: 'text', frameAnchor: 'top', dy: -8, fill: 'currentColor'}),
          Plot.lineY(s.points, Plot.groupX({y: 'mean'}, {x: 'release', y: p => p.value / scale, stroke: colours[0], strokeWidth: 2})),
          Plot.dot(s.points, {x: 'release', y: p => p.value / scale, fill: colours[0], r: 3, tip: true,
            title: p => `${p.release}${p.run ? ' run ' + p.run : ''}: ${digits(p.value / scale)} ${unit}`})]});
      const slope = s.slope && s.slope.slope ? `${digits(s.slope.slope / scale)} [${digits(s.slope.interval95[0] / scale)}, ${digits(s.slope.interval95[1] / scale)}] ${unit} a release since ${s.slope.since}` : '';
      const ahead = s.limit?.in != null ? `; passes ${digits(s.limit.limit / scale)} ${unit} in ${digits(s.limit.in)} releases [${digits(s.limit.interval95[0])}, ${s.limit.interval95[1] == null ? '∞' : digits(s.limit.interval95[1])}]` : '';
      figure(grid, {title: name(s), draw, caption: slope + ahead, rows: () => [['release', 'run', unit || 'value'],
        s.points.map(p => [p.release, p.run || '–', digits(p.value / scale)])]});
    }
  }
  followers.push(fill);
  fill();
}
