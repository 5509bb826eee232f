// How long the client works when a list of fifty rows is drawn again, at the size of a desk.

import { accessibility } from './checks.mjs';
import { check, equal, expect, open, sound } from './harness.mjs';
import { settle, signIn } from './pages.mjs';

const ROWS = 50;
/// One picture of a screen that shows sixty a second.
const BUDGET_MS = 16;
const TIMES = 15;

/// What the browser itself counts of the client's work: its program, styles and layout. Time of the thread, not of the clock, so that
/// other programs at work lengthen it little. Painting isn't the client's.
async function meter(window) {
  const devtools = await window.context.newCDPSession(window.page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    const seconds = (name) => metrics.find((metric) => metric.name === name).value;
    return ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'].map((name) => seconds(name) * 1000);
  };
}

/// The median of many drawings: one may be caught by the collection of garbage.
async function measured(what, read, draw) {
  const works = [];
  for (let turn = 0; turn < TIMES; turn += 1) {
    await draw.ready?.(turn);
    const begun = await read();
    await draw.again();
    const ended = await read();
    works.push(ended.map((value, part) => value - begun[part]));
  }
  const sum = (work) => work.reduce((one, other) => one + other);
  works.sort((one, other) => sum(one) - sum(other));
  const median = works[Math.floor(TIMES / 2)];
  const [script, style, layout] = median.map((value) => value.toFixed(1));
  console.log(`       ${what}: ${sum(median).toFixed(1)} ms (program ${script}, styles ${style}, layout ${layout}), at most ${sum(works.at(-1)).toFixed(1)}`);
  expect(sum(median) <= BUDGET_MS, `${what}: ${sum(median).toFixed(1)} ms, more than ${BUDGET_MS}`);
}

/// Until the screen shows what was done: two frames, since the first may have begun before.
const pressed = (locator) =>
  locator.evaluate(async (element) => {
    element.click();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });

export async function rows(browser, base, ask) {
  const window = await open(browser, base, 'desktop');
  const { page } = window;
  const read = await meter(window);
  await signIn(page, 'office');
  const listed = page.locator('tbody tr').filter({ has: page.locator('a[data-row]') });
  const show = async (address) => {
    await page.goto(address);
    await listed.nth(ROWS - 1).waitFor();
    // What is fetched early while nobody does anything is none of it.
    await page.waitForFunction(() => performance.getEntriesByType('resource').filter((entry) => /split_\w+\.wasm$/.test(entry.name)).length === 2);
    await settle(page);
    equal(await listed.count(), ROWS, 'rows');
  };

  await check('rows: every row with a column more or less', async () => {
    await show('/list/work_item?open=all');
    await page.getByRole('button', { name: '显示列', exact: true }).click();
    const column = page.locator('#column-choice').getByRole('checkbox').first();
    await column.waitFor();
    const cells = () => listed.first().locator('td').count();
    const [one, other] = [await cells(), await pressed(column).then(cells)];
    expect(one !== other, `${one} cells before and after`);
    await measured('a column', read, { again: () => pressed(column) });
    equal(await cells(), TIMES % 2 === 0 ? other : one, 'cells at the end');
    return sound(window);
  });

  await check('rows: one is chosen', async () => {
    await show('/list/work_item?open=all');
    const box = listed.nth(3).getByRole('checkbox');
    await measured('a choice', read, { again: () => pressed(box) });
    expect(await box.isChecked(), 'it is not chosen');
    return [...(await accessibility(page)), ...(await sound(window))];
  });

  await check('rows: all are read anew after a change', async () => {
    const listening = page.waitForResponse((answer) => answer.url().includes('/api/v1/stream') && answer.ok());
    await show('/inbox?box=mine&open=all');
    await listening;
    const { items } = await ask.get('office', '/matters?box=mine&sort=due&limit=50');
    const refresh = page.getByRole('button', { name: '刷新', exact: true });
    await measured('a refresh', read, {
      async ready(turn) {
        const counted = page.waitForResponse((answer) => answer.url().endsWith('/matters/counts'));
        await ask.send('office', 'POST', `/matters/${items[turn].id}/comments`, { text: `第${turn + 1}条意见` });
        await refresh.waitFor();
        // The counters are looked at a moment after the change.
        await counted;
        await settle(page);
      },
      async again() {
        const answered = page.waitForResponse((answer) => /\/api\/v1\/matters\?/.test(answer.url()));
        await pressed(refresh);
        await answered;
        await refresh.waitFor({ state: 'hidden' });
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      },
    });
    return sound(window);
  });
  await window.context.close();
}
