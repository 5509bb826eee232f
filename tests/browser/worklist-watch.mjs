// Time passes: lamps turn, silence reaches the head, the office presses; and each figure of its page opens just what it counts.

import { accessibility } from './checks.mjs';
import { expect, shoot } from './harness.mjs';
import { act, fill, listed, offered, pressed, searchList, settle } from './pages.mjs';
import { TASKS } from './worklist-import.mjs';

const [LEAD, SILENT] = ['df-finance.liaison_officer', 'df-12345.unit_head'];

/// A matter in a list: a row on a desk, a card on a phone.
const entry = (page, words) => page.getByRole('main').locator('tr, .cardlist > .card').filter({ hasText: words, visible: true });

async function lamp(page, colour, words) {
  await page.goto('/list/work_item');
  await searchList(page, TASKS.late);
  await entry(page, TASKS.late).locator(`.lamp.${colour}`).getByText(words).waitFor();
}

async function green(page, { ask }) {
  const { items } = await ask.get('office', `/matters?kind=work_item&q=${encodeURIComponent(TASKS.late)}`);
  await ask.act(LEAD, items[0].id, 'receive');
  await lamp(page, 'ok', /^剩 \d+ (天|个工作日)$/);
}

/// Two of its fifteen days are left.
async function yellow(page, { size }) {
  await lamp(page, 'warn', /^剩 [12] (天|个工作日)$/);
  await shoot(page, `${size}-worklist-yellow`);
}

/// Who did not receive in time: their head is told.
async function silence(page, { size }) {
  await page.goto('/notices');
  const notice = page.getByRole('link', { name: `签收超时上报：「${TASKS.silent}` });
  await notice.waitFor();
  await shoot(page, `${size}-worklist-silence`);
  const found = await accessibility(page);
  await notice.click();
  await page.getByRole('heading', { level: 1, name: TASKS.silent }).waitFor();
  await page.locator('ol.time li').filter({ hasText: '签收超时上报' }).waitFor();
  return found;
}

async function red(page, { size }) {
  await lamp(page, 'late', /^超期 2 天$/);
  await shoot(page, `${size}-worklist-red`);
}

async function pressOne(page, { size }) {
  await page.getByRole('link', { name: TASKS.late }).filter({ visible: true }).click();
  await page.getByRole('heading', { level: 1, name: TASKS.late }).waitFor();
  await settle(page);
  await act(page, '催办', { 催办内容: '已经超期，请说明原因并尽快办结' });
  await page.locator('ol.time li').filter({ hasText: '催办' }).filter({ hasText: '已经超期，请说明原因并尽快办结' }).waitFor();
  const again = await offered(page, '催办');
  await again.waitFor();
  expect(await again.isDisabled(), 'it can be pressed twice a day');
  expect((await again.innerText()).includes('24小时内已催办过'), `the button says ${await again.innerText()}`);
  await shoot(page, `${size}-worklist-pressed`);
  if (size === 'phone') await pressed(page, '关闭');
}

/// Graded, many at once.
async function pressMany(page, { size }) {
  await page.goto('/list/work_item');
  await page.getByRole('button', { name: '已超期', exact: true }).click();
  await page.waitForURL(/overdue=true/);
  await settle(page);
  const boxes = page.getByRole('main').locator('tbody, .cardlist').getByRole('checkbox').filter({ visible: true });
  for (const nth of [0, 1, 2]) await boxes.nth(nth).check();
  await page.getByText('已选 3 件').waitFor();
  await page.getByRole('region', { name: '已选事项' }).getByRole('button', { name: '督办', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: '督办' });
  await fill(dialog, '督办级别', '红色挂牌督办');
  await fill(dialog, '督办理由', '多次催办仍未办结，列为挂牌督办事项。');
  await shoot(page, `${size}-worklist-many`);
  const found = await accessibility(page);
  await dialog.getByRole('button', { name: '督办', exact: true }).click();
  await dialog.getByText('3 件中 3 件已办').waitFor();
  await dialog.getByRole('button', { name: '关闭', exact: true }).last().click();
  await page.getByText('挂牌督办', { exact: true }).filter({ visible: true }).nth(2).waitFor();
  return found;
}

/// All late matters of one unit, from the office's page.
async function pressUnit(page, { size }) {
  await page.goto('/overview');
  const line = page.locator('li.bar').filter({ has: page.getByRole('button', { name: /^催办/ }) }).first();
  await line.waitFor();
  const late = Number(/(\d+) 件/.exec(await line.innerText())[1]);
  await line.getByRole('button', { name: /^催办/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(`有 ${late} 件超期事项`).waitFor();
  await shoot(page, `${size}-worklist-unit`);
  await dialog.getByRole('button', { name: `催办 ${late} 件` }).click();
  const [, urged, not] = /已催办 (\d+) 件，未催办 (\d+) 件/.exec(await dialog.getByRole('status').innerText());
  return Number(urged) + Number(not) === late ? [] : [`of ${late} matters that are late ${urged} were pressed, ${not} not`];
}

/// What the office's page says, and where each number leads: tiles, duties, bars and cells.
const figures = (page) =>
  page.getByRole('main').evaluate((main) => {
    const number = (text) => Number(/\d+/.exec(text ?? '')?.[0] ?? Number.NaN);
    const said = (link) => {
      if (link.matches('.tile')) return number(link.querySelector('.big').textContent);
      return number(link.matches('.num') ? link.textContent : link.closest('li')?.querySelector('.num')?.textContent);
    };
    const section = (link) => link.closest('section')?.querySelector('h2')?.textContent ?? link.textContent;
    const links = [...main.querySelectorAll('a[href^="/list/"]')].map((link) => ({ href: link.getAttribute('href'), said: said(link), section: section(link) }));
    return links.filter(({ said }) => !Number.isNaN(said));
  });

/// How many matters the list has that a figure opens. Within the program, as its link does.
async function opened(page, { href }) {
  await Promise.all([
    page.waitForResponse((answer) => answer.url().includes('/api/v1/matters?')),
    page.evaluate((path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }, href),
  ]);
  await page.locator('main [aria-busy="true"]').waitFor({ state: 'detached' });
  return listed(page);
}

/// So many links of one section are followed: the tables of units have hundreds.
const MOST = 30;

async function count(page, { size }) {
  await page.goto('/overview');
  await page.getByText('每个数字都能点开看到对应事项').waitFor();
  await settle(page);
  await shoot(page, `${size}-worklist-overview`);
  const found = await accessibility(page);
  const followed = new Map();
  for (const figure of await figures(page)) {
    const nth = (followed.get(figure.section) ?? 0) + 1;
    followed.set(figure.section, nth);
    // A bar and the first cell of the table behind it may be the same list, which is not asked for twice.
    if (nth > MOST || page.url().endsWith(figure.href)) continue;
    const rows = await opened(page, figure);
    if (rows !== figure.said) found.push(`${figure.section} says ${figure.said}, its list has ${rows}: ${figure.href}`);
  }
  return found;
}

export const watched = [
  ['a lamp is green', 'office', green],
  ['the lamp turns yellow', 'office', yellow, 13],
  ['silence reaches the head of the unit', SILENT, silence],
  ['the lamp turns red', 'office', red, 17],
  ['the office presses one', 'office', pressOne],
  ['many at once, graded', 'office', pressMany],
  ['all that is late at a unit', 'office', pressUnit],
  ['each figure opens what it counts', 'office', count],
];
