// Real servers, each on a free port and in a folder of its own: the demonstration, the laboratory, an empty installation.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from './harness.mjs';

const BUILT = resolve(ROOT, 'target/debug');
const PRODUCT = process.env.LIANDONG_BIN ?? join(BUILT, 'liandong');
const LABORATORY = process.env.LIANDONG_LABORATORY ?? join(BUILT, 'laboratory');

export const freePort = () =>
  new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

// At the end all servers are stopped, then their folders go.
const running = new Set();
const places = new Set();
process.on('exit', () => {
  for (const server of running) server.kill('SIGKILL');
  for (const dir of places) rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

/// A folder for one installation.
function place() {
  const dir = mkdtempSync(join(tmpdir(), 'liandong-browser-'));
  places.add(dir);
  return { dir, environment: { LIANDONG_DATA_DIR: join(dir, 'data'), LIANDONG_DATABASE_URL: `sqlite://${join(dir, 'liandong.sqlite')}?mode=rwc` } };
}

/// The product's command line, on what is in that folder.
const commandLine = ({ environment }) => (...words) => execFileSync(PRODUCT, words, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...environment } });

async function start(program, { dir, environment }, flags, more = {}) {
  const base = `http://127.0.0.1:${await freePort()}`;
  const log = join(dir, 'server.log');
  const output = openSync(log, 'w');
  const server = spawn(program, ['serve', '--listen', base.slice('http://'.length), ...flags], {
    cwd: ROOT,
    env: { ...process.env, ...environment, ...more },
    stdio: ['ignore', output, output],
  });
  let ended = null;
  server.on('error', (error) => { ended = `${program} could not be started: ${error.message}`; });
  server.on('exit', (code) => {
    running.delete(server);
    ended ??= `the server ended with ${code}`;
  });
  running.add(server);
  const stop = () => server.kill('SIGTERM');
  const begun = Date.now();
  while (Date.now() - begun < 180_000) {
    if (ended) throw new Error(`${ended}\n${readFileSync(log, 'utf8')}`);
    const ready = await fetch(`${base}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) return { base, stop, log: () => readFileSync(log, 'utf8') };
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error(`/readyz did not answer within three minutes\n${readFileSync(log, 'utf8')}`);
}

export const demonstration = () => start(PRODUCT, place(), ['--demo']);

/// The same server with toy kinds, a clock that can be moved and a mail server that isn't there (yet).
export async function laboratory() {
  const [control, mail] = [await freePort(), await freePort()];
  const at = place();
  const server = await start(LABORATORY, at, ['--demo', '--smtp-url', `smtp://127.0.0.1:${mail}`], { LABORATORY_CONTROL: `127.0.0.1:${control}` });
  /// Moves the clock so many hours from now; the jobs are gone through once, and letters that are due by then are tried.
  const hours = (count) =>
    new Promise((done, fail) => {
      let answer = '';
      const socket = connect(control, '127.0.0.1', () => socket.write(`hours ${count}\n`));
      socket.on('data', (piece) => { answer += piece; });
      socket.on('error', fail);
      socket.on('close', () => (answer === 'done\n' ? done() : fail(new Error(`the clock was not moved: ${answer}`))));
    });
  return { ...server, hours, mail, command: commandLine(at) };
}

/// An installation with nothing in it, its command line, and a server once there is something to serve.
export function installation() {
  const at = place();
  return {
    dir: at.dir,
    command: commandLine(at),
    // All windows come from one address.
    serve: () => start(PRODUCT, at, ['--rate-per-second', '100000', '--rate-burst', '100000']),
  };
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
