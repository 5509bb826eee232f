// The office's list comes in and goes out again: what can be known is understood, only the rest is asked, and nothing comes twice.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessibility } from './checks.mjs';
import { ROOT, equal, expect, seen, shoot } from './harness.mjs';
import { fill, listed, pressed, searchList, sheetRow, upload, verdict } from './pages.mjs';

const SAMPLE = join(ROOT, 'data/samples/worklist_2026.xlsx');
/// Tasks of the list that the walk goes on with: handed to and fro; on its way to be late; never received.
export const TASKS = { handed: '明确府检联动专员', late: '督促落实办公场所、办公设备、工作经费', silent: '加强12345政务热线与12309检察服务中心工作联动' };
const [FOR_ALL, FIRST] = ['各成员单位明确联席会议联络员', '召开府检联席会议全体会议'];

/// What is understood without a question: the row, the day or words in its column, what is said of it, and the day by which it is late.
const UNDERSTOOD = [
  [5, '2026年12月31日', ['“2026年12月底前”→ 2026-12-31（当月最后一日）', '“市司法局(府检联动办)”→ 市司法局', /“各成员单位”→ \d+ 家单位/], '2026-12-31'],
  // As a phrase, as a serial number, with dots: nothing to explain.
  [7, '2027年6月30日', [], '2027-06-30'],
  [8, '2027年3月31日', [], '2027-03-31'],
  [9, '2027年3月31日', [], '2027-03-31'],
  [10, '2027年6月30日', ['“2027年上半年”→ 2027-06-30（上半年最后一日）', /“各行政执法单位”→ \d+ 家单位/], '2027-06-30'],
  [16, '长期坚持', ['“长期坚持”→ 长期任务，每季度评估']],
  [18, '每月25日前', ['“每月25日前”→ 定期任务：每月 25 日前，每期生成一件', /“各乡镇\(街道\)”→ \d+ 家单位/]],
];

/// What is asked, or refused, and why.
const ASKED = [
  [6, '需确认', /“各成员单位”是 \d+ 家单位的合称，拆分为 \d+ 件还是指定一家牵头？/],
  [11, '需确认', '“相关行政机关”指哪些单位？请选定，或确认不列'],
  [12, '需确认', '牵头单位只填一个：请在市检察院、市司法局中选定，其余列为责任单位'],
  [23, '需确认', '2026-11-20已过，请确认按逾期任务导入或改期'],
  [25, '需确认', '与第 24 行内容相同，保留一件？'],
  [26, '有错误', '没有13月，请改为有效日期'],
  [27, '有错误', '找不到“市不存在局”，最接近：'],
];

const tasks = async (ask) => (await ask.get('office', '/matters/counts')).open_by_kind.work_item;

/// Whatever else is past by the day of the test: the list is of 2026.
const past = (page) => page.locator('tbody.m-row').filter({ hasText: '需确认' }).filter({ hasText: '已过，请确认' });

async function checkAgain(row) {
  await row.getByRole('button', { name: '改好了，重新核对' }).click();
  await verdict(row, '可导入');
}

async function redate(row, day) {
  await fill(row, '完成时限', day);
  await checkAgain(row);
}

async function read(page, { ask, size }) {
  const before = await tasks(ask);
  const { today } = await ask.get('office', '/me');
  await upload(page, SAMPLE);
  for (const [number, day, words, due] of UNDERSTOOD) {
    const row = sheetRow(page, number);
    await row.locator('.c-date').getByText(day, { exact: true }).waitFor();
    for (const said of words) await row.getByText(said).waitFor();
    await verdict(row, due && due <= today ? '需确认' : '可导入');
  }
  for (const [number, said, why] of ASKED) {
    const row = sheetRow(page, number);
    await verdict(row, said);
    await row.getByText(why).waitFor();
  }
  equal(await page.locator('tbody.m-row').count(), 21, 'rows of the list');
  equal(await tasks(ask), before, 'tasks before the list is imported');
  await shoot(page, `${size}-worklist-review`);
  return accessibility(page);
}

