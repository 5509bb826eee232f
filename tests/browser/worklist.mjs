// The main job, on the office's real list: imported, handed to and fro, done, watched, exported. At each size in a city of its own,
// whose clock is moved: nobody finds what the other did.

import { accessibility } from './checks.mjs';
import { api } from './api.mjs';
import { check, desk, equal, expect, shoot, sound } from './harness.mjs';
import { act, begin, expectState, fact, fill, offered, openFromInbox, pressed, says, send } from './pages.mjs';
import { laboratory } from './server.mjs';
import { TASKS, comesIn, goesOut } from './worklist-import.mjs';
import { watched } from './worklist-watch.mjs';

const TASK = TASKS.handed;
const [OFFICER, HANDLER, HEAD] = ['liaison_officer', 'handler', 'unit_head'].map((role) => `df-gov-office.${role}`);
const [OTHER, ASSISTING] = ['df-labour.liaison_officer', 'df-procuratorate.liaison_officer'];

/// The steps one after the other, each by whom it falls to; they build on each other, so that after a failure the rest would only repeat it.
export async function worklist({ browser, size }) {
  const server = await laboratory();
  const people = desk(browser, server.base, size);
  const walk = { server, size, ask: api(server.base) };
  try {
    for (const [name, person, step, days] of [...comesIn, ...handled, ...watched, ...goesOut]) {
      // What is wrong with a page keeps nobody from the next step; a step that could not be taken does.
      let taken = false;
      if (days) {
        // Their tokens are too old then: all sign in anew.
        await people.close();
        await server.hours(24 * days);
        walk.ask.forget();
      }
      await check(`${size}: work list: ${name}`, async () => {
        const window = await people.of(person);
        const found = (await step(window.page, walk, window)) ?? [];
        taken = true;
        return [...found, ...(await sound(window))];
      });
      if (!taken) return;
    }
  } finally {
    await people.close();
    server.stop();
  }
}

/// Refused: first without a word, then without grounds, each said at its field.
async function refuse(page, { size }, { faults }) {
  faults.allow(/\/actions\/refuse$/);
  await openFromInbox(page, TASK);
  await expectState(page, '待签收');
  const dialog = await begin(page, '退回');
  const press = () => dialog.getByRole('button', { name: '退回', exact: true }).click();
  await press();
  await says(dialog, '退回理由', '请选择');
  await says(dialog, '说明', '请填写');
  await fill(dialog, '退回理由', '不属本单位职责');
  await fill(dialog, '说明', '不归我们');
  await press();
  await says(dialog, '说明', '请写 10 至 500 字');
  await fill(dialog, '说明', '府检联动专员由组织人事部门统一选派，不由我办确定。');
  await press();
  await says(dialog, '应由哪个单位承办', '请指明有权单位或引用职责依据');
  await shoot(page, `${size}-worklist-refuse`);
  const found = await accessibility(page);
  await fill(dialog, '应由哪个单位承办', '市人社局');
  await send(dialog, '退回');
  return found;
}

async function resend(page, { size }) {
  await openFromInbox(page, TASK);
  await expectState(page, '已退回');
  await page.getByText('市政府办退回：不属本单位职责；府检联动专员由组织人事部门统一选派，不由我办确定；建议转市人社局').first().waitFor();
  await shoot(page, `${size}-worklist-refused`);
  await act(page, '重新移交', { 移交给: '市人社局', 补充说明: '请市人社局研究承办' });
  await expectState(page, '待签收');
  await page.getByText('市司法局 → 市人社局').waitFor();
}

async function refuseAgain(page) {
  await openFromInbox(page, TASK);
  await act(page, '退回', { 退回理由: '不属本单位职责', 职责依据: '三定规定第四条第二项', 说明: '专员由派出单位自行明确，我局只管编制和调配手续。' });
}

