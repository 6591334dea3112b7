// SPDX-License-Identifier: GPL-3.0-or-later
// Each learned time: quantiles of its samples over the distribution that stands for them.
function showFits() {
  if (!data.fits?.length) return;
  const part = section('fits', 'Learned times');
  const note = element('p', {className: 'note'}), grid = element('div', {className: 'grid'});
  part.append(note, grid);
  const order = fit => { const i = data.components.findIndex(c => belongs(fit, c.name)); return i < 0 ? Infinity : i; };
  const belongs = (fit, name) => fit.path.startsWith(name + '.') || fit.path.startsWith(name + '/') || fit.path.startsWith(name + '>');
  const sorted = [...data.fits].sort((a, b) => order(a) - order(b));
  const most = 9;
  function fill() {
    const all = chosen ? sorted.filter(f => belongs(f, chosen)) : sorted, some = chosen ? all : all.slice(0, most);
    note.textContent = chosen ? `${all.length} of ${chosen}.` : some.length < all.length
      ? `The first ${some.length} of ${all.length}, of the components that saturate first; choose a component in the map or among the lines above to see its own.` : '';
    grid.replaceChildren();
    for (const fit of some) {
      const right = Math.max(fit.samples.at(-1)[1], fit.curve.filter(c => c[0] <= .985).at(-1)?.[1] ?? 0), [scale, unit] = timeUnit(right);
      const draw = width => Plot.plot({width, height: 220, marginLeft: 46, marginBottom: 40, style,
        x: {label: unit, domain: [0, 1.03 * right / scale], labelAnchor: 'right'}, y: {label: null, domain: [0, 1], grid: true, tickFormat: v => 100 * v + ' %'},
        marks: [Plot.ruleY([0]), Plot.line(fit.curve.filter(c => c[1] != null && c[1] <= 1.03 * right), {x: c => c[1] / scale, y: c => c[0], stroke: colours[0], strokeWidth: 2}),
          Plot.dot(fit.samples, {x: s => s[1] / scale, y: s => s[0], r: 3.5, symbol: 'diamond', fill: colours[5], tip: true,
            title: s => `${percent(s[0])} of ${fit.n} samples are at most ${time(s[1])}`})]});
      figure(grid, {title: fit.path, draw, caption: `${fit.distribution}; ${fit.n} samples, mean ${time(fit.mean)}${fit.error ? ' ± ' + time(fit.error) : ''}`,
        rows: () => [['probability', 'samples'], fit.samples.map(s => [percent(s[0]), time(s[1])])]});
    }
  }
  followers.push(fill);
  fill();
}
