// SPDX-License-Identifier: GPL-3.0-or-later
// test.js COUNT RATE: the acceptance test. COUNT orders, RATE a second, at random times; fails when one is not answered.
const http = require('http');
const net = require('net');
const [count, rate] = process.argv.slice(2).map(Number);

const isUp = port => new Promise(done => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.end(); done(true); });
  socket.on('error', () => done(false));
});

function order() {
  http.get('http://127.0.0.1:3001/order', answer => {
    if (answer.statusCode !== 200) process.exitCode = 1;
    answer.resume();
  }).on('error', error => { console.error(error.message); process.exitCode = 1; });
}

async function test() {
  for (const port of [3001, 3002])
    while (!await isUp(port)) await new Promise(done => setTimeout(done, 100));
  for (let i = 0; i < count; i++) {
    order();
    await new Promise(done => setTimeout(done, -Math.log(1 - Math.random()) * 1000 / rate));
  }
}
test();
