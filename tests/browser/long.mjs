// Long work: an export and an import that are waited for, left and found again.

import { readFileSync } from 'node:fs';
import { accessibility } from './checks.mjs';
import { check, equal, expect, seen, shoot, sound } from './harness.mjs';
import { entries, workbook } from './sheet.mjs';

const LIST = '/list/toy_patrol';
/// So many that the writing is seen.
const ROWS = 900;
const WRITING = new RegExp(`^正在写入 [\\d,]+ / ${ROWS} 行$`);

const saved = async (file) => {
  equal(file.suggestedFilename(), 'matters.xlsx', 'the name of the export');
  return [...entries(readFileSync(await file.path()))].filter(([name]) => /sharedStrings|sheet1/.test(name)).map(([, bytes]) => bytes.toString('utf8')).join('');
};

const exportsOfTheDay = (page) => page.locator('section.card', { has: page.getByRole('heading', { name: '近一天的导出', exact: true }) });

export async function longWork({ people, size, ask }) {
  const subject = `导出的进度（${size}）`;
  const step = (name, steps) =>
    check(`${size}: long work: ${name}`, async () => {
      const window = await people.of('office');
      return [...((await steps(window.page, window)) ?? []), ...(await sound(window))];
    });
  const exporting = (page) => page.getByRole('button', { name: /^导出$|^正在导出/ });

  await step('an export is saved by itself when it is done', async (page) => {
    await ask.create('office', 'toy_patrol', { subject, unit: 'df-market', due_date: await ask.day('office', 20), way: 'on_foot' }, true);
    await page.goto(LIST);
    await page.getByRole('link', { name: subject }).filter({ visible: true }).waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), exporting(page).click()]);
    expect((await saved(file)).includes(subject), 'the export lacks a row of the list');
    await page.getByText('已导出', { exact: true }).waitFor();
    equal(await exporting(page).textContent(), '导出', 'the button afterwards');
  });

  await step('its progress stands in the button, its failure in words', async (page) => {
    // As a long one would answer.
    let answer = { state: 'running', progress: { done: 1200, total: 5000 } };
    await page.route('**/api/v1/exports/*', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), ...answer } });
    });
    await exporting(page).click();
    await page.getByRole('button', { name: '正在导出 1,200 / 5,000' }).waitFor();
    expect(await exporting(page).isDisabled(), 'it can be pressed again while it runs');
    await shoot(page, `${size}-long-export`);
    const faults = await accessibility(page);
    answer = { state: 'failed', problem: 'export.too_many_rows' };
    await page.getByRole('alert').filter({ hasText: '一次最多导出20000行' }).waitFor();
    answer = { state: 'failed', problem: 'interrupted' };
    await exporting(page).click();
    await page.getByRole('alert').filter({ hasText: '导出中断，请重新导出' }).waitFor();
    await page.unroute('**/api/v1/exports/*');
    return faults;
  });

  await step('left, it goes on and is found on the page of imports and exports', async (page) => {
    let release = null;
    const held = new Promise((done) => { release = done; });
    await page.route('**/api/v1/exports/*', async (route) => {
      await held;
      await route.continue().catch(() => {});
    });
    const [begun] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/exports')),
      exporting(page).click(),
    ]);
    const { id } = await begun.json();
    await page.getByRole('button', { name: '正在导出…' }).waitFor();
    // Within the program, as a link does.
    await page.evaluate(() => { history.pushState(null, '', '/import'); dispatchEvent(new PopStateEvent('popstate')); });
    await page.getByText('导出仍在进行').waitFor();
    release();
    await exportsOfTheDay(page).getByText('已完成').first().waitFor();
    await page.unroute('**/api/v1/exports/*');
    const [file] = await Promise.all([page.waitForEvent('download'), exportsOfTheDay(page).getByRole('button', { name: /^下载/ }).first().click()]);
    expect((await saved(file)).includes(subject), 'another file was given');
    equal((await ask.get('office', '/exports')).items[0].id, id, 'the newest');
    await shoot(page, `${size}-long-found`);
    const faults = await accessibility(page);
    await exportsOfTheDay(page).getByRole('link').first().click();
    await page.waitForURL(/\/list\/toy_patrol/);
    return faults;
  });

  await step('an import is written while nobody looks', async (page) => {
    const words = (index) => `${size === 'phone' ? '手机' : '电脑'}上导入后离开：核对第${index}号界桩的位置`;
    const tasks = Array.from({ length: ROWS }, (_, index) => [String(index + 1), words(index + 1), '市文旅局', '2027-06-30', '工作方案二（一）']);
    const bytes = workbook([['序号', '工作任务', '牵头单位', '完成时限', '任务来源'], ...tasks]);
    await page.goto('/import?kind=work_item');
    await page.locator('input[type=file]').setInputFiles({ name: `界桩（${size}）.xlsx`, mimeType: 'application/octet-stream', buffer: bytes });
    await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
    await page.getByRole('button', { name: `导入 ${ROWS} 行` }).click();
    await page.getByText(WRITING).waitFor();
    await page.getByRole('progressbar').waitFor();
    await seen(page, `${size}-long-import`);
    // The window is opened anew: its connection is gone.
    await page.reload();
    await page.getByText(WRITING).or(page.getByText('这份表格已经导入')).first().waitFor();
    await seen(page, `${size}-long-import-again`);
    await page.getByText('这份表格已经导入').waitFor();
    await page.getByRole('progressbar').waitFor({ state: 'hidden' });
    const found = await ask.get('office', `/matters?kind=work_item&q=${encodeURIComponent(words(ROWS))}`);
    expect(found.items.length > 0, 'the last row was not written');
    await page.goto('/import');
    await page.getByRole('link', { name: `界桩（${size}）.xlsx`, exact: true }).waitFor();
  });

  await check(`${size}: long work: who imports nothing finds exports only`, async () => {
    const window = await people.of('water');
    await window.page.goto('/import');
    await exportsOfTheDay(window.page).waitFor();
    equal(await window.page.locator('input[type=file]').count(), 0, 'fields for a spreadsheet');
    await shoot(window.page, `${size}-long-exports-only`);
    return sound(window);
  });
}
