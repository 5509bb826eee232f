// Two people at one draft: the second to save sees both versions, chooses, and nothing of either is lost.

import { check, equal, expect, shoot, sound } from './harness.mjs';
import { fill, pressed } from './pages.mjs';

const [FIRST, SECOND] = ['office', 'df-justice.handler'];
const CHANGED = '您填写时，内容被他人修改了';

export async function merge(group) {
  const { size } = group;
  await check(`${size}: two at one draft: theirs is taken`, () => meet(group, true));
  await check(`${size}: two at one draft: one's own is kept`, () => meet(group, false));
  await check(`${size}: what was left unsent meets what was saved since`, () => returned(group));
  await check(`${size}: a draft to which only a file came is saved at once`, () => unharmed(group));
}

const saved = (page) =>
  Promise.all([page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok()), pressed(page, '保存草稿')]);

async function edit(window, id) {
  await window.page.goto(`/matters/${id}/edit`);
  await window.page.getByRole('heading', { level: 1, name: /^编辑联合巡查/ }).waitFor();
  return window.page.getByRole('main');
}

async function meet({ people, size, ask }, theirs) {
  const [one, other] = [await people.of(FIRST), await people.of(SECOND)];
  other.faults.allow(/\/matters\/[^/]+$/);
  const draft = await ask.create(FIRST, 'toy_patrol', { subject: '两人同时修改的巡查草稿', place: '原来的地点', people: 3, unit: 'df-market' }, false);
  const [mine, yours] = [await edit(one, draft.id), await edit(other, draft.id)];
  await fill(mine, '地点', '先保存的地点');
  await fill(mine, '人数', '5');
  await saved(one.page);

  await fill(yours, '地点', '后保存的地点');
  await fill(yours, '线索人', '王某');
  await pressed(other.page, '保存草稿');
  const note = yours.getByRole('alert').filter({ hasText: CHANGED });
  const row = note.getByRole('row', { name: /^地点/ });
  await row.waitFor();
  // The button is at the other end of the form.
  expect(await note.evaluate((element) => element === document.activeElement && element.getBoundingClientRect().top < innerHeight), 'the question is out of sight');
  equal((await row.getByRole('cell').allInnerTexts()).slice(0, 3), ['地点', '先保存的地点', '后保存的地点'], 'both versions, side by side');
  equal(await note.getByRole('row').count(), 2, 'rows: the head and the one field that both changed');
  equal(await yours.getByLabel(/^人数/).inputValue(), '5', 'what only the other changed');
  await shoot(other.page, `${size}-merge-${theirs ? 'theirs' : 'mine'}`);
  const found = await sound(other);
  if (theirs) await row.getByRole('button', { name: '用对方的' }).click();
  equal(await yours.getByLabel(/^地点/).inputValue(), theirs ? '先保存的地点' : '后保存的地点', 'the chosen place');
  await saved(other.page);
  await note.waitFor({ state: 'detached' });
  const { body } = await ask.matter(FIRST, draft.id);
  equal([body.place, body.people, body.informant], [theirs ? '先保存的地点' : '后保存的地点', 5, '王某'], 'what was saved');
  await ask.act(FIRST, draft.id, 'discard');
  return [...found, ...(await sound(one)), ...(await sound(other))];
}

/// Begun, left, and taken up again after somebody else saved: both are told apart by what the form started from.
async function returned({ people, size, ask }) {
  const window = await people.of(SECOND);
  const { page } = window;
  const draft = await ask.create(FIRST, 'toy_patrol', { subject: '隔天接着改的巡查草稿', place: '原来的地点', people: 3, unit: 'df-market' }, false);
  const form = await edit(window, draft.id);
  const kept = page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().includes(`/me/forms/matter.${draft.id}`) && answer.ok() && answer.request().postData().includes('王某'));
  await fill(form, '地点', '没有保存的地点');
  await fill(form, '线索人', '王某');
  await kept;
  await page.goto('/');
  await ask.edit(FIRST, draft.id, { body: { ...draft.body, place: '别人保存的地点', people: 5 } });

  await page.goto('/inbox?box=drafts');
  const card = page.locator('section.card', { has: page.getByRole('heading', { name: '没有提交的表单' }) });
  await card.locator('li', { hasText: '隔天接着改的巡查草稿' }).getByRole('link', { name: '接着填' }).click();
  const note = form.getByRole('alert').filter({ hasText: CHANGED });
  const row = note.getByRole('row', { name: /^地点/ });
  await row.waitFor();
  equal((await row.getByRole('cell').allInnerTexts()).slice(0, 3), ['地点', '别人保存的地点', '没有保存的地点'], 'both, side by side');
  equal(await form.getByLabel(/^人数/).inputValue(), '5', 'what only the other changed');
  equal(await form.getByLabel(/^线索人/).inputValue(), '王某', 'what only this one typed');
  await shoot(page, `${size}-merge-returned`);
  await saved(page);
  await note.waitFor({ state: 'detached' });
  const { body } = await ask.matter(FIRST, draft.id);
  equal([body.place, body.people, body.informant], ['没有保存的地点', 5, '王某'], 'what was saved');
  await ask.act(FIRST, draft.id, 'discard');
  return sound(window);
}

/// A file moves the version, but nothing of the form was changed by anybody.
async function unharmed({ people, ask }) {
  const window = await people.of(SECOND);
  const { page, faults } = window;
  faults.allow(/\/matters\/[^/]+$/);
  const draft = await ask.create(FIRST, 'toy_patrol', { subject: '先添加附件再保存的巡查草稿', unit: 'df-market' }, false);
  const form = await edit(window, draft.id);
  await form.locator('input[type=file]').setInputFiles({ name: '说明.txt', mimeType: 'text/plain', buffer: Buffer.from('说明') });
  await form.getByLabel('说明.txt').waitFor();
  await fill(form, '地点', '附件之后的地点');
  await saved(page);
  expect((await form.getByText(CHANGED).count()) === 0, 'one is told that somebody else changed the draft');
  const { body } = await ask.matter(FIRST, draft.id);
  equal([body.place, body.papers.length], ['附件之后的地点', 1], 'what was saved');
  await ask.act(FIRST, draft.id, 'discard');
  return sound(window);
}
