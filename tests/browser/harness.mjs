// What all groups of checks share: counting, windows of people at the two sizes, pictures.

import { chromium } from 'playwright-core';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { overflow, watch } from './checks.mjs';
import { PATIENCE, signIn } from './pages.mjs';

const here = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(here, '../..');
export const SHOTS = join(here, 'shots');
export const SIZES = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};
export const otherSize = (size) => (size === 'desktop' ? 'phone' : 'desktop');

const windows = new Set();
let passed = 0;
const failures = [];

/// One check: it passes when it ends without a fault.
export async function check(name, steps) {
  const begun = performance.now();
  let faults;
  try {
    faults = (await steps()) ?? [];
  } catch (error) {
    faults = [error.message.split('\n').slice(0, 6).join('\n    ')];
  }
  if (faults.length === 0) passed += 1;
  else {
    failures.push(name);
    // What everybody had before them.
    for (const page of windows) await picture(page, `failed-${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-')}-${[...windows].indexOf(page)}`, { fullPage: true }).catch(() => {});
  }
  const took = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${took} s)${faults.map((fault) => `\n    ${fault}`).join('')}`);
  return faults.length === 0;
}

/// Prints what failed; the last line is `N passed, M failed`.
export function tell() {
  for (const failure of failures) console.log(`failed: ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  return failures.length === 0;
}

export const launch = (more = []) =>
  chromium.launch({
    executablePath: process.env.LIANDONG_CHROMIUM ?? '/usr/bin/chromium',
    // Where there is none, a graphics processor is imitated, which takes longer than drawing without. Chromium refuses its sandbox to root.
    args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : []), ...more],
  });

/// A window nobody has signed in at.
export async function open(browser, base, size, options = {}) {
  const context = await browser.newContext({ ...SIZES[size], baseURL: base, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  windows.add(page);
  page.on('close', () => windows.delete(page));
  return { page, context, faults: watch(page) };
}

/// People with windows of their own; each signs in once for a size.
export function desk(browser, base, size) {
  const desks = new Map();
  return {
    async of(person) {
      if (!desks.has(person)) {
        const window = await open(browser, base, size);
        await signIn(window.page, person);
        desks.set(person, window);
      }
      return desks.get(person);
    },
    /// Whoever comes back signs in anew.
    async close() {
      const left = [...desks.values()];
      desks.clear();
      await Promise.all(left.map(({ context }) => context.close()));
    },
  };
}

const picture = (page, name, options) => page.screenshot({ path: join(SHOTS, `${name}.png`), ...options });

/// Nobody looks at the pictures of a run of all tests; those of what failed are made always.
const wanted = process.env.LIANDONG_PICTURES === 'all';

export const shoot = async (page, name) => wanted && picture(page, name, { fullPage: true });

/// What is on the screen, where the whole page would make a picture of some metres.
export const seen = async (page, name) => wanted && picture(page, name);

/// What no step may leave behind in a window: errors of the program, a page wider than the screen, a code where words belong.
export async function sound({ page, faults }) {
  const raw = await page.evaluate(() =>
    document.body.innerText.split('\n').filter((line) => /\b(validation|workflow|request|auth|version|client)\.[a-z_]+\b|\/(body|input)\/\w|\[object /.test(line)),
  );
  return [...faults.take(), ...(await overflow(page)), ...raw.map((line) => `a code on screen: ${line.slice(0, 120)}`)];
}

export function expect(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

export function equal(found, wanted, what) {
  const [one, other] = [found, wanted].map((value) => JSON.stringify(value));
  expect(one === other, `${what}: ${one} instead of ${other}`);
}