async function rule(page, { size }) {
  await openFromInbox(page, TASK);
  await expectState(page, '待裁定');
  const dialog = await begin(page, '裁定');
  await fill(dialog, '裁定承办单位', '市政府办');
  await fill(dialog, '裁定理由', '专员由市政府分管领导提名，市政府办负责明确和公布，市人社局配合办理手续。');
  await fill(dialog, '判例标签', '府检联动专员');
  await shoot(page, `${size}-worklist-rule`);
  await send(dialog, '裁定');
  await expectState(page, '待签收');
}

/// Who was ruled to do it can't refuse: the button says why.
async function receive(page, { ask, size }) {
  await openFromInbox(page, TASK);
  const refuse = await offered(page, '退回');
  await refuse.waitFor();
  expect(await refuse.isDisabled(), 'a task that was ruled can be refused');
  expect((await refuse.innerText()).includes('联动办已裁定由本单位承办，不能退回'), `the button says ${await refuse.innerText()}`);
  await shoot(page, `${size}-worklist-ruled`);
  const found = await accessibility(page);
  if (size === 'phone') await pressed(page, '关闭');
  await act(page, '签收');
  await expectState(page, '办理中');
  const { name } = await ask.get(HANDLER, '/me');
  await act(page, '分办', { 承办人: `${name} · 承办人`, 交代事项: '请于月底前报送专员名单' });
  await page.getByText(`市政府办 · ${name}`).waitFor();
  return found;
}

async function assist(page, { size }) {
  await page.goto('/inbox?box=todo');
  await page.locator('tr, .cardlist > .card').filter({ hasText: TASK, visible: true }).getByText('待我单位反馈').waitFor();
  await openFromInbox(page, TASK);
  await act(page, '协办反馈', { 协办情况: '我院已确定一名专员并报送联系方式。' });
  await page.getByText('2 家中 1 家已答复').waitFor();
  await shoot(page, `${size}-worklist-assisted`);
}

async function report(page, { size }) {
  await openFromInbox(page, TASK);
  await act(page, '报进展', { '完成进度（%）': '60', 进展情况: '已起草专员名单，正在征求各单位意见。' });
  await page.locator('input[type=file]').first().setInputFiles({ name: '专员名单.txt', mimeType: 'text/plain', buffer: Buffer.from('专员名单，共十人') });
  await page.getByText('专员名单.txt').first().waitFor();
  await shoot(page, `${size}-worklist-reported`);
}

/// A later date: how far it may be put off is said before, beyond it is refused at the field.
async function askForTime(page, { size }, { faults }) {
  faults.allow(/\/actions\/request_extension$/);
  await openFromInbox(page, TASK);
  const dialog = await begin(page, '申请延期');
  const [, year, month, day] = /最晚可延至(\d+)年(\d+)月(\d+)日/.exec(await dialog.innerText());
  const latest = [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-');
  const beyond = new Date(Date.parse(latest) + 86_400_000).toISOString().slice(0, 10);
  await fill(dialog, '申请延至', beyond);
  await fill(dialog, '延期理由', '外部审批');
  await fill(dialog, '说明', '名单须报上级备案，备案时间不可控。');
  await dialog.getByRole('button', { name: '申请延期', exact: true }).click();
  await says(dialog, '申请延至', '超过可延长的上限');
  await shoot(page, `${size}-worklist-beyond`);
  const found = await accessibility(page);
  await fill(dialog, '申请延至', latest);
  await send(dialog, '申请延期');
  await page.getByText(/申请延期至 .+：名单须报上级备案/).waitFor();
  return found;
}

const inWords = (day) => day.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, '$1年$2月$3日');

async function grantTime(page, { ask, size }) {
  await page.goto('/notices');
  await page.getByRole('link', { name: `申请延期「${TASK}」` }).first().click();
  await page.getByRole('heading', { level: 1, name: TASK }).waitFor();
  await act(page, '批准延期', { 审批意见: '同意延期，请抓紧备案' });
  // Half of the sixty days that there were.
  const day = inWords(await ask.day('office', 90));
  // The day stands in what was asked for already: it is the due date that has to become it.
  await fact(page, '完成时限').filter({ hasText: day }).waitFor();
  await shoot(page, `${size}-worklist-granted`);
}

