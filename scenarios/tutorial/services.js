// SPDX-License-Identifier: GPL-3.0-or-later
// services.js NAME PORT: the shop, which asks for a photo with every order, or the photo service, whose two workers
// take some 20 ms for each (PHOTO_MS says otherwise). Nothing in it knows of tracing.
const http = require('http');
const [name, port] = process.argv.slice(2);
const work = ms => new Promise(done => setTimeout(done, ms * (0.5 + Math.random())));

const waiting = [];
let workers = 2;
async function photo() {
  if (workers === 0) await new Promise(free => waiting.push(free));
  else workers--;
  await work(+process.env.PHOTO_MS || 20);
  if (waiting.length > 0) waiting.shift()();
  else workers++;
}

async function order() {
  await work(4);
  await new Promise((done, fail) =>
    http.get('http://127.0.0.1:3002/photo', answer => answer.resume().on('end', done)).on('error', fail));
}

const server = http.createServer(async (request, response) => {
  await (name === 'photo' ? photo() : order());
  response.end('ok\n');
}).listen(port, '127.0.0.1');
process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); });
