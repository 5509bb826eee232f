// The real server with the demonstration, on a free port and in a folder of its own.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

const freePort = () =>
  new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

export async function start() {
  const binary = process.env.LIANDONG_BIN ?? resolve(here, '../../target/debug/liandong');
  const dir = mkdtempSync(join(tmpdir(), 'liandong-browser-'));
  const base = `http://127.0.0.1:${await freePort()}`;
  const log = join(dir, 'server.log');
  const output = openSync(log, 'w');
  const database = `sqlite://${join(dir, 'liandong.sqlite')}?mode=rwc`;
  const server = spawn(
    binary,
    ['serve', '--demo', '--listen', base.slice('http://'.length), '--data-dir', join(dir, 'data'), '--database-url', database],
    { cwd: resolve(here, '../..'), stdio: ['ignore', output, output] },
  );
  let ended = null;
  server.on('error', (error) => { ended = `${binary} could not be started: ${error.message}`; });
  server.on('exit', (code) => { ended ??= `the server ended with ${code}`; });
  const stop = () => {
    server.kill('SIGTERM');
    rmSync(dir, { recursive: true, force: true });
  };
  process.on('exit', stop);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  const begun = Date.now();
  while (Date.now() - begun < 180_000) {
    if (ended) throw new Error(`${ended}\n${readFileSync(log, 'utf8')}`);
    const ready = await fetch(`${base}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) return { base, stop, log: () => readFileSync(log, 'utf8') };
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error(`/readyz did not answer within three minutes\n${readFileSync(log, 'utf8')}`);
}
