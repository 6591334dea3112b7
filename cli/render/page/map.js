// SPDX-License-Identifier: GPL-3.0-or-later
// The map of the system: coloured by load, zoomed, and a way to choose a component.
function showMap() {
  const svg = document.querySelector('#map svg');
  if (!svg) return;
  const natural = svg.viewBox.baseVal.width;
  let zoom = 1;
  const resize = factor => { zoom = factor; svg.setAttribute('width', natural * zoom * 1.33); };
  svg.removeAttribute('height');
  const part = document.getElementById('map');
  const levels = data.levels.map((level, index) => [level, index]).filter(([level]) => level.components.length);
  const select = element('select', {ariaLabel: 'Load level'},
    ...levels.map(([level, index]) => element('option', {value: index}, 'load ' + level.label)));
  const shade = load => d3.interpolateRgbBasis(['#fff6cc', '#f5c24d', '#d55e00', '#8c2d00'])(Math.min(1, load));
  const nodes = [...svg.querySelectorAll('.node')].map(node =>
    ({node, name: [...node.querySelectorAll('text')].map(t => t.textContent).join('')}));
  function colour() {
    const level = data.levels[select.value];
    for (const {node, name} of nodes) {
      const index = data.components.findIndex(c => c.name === name);
      const load = index < 0 ? null : level.components[index]?.load?.[0];
      const shape = node.querySelector('path, polygon, ellipse');
      node.classList.toggle('loaded', load != null);
      node.classList.toggle('full', load > .8);
      if (shape && typeof d3 !== 'undefined') shape.style.fill = load == null ? '' : shade(load);
      node.querySelector('title').textContent = load == null ? `${name}: no limit` : `${name}: load ${percent(load)}`;
      node.classList.toggle('chosen', chosen === name);
    }
  }
  for (const {node, name} of nodes) {
    if (!data.components.some(c => c.name === name)) continue;
    node.setAttribute('tabindex', 0);
    node.setAttribute('role', 'button');
    node.addEventListener('click', () => choose(name));
    node.addEventListener('keydown', event => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choose(name);
    });
  }
  const button = (text, title, act) => element('button', {title, onclick: act}, text);
  part.querySelector('.map').before(element('div', {className: 'bar'}, select,
    button('+', 'Larger', () => resize(zoom * 1.25)), button('−', 'Smaller', () => resize(zoom / 1.25)),
    button('whole', 'As wide as the page', () => resize(Math.min(1, part.clientWidth / natural / 1.33))),
    element('small', {}, 'From pale (idle) to dark (full); without colour: no limit. Choose a component to see its lines alone.')));
  select.onchange = colour;
  followers.push(colour);
  resize(Math.max(.75, Math.min(1, part.clientWidth / natural / 1.33)));
  colour();
}