async function answer(page, { ask, size }) {
  const row = (number) => sheetRow(page, number);
  await row(6).getByRole('button', { name: '拆分，每家单位一件' }).click();
  await verdict(row(6), '可导入');
  await row(6).getByText('已选：拆分，每家单位一件').waitFor();
  await row(12).getByRole('group', { name: '选定：' }).getByRole('button', { name: '市检察院', exact: true }).click();
  await verdict(row(12), '可导入');
  await fill(row(11), '责任单位', '市市场监管局');
  await checkAgain(row(11));
  await redate(row(23), await ask.day('office', 60));
  await redate(row(26), await ask.day('office', 15));
  await fill(row(27), '牵头单位', '市教育局');
  await checkAgain(row(27));
  await row(25).getByRole('button', { name: '不导入这一行' }).click();
  await verdict(row(25), '不导入');
  for (const later = await ask.day('office', 40); await past(page).count(); ) {
    await redate(row(await past(page).first().locator('.c-row').innerText()), later);
  }
  await page.getByLabel('只看需处理的').check();
  await page.getByText('没有需要处理的行，可以导入了。').waitFor();
  await page.getByLabel('只看需处理的').uncheck();
  await page.getByText('20 行全部可以导入。').waitFor();
  await shoot(page, `${size}-worklist-answered`);
  return accessibility(page);
}

async function write(page, { ask, size }) {
  const before = await tasks(ask);
  const members = Number(/“各成员单位”→ (\d+) 家单位/.exec(await sheetRow(page, 12).innerText())[1]);
  await pressed(page, '导入 20 行');
  const done = page.getByRole('status').filter({ hasText: `已导入：新建 ${19 + members} 件，已存在 0 件未重复创建。` });
  await done.waitFor();
  equal(await tasks(ask), before + 19 + members, 'tasks after the list was imported');
  await done.getByText(`新建的 ${19 + members} 件事项`).click();
  const made = done.getByRole('listitem').getByRole('link');
  equal(await made.count(), 19 + members, 'links to what was made');
  await seen(page, `${size}-worklist-written`);
  const found = await accessibility(page);
  await made.first().click();
  await page.getByRole('heading', { level: 1, name: FIRST }).waitFor();
  await page.goBack();
  await page.getByText('这份表格已经导入').waitFor();
  await page.getByRole('link', { name: '到列表中查看' }).click();
  await page.getByRole('heading', { level: 1, name: '工作任务', exact: true }).waitFor();
  await searchList(page, FOR_ALL);
  equal(await listed(page), members, 'tasks of the row that was split');
  await searchList(page, TASKS.handed);
  equal(await listed(page), 1, 'tasks of another row');
  await shoot(page, `${size}-worklist-list`);
  return found;
}

async function again(page, { size }) {
  await upload(page, SAMPLE);
  await page.getByText('21 行已存在').waitFor();
  await seen(page, `${size}-worklist-again`);
  expect(await page.getByRole('button', { name: '导入 0 行' }).isDisabled(), 'the same list can be imported twice');
}

async function roundTrip(page, { server, size }) {
  await page.goto('/list/work_item');
  await page.getByRole('link', { name: '全部', exact: true }).click();
  await page.waitForURL(/open=all/);
  const [file] = await Promise.all([page.waitForEvent('download'), pressed(page, '导出')]);
  equal(file.suggestedFilename(), 'matters.xlsx', 'the name of the export');
  await upload(page, { name: 'matters.xlsx', mimeType: 'application/octet-stream', buffer: readFileSync(await file.path()) });
  await seen(page, `${size}-worklist-back`);
  const line = await page.locator('.m-sum').innerText();
  const rows = await page.locator('tbody.m-row').count();
  expect(/0 行可导入/.test(line) && line.includes(`${rows} 行已存在`) && !/需确认|有错误/.test(line), `what was exported comes back as: ${line}`);
}

export const comesIn = [
  ['the list is read, and nothing is written', 'office', read],
  ['what only a person knows is answered in place', 'office', answer],
  ['one press writes it, the list has it', 'office', write],
  ['the same list is there already', 'office', again],
];

export const goesOut = [
  ['what goes out comes back without a question', 'office', roundTrip],
  ['the whole history is verified', 'office', async (_, { server }) => { server.command('verify'); }],
];
