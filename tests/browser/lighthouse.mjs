// What Lighthouse says of the sign-in page at the size of a phone.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHOTS, check, launch } from './harness.mjs';
import { freePort } from './server.mjs';

/// A processor a quarter as fast, as Lighthouse takes for a phone, on two networks. The network is computed from what was fetched when
/// ("simulate"), so it is the same on any machine.
const NETWORKS = {
  // Lighthouse's own for a phone: 1.6 Mbit/s, 150 ms.
  slow: undefined,
  // What Chrome's developer tools call Fast 4G.
  fast: { rttMs: 165, throughputKbps: 9000, cpuSlowdownMultiplier: 4 },
};

/// What the processor took is measured and multiplied, and whatever else the machine does only adds to it: a page that is fast enough in
/// one run is fast enough, one that is not is too slow in each.
const RUNS = 3;

async function run(audit, base, port, network, categories) {
  const flags = { port, logLevel: 'silent', onlyCategories: categories, throttlingMethod: 'simulate', ...(NETWORKS[network] ? { throttling: NETWORKS[network] } : {}) };
  const { lhr } = await audit(`${base}/`, flags);
  writeFileSync(join(SHOTS, `lighthouse-${network}.json`), JSON.stringify(lhr, null, 1));
  if (lhr.runtimeError) throw new Error(`Lighthouse gave up: ${lhr.runtimeError.message}`);
  // A page that says it is opening, and never does, would be a fast one.
  const largest = JSON.stringify(lhr.audits['largest-contentful-paint-element'].details ?? {});
  if (!largest.includes('main.gate-box')) throw new Error(`the sign-in page was not what was painted: ${largest.slice(0, 300)}`);
  return lhr;
}

const score = (report, category) => Math.round(report.categories[category].score * 100);
const millis = (report, figure) => Math.round(report.audits[figure].numericValue);

/// The parts of a category that lost points.
const lost = (report, category) =>
  report.categories[category].auditRefs
    .filter(({ id, weight }) => weight > 0 && report.audits[id].score !== null && report.audits[id].score < 1)
    .map(({ id }) => `${category}: ${id} ${report.audits[id].displayValue ?? ''} ${JSON.stringify(report.audits[id].details?.items ?? []).slice(0, 300)}`);

function told(network, report) {
  const figures = { painted: 'first-contentful-paint', largest: 'largest-contentful-paint', interactive: 'interactive', blocked: 'total-blocking-time' };
  const times = Object.entries(figures).map(([word, figure]) => `${word} ${millis(report, figure)} ms`);
  const moved = report.audits['cumulative-layout-shift'].numericValue.toFixed(3);
  console.log(`       ${network} network: performance ${score(report, 'performance')}; ${times.join(', ')}, moved ${moved}`);
}

/// Tries until a run holds; gives the faults of the last one.
async function best(attempt) {
  let faults = [];
  for (let turn = 0; turn < RUNS; turn += 1) {
    faults = await attempt();
    if (faults.length === 0) break;
  }
  return faults;
}

export async function lighthouse(base) {
  const { default: audit } = await import('lighthouse');
  const port = await freePort();
  const browser = await launch([`--remote-debugging-port=${port}`, '--accept-lang=zh-CN']);
  await check('lighthouse: sign-in on a phone', () =>
    best(async () => {
      const report = await run(audit, base, port, 'slow', ['performance', 'accessibility', 'best-practices']);
      told('slow', report);
      return [
        ...(score(report, 'performance') < 90 ? [`performance is ${score(report, 'performance')}`, ...lost(report, 'performance')] : []),
        ...lost(report, 'accessibility'),
        ...lost(report, 'best-practices'),
        ...['accessibility', 'best-practices'].filter((category) => score(report, category) !== 100).map((category) => `${category} is ${score(report, category)}`),
      ];
    }),
  );
  await check('lighthouse: sign-in can be used within two seconds', () =>
    best(async () => {
      const report = await run(audit, base, port, 'fast', ['performance']);
      told('fast', report);
      return millis(report, 'interactive') > 2000 ? [`interactive after ${millis(report, 'interactive')} ms`] : [];
    }),
  );
  await browser.close();
}