async function finish(page) {
  await openFromInbox(page, TASK);
  await act(page, '报进展', { '完成进度（%）': '100', 进展情况: '专员名单已经备案并公布。' });
}

/// One unit has not answered: nothing is complete before that is explained.
async function complete(page, { size }, { faults }) {
  faults.allow(/\/actions\/report_completion$/);
  await openFromInbox(page, TASK);
  const dialog = await begin(page, '申请销号');
  await fill(dialog, '完成情况', '各单位府检联动专员均已明确，名单已备案并公布。');
  await dialog.getByRole('button', { name: '申请销号', exact: true }).click();
  await dialog.getByRole('alert').getByText('还有协办单位未反馈，请填写“协办情况说明”').waitFor();
  await says(dialog, '协办情况说明', '请填写');
  await shoot(page, `${size}-worklist-unexplained`);
  await fill(dialog, '协办情况说明', '市司法局的意见已当面沟通。');
  await send(dialog, '申请销号');
  await expectState(page, '待验收');
}

async function giveBack(page) {
  await openFromInbox(page, TASK);
  await act(page, '退回整改', { 需整改的问题: '名单缺少两家单位\n没有写明分管领导', '整改期限（工作日）': '5' });
  await expectState(page, '整改中');
}

async function mend(page, { size }) {
  await openFromInbox(page, TASK);
  const points = await fact(page, '需整改的问题').innerText();
  for (const point of ['名单缺少两家单位', '没有写明分管领导']) expect(points.includes(point), `the points to mend are ${points}`);
  await shoot(page, `${size}-worklist-rework`);
  await act(page, '申请销号', { 完成情况: '缺少的两家单位已经补齐，分管领导已在名单中写明。', 协办情况说明: '市司法局的意见已当面沟通。' });
  await expectState(page, '待验收');
}

/// What happened, as the timeline tells it, the oldest first.
const STORY = [
  '交办', '退回', '重新移交', '退回', '裁定', '签收', '分办', '协办反馈', '报进展', '上传附件', '申请延期', '批准延期', '报进展', '申请销号', '退回整改', '申请销号', '验收销号',
];

async function accept(page, { size }) {
  await openFromInbox(page, TASK);
  await act(page, '验收销号', { 验收结论: '完成', 验收意见: '名单齐全，同意销号' });
  await expectState(page, '已销号');
  await page.locator('ol.time li').filter({ hasText: '验收销号' }).first().waitFor();
  const told = (await page.locator('ol.time li').allInnerTexts()).reverse();
  const missing = STORY.filter((step) => {
    const at = told.findIndex((line) => line.includes(` ${step}`));
    if (at >= 0) told.splice(0, at + 1);
    return at < 0;
  });
  equal(missing, [], 'steps that the timeline does not tell in their order');
  await shoot(page, `${size}-worklist-closed`);
  return accessibility(page);
}

const handled = [
  ['the lead unit refuses, with grounds', OFFICER, refuse],
  ['the office sends it to another', 'office', resend],
  ['who refuses, too', OTHER, refuseAgain],
  ['the office rules', 'office', rule],
  ['the unit that was ruled receives and assigns', OFFICER, receive],
  ['a co-unit answers its part', ASSISTING, assist],
  ['the handler reports and attaches', HANDLER, report],
  ['the head asks for a later date', HEAD, askForTime],
  ['the office grants it', 'office', grantTime],
  ['the next day all is done', HANDLER, finish, 1],
  ['the head reports completion', HEAD, complete],
  ['the office gives it back with points', 'office', giveBack],
  ['which the head has mended', HEAD, mend],
  ['the office accepts and closes it', 'office', accept],
];
