// Walks the pages in Chromium as people do, at the size of a desk and of a phone. Pictures go to shots/: of what failed, and with
// LIANDONG_PICTURES=all of every page. The last line is `N passed, M failed`. `node run.mjs GROUP… [desktop|phone]` runs only the groups
// named, at one size if it is named.

import { mkdirSync, rmSync } from 'node:fs';
import { adminSessions, lostAnswer, outbox } from './admin.mjs';
import { api } from './api.mjs';
import { attachments } from './attachments.mjs';
import { delegation } from './delegation.mjs';
import { forms } from './forms.mjs';
import { begun, gallery, signInPage } from './gallery.mjs';
import { SHOTS, SIZES, desk, launch, tell } from './harness.mjs';
import { badInput } from './input.mjs';
import { firstInstallation } from './installation.mjs';
import { lighthouse } from './lighthouse.mjs';
import { live } from './live.mjs';
import { longWork } from './long.mjs';
import { merge } from './merge.mjs';
import { parts } from './parts.mjs';
import { rows } from './rows.mjs';
import { demonstration, laboratory } from './server.mjs';
import { story } from './story.mjs';
import { toy } from './toy.mjs';
import { ways } from './ways.mjs';
import { worklist } from './worklist.mjs';

const sizes = Object.keys(SIZES).filter((size) => process.argv.includes(size));
if (sizes.length === 0) sizes.push(...Object.keys(SIZES));
const named = process.argv.slice(2).filter((word) => !(word in SIZES));
const wanted = (group) => named.length === 0 || named.includes(group);

/// Groups that stand on a city with a past: every page, the story of one task.
async function shown(browser) {
  if (!['parts', 'pages', 'story'].some(wanted)) return;
  const server = await demonstration();
  const walk = async (size) => {
    if (wanted('pages')) await signInPage(browser, server.base, size);
    const people = desk(browser, server.base, size);
    const address = wanted('story') || wanted('pages') ? await story(people, size) : null;
    if (wanted('pages')) await gallery(people, size, { story: address, ...(await begun(people, size, api(server.base))) });
    await people.close();
  };
  try {
    await Promise.all([
      walk('desktop'),
      (async () => {
        if (wanted('parts')) await parts(browser, server.base);
        await walk('phone');
      })(),
    ]);
  } finally {
    server.stop();
  }
}

/// What people do with and to each other. They stand in each other's way, so one size comes after the other.
const TOGETHER = { toy, forms, input: badInput, merge, delegation, live, attachments, sessions: adminSessions, lost: lostAnswer, long: longWork, ways };

async function done(browser) {
  const groups = Object.entries(TOGETHER).filter(([name]) => wanted(name));
  if (groups.length > 0 || wanted('outbox')) {
    const server = await laboratory();
    try {
      for (const size of sizes) {
        const people = desk(browser, server.base, size);
        for (const [, group] of groups) await group({ browser, server, people, size, ask: api(server.base) });
        await people.close();
      }
      // Moves the clock: after it everybody else's session is old.
      if (wanted('outbox')) await outbox({ browser, server, ask: api(server.base) });
    } finally {
      server.stop();
    }
  }
}

/// What takes the time is alone with the machine.
async function timed(browser) {
  const groups = [
    ...(wanted('rows') && sizes.includes('desktop') ? [(base) => rows(browser, base, api(base))] : []),
    ...(wanted('lighthouse') && sizes.includes('phone') ? [lighthouse] : []),
  ];
  if (groups.length === 0) return;
  const server = await demonstration();
  try {
    for (const group of groups) await group(server.base);
  } finally {
    server.stop();
  }
}

rmSync(SHOTS, { recursive: true, force: true });
mkdirSync(SHOTS, { recursive: true });
const browser = await launch();
try {
  // What has installations of its own is taken up, one after the other, by whoever is through with the shared ones.
  const own = [
    ...(wanted('worklist') ? sizes.map((size) => () => worklist({ browser, size })) : []),
    ...(wanted('installation') ? [() => firstInstallation(browser)] : []),
  ];
  const next = async () => {
    for (let walk = own.shift(); walk; walk = own.shift()) await walk();
  };
  // Three windows at work at a time.
  await Promise.all([shown(browser).then(() => Promise.all([next(), next()])), done(browser).then(next)]);
  await timed(browser);
} finally {
  await browser.close();
}
process.exitCode = tell() ? 0 : 1;
