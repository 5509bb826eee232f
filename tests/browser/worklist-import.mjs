// The office's list comes in and goes out again: what can be known is understood, only the rest is asked, and nothing comes twice.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessibility } from './checks.mjs';
import { ROOT, equal, expect, seen, shoot } from './harness.mjs';
import { fill, listed, pressed, searchList, settle, sheetRow, upload, verdict } from './pages.mjs';

const SAMPLE = join(ROOT, 'data/samples/worklist_2026.xlsx');
/// Tasks of the list that the walk goes on with: handed to and fro; on its way to be late; never received.
export const TASKS = { handed: '明确府检联动专员', late: '督促落实办公场所、办公设备、工作经费', silent: '加强12345政务热线与12309检察服务中心工作联动' };
const [FOR_ALL, FIRST, CASES, TRAINING, TWICE, UNKNOWN] = [
  '各成员单位明确联席会议联络员', '召开府检联席会议全体会议', '联合发布典型案例', '举办“同堂培训”', '细化府检联动考核标准', '报送本单位联动工作开展情况',
];

/// What is understood without a question: the task, the day or words in its column, what is said of it, and the day by which it is late.
const UNDERSTOOD = [
  [FIRST, '2026年12月31日', ['“2026年12月底前”→ 2026-12-31（当月最后一日）', '“市司法局(府检联动办)”→ 市司法局', /“各成员单位”→ \d+ 家单位/], '2026-12-31'],
  // As a phrase, as a serial number, with dots: nothing to explain.
  ['行政执法信息与检察机关法律监督数据互联对接', '2027年6月30日', [], '2027-06-30'],
  ['健全公益诉讼线索移送', '2027年3月31日', [], '2027-03-31'],
  ['选聘行政机关专业人员兼任检察助理员', '2027年3月31日', [], '2027-03-31'],
  ['开展行政执法监督专项行动', '2027年6月30日', ['“2027年上半年”→ 2027-06-30（上半年最后一日）', /“各行政执法单位”→ \d+ 家单位/], '2027-06-30'],
  ['落实侵害未成年人案件强制报告', '长期坚持', ['“长期坚持”→ 长期任务，每季度评估']],
  ['收集涉公益诉讼、行政争议、司法救助等案件线索', '每月25日前', ['“每月25日前”→ 定期任务：每月 25 日前，每期生成一件', /“各乡镇\(街道\)”→ \d+ 家单位/]],
];

/// What is asked, or refused, and why.
const ASKED = [
  [FOR_ALL, '需确认', /“各成员单位”是 \d+ 家单位的合称，拆分为 \d+ 件还是指定一家牵头？/],
  [CASES, '需确认', '“相关行政机关”指哪些单位？请选定，或确认不列'],
  [TRAINING, '需确认', '牵头单位只填一个：请在市检察院、市司法局中选定，其余列为责任单位'],
  [TASKS.handed, '需确认', '2026-11-20已过，请确认按逾期任务导入或改期'],
  [TWICE, '需确认', '与第 24 行内容相同，保留一件？'],
  [TASKS.late, '有错误', '没有13月，请改为有效日期'],
  [UNKNOWN, '有错误', '找不到“市不存在局”，最接近：'],
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
  for (const [task, day, words, due] of UNDERSTOOD) {
    const row = sheetRow(page, task);
    await row.locator('.c-date').getByText(day, { exact: true }).waitFor();
    for (const said of words) await row.getByText(said).waitFor();
    await verdict(row, due && due <= today ? '需确认' : '可导入');
  }
  for (const [task, said, why] of ASKED) {
    const row = sheetRow(page, task);
    await verdict(row, said);
    await row.getByText(why).waitFor();
  }
  equal(await page.locator('tbody.m-row').count(), 21, 'rows of the list');
  equal(await tasks(ask), before, 'tasks before the list is imported');
  await shoot(page, `${size}-worklist-review`);
  return accessibility(page);
}

async function answer(page, { ask, size }) {
  const row = (task) => sheetRow(page, task);
  await row(FOR_ALL).getByRole('button', { name: '拆分，每家单位一件' }).click();
  await verdict(row(FOR_ALL), '可导入');
  await row(FOR_ALL).getByText('已选：拆分，每家单位一件').waitFor();
  await row(TRAINING).getByRole('group', { name: '选定：' }).getByRole('button', { name: '市检察院', exact: true }).click();
  await verdict(row(TRAINING), '可导入');
  await fill(row(CASES), '责任单位', '市市场监管局');
  await checkAgain(row(CASES));
  await redate(row(TASKS.handed), await ask.day('office', 60));
  await redate(row(TASKS.late), await ask.day('office', 15));
  await fill(row(UNKNOWN), '牵头单位', '市教育局');
  await checkAgain(row(UNKNOWN));
  await row(TWICE).getByRole('button', { name: '不导入这一行' }).click();
  await verdict(row(TWICE), '不导入');
  for (let left = await past(page).count(); left > 0; left -= 1) {
    await fill(past(page).first(), '完成时限', await ask.day('office', 40));
    await past(page).first().getByRole('button', { name: '改好了，重新核对' }).click();
    await past(page).nth(left - 1).waitFor({ state: 'detached' });
  }
  await page.getByLabel('只看需处理的').check();
  await page.getByText('没有需要处理的行，可以导入了。').waitFor();
  await page.getByLabel('只看需处理的').uncheck();
  const members = Number(/“各成员单位”→ (\d+) 家单位/.exec(await row(TRAINING).innerText())[1]);
  await page.getByRole('button', { name: `导入 20 行（共 ${19 + members} 件）`, exact: true }).waitFor();
  await shoot(page, `${size}-worklist-answered`);
  return accessibility(page);
}

async function write(page, { ask, size }) {
  const before = await tasks(ask);
  const members = Number(/“各成员单位”→ (\d+) 家单位/.exec(await sheetRow(page, TRAINING).innerText())[1]);
  await pressed(page, `导入 20 行（共 ${19 + members} 件）`);
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
  await settle(page);
  const all = await listed(page);
  const [file] = await Promise.all([page.waitForEvent('download'), pressed(page, '导出')]);
  equal(file.suggestedFilename(), 'matters.xlsx', 'the name of the export');
  await upload(page, { name: 'matters.xlsx', mimeType: 'application/octet-stream', buffer: readFileSync(await file.path()) });
  await seen(page, `${size}-worklist-back`);
  // Nothing is left to decide, nothing is wrong: the line has no more than these.
  equal((await page.locator('.m-sum .lamp').allInnerTexts()).map((words) => words.trim()), ['0 行可导入', `${all} 行已存在`], 'what was exported comes back');
}

export const comesIn = [
  ['the list is read, and nothing is written', 'office', read],
  ['what only a person knows is answered in place', 'office', answer],
  ['one press writes it, the list has it', 'office', write],
  ['the same list is there already', 'office', again],
];

export const goesOut = [
  ['what goes out comes back without a question', 'office', roundTrip],
  ['the whole history is verified', 'office', async (_, { server }) => {
    // Any other end than 0 throws.
    const told = server.command('verify');
    expect(/^[1-9]\d* events verified: nothing altered, missing or reordered\.\nOK$/m.test(told), `liandong verify says: ${told}`);
  }],
];
