// What is typed is never lost: it goes on at another device, outlives a lost connection and an ended session, and is nobody else's.

import { check, desk, equal, expect, open, otherSize, shoot, sound } from './harness.mjs';
import { field, fill, kept, pressed, signIn, typeSignIn, PASSWORD } from './pages.mjs';

const PERSON = 'df-market.handler';
const NEIGHBOUR = 'df-water.handler';
const KEY = 'new.toy_patrol';
const RESTORED = '已恢复上次没有提交的内容';

export async function forms({ browser, server, size, ask }) {
  const [here, there] = [desk(browser, server.base, size), desk(browser, server.base, otherSize(size))];
  const forget = () => ask.send(PERSON, 'DELETE', `/me/forms/${KEY}`);
  const names = { device: 'goes on at the other device', offline: 'outlives a lost connection', expired: 'outlives an ended session', saved: 'goes on after the draft was saved' };
  await check(`${size}: what is typed ${names.device}`, () => device({ here, there, size, ask }));
  await forget();
  await check(`${size}: what is typed ${names.offline}`, () => offline({ here, ask }));
  await forget();
  await check(`${size}: what is typed ${names.saved}`, () => saved({ here, ask }));
  await forget();
  await check(`${size}: what is typed ${names.expired}`, () => expired({ browser, server, size, ask }));
  await forget();
  await Promise.all([here.close(), there.close()]);
}

async function enter(page) {
  await page.goto('/new/toy_patrol');
  await page.getByRole('heading', { level: 1, name: '新建联合巡查' }).waitFor();
  return page.getByRole('main');
}

const value = (form, label) => field(form, label).getByRole('textbox').inputValue();

/// Waits for a field to show a value; it may come from the server.
async function shows(form, label, wanted) {
  await field(form, label).locator('input, textarea').first().waitFor();
  await form.page().waitForFunction(
    ([label, wanted]) => [...document.querySelectorAll('.field')].some((one) => one.querySelector('.label')?.textContent.startsWith(label) && one.querySelector('input, textarea')?.value === wanted),
    [label, wanted],
  ).catch(async () => { throw new Error(`${label} is ${await value(form, label)} instead of ${wanted}`); });
}

async function device({ here, there, size, ask }) {
  const one = await here.of(PERSON);
  const form = await enter(one.page);
  await fill(form, '巡查内容', '在一台设备上写了一半的内容');
  await fill(form, '地点', '一号地点');
  await fill(form, '人数', '7');
  await Promise.all([kept(one.page, '"cost":1500'), fill(form, '经费', '15')]);

  // On the other device it is listed among the drafts, and goes on there.
  const other = await there.of(PERSON);
  await other.page.goto('/inbox?box=drafts');
  const card = other.page.locator('section.card', { has: other.page.getByRole('heading', { name: '没有提交的表单' }) });
  await card.getByText('新建联合巡查').waitFor();
  await card.getByText('在一台设备上写了一半的内容').waitFor();
  await shoot(other.page, `${size}-forms-drafts`);
  await card.getByRole('link', { name: '接着填' }).click();
  const gone = other.page.getByRole('main');
  await gone.getByText(RESTORED).waitFor();
  await shows(gone, '巡查内容', '在一台设备上写了一半的内容');
  await shows(gone, '人数', '7');
  await shows(gone, '经费', '15.00');
  await Promise.all([kept(other.page, '二号地点'), fill(gone, '地点', '二号地点')]);

  // Back at the first, the newer one is shown, not what this browser still had.
  await one.page.reload();
  await shows(form, '地点', '二号地点');
  await shows(form, '巡查内容', '在一台设备上写了一半的内容');

  // Sent there: nothing is left to go on with here.
  await pressed(other.page, '保存草稿');
  await other.page.waitForURL(/\/edit$/);
  await other.page.getByText('草稿已保存').waitFor();
  await gone.getByLabel(/^地点/).waitFor();
  await one.page.goto('/inbox?box=drafts');
  await one.page.getByRole('link', { name: '在一台设备上写了一半的内容' }).filter({ visible: true }).waitFor();
  expect((await one.page.getByText('没有提交的表单').filter({ visible: true }).count()) === 0, 'a form that was sent is still listed as unsent');
  await enter(one.page);
  await shows(form, '巡查内容', '');
  const [draft] = (await ask.get(PERSON, '/matters?box=drafts&kind=toy_patrol&limit=50')).items;
  equal((await ask.matter(PERSON, draft.id)).body.place, '二号地点', 'the saved place');
  await ask.act(PERSON, draft.id, 'discard');
  return [...(await sound(one)), ...(await sound(other))];
}

async function offline({ here, ask }) {
  const window = await here.of(PERSON);
  const { page, context, faults } = window;
  // What the browser itself says of requests that could not leave.
  faults.allow(/\/api\/v1\//);
  const form = await enter(page);
  await Promise.all([kept(page, '断网之前'), fill(form, '巡查内容', '断网之前写下的内容')]);
  await context.setOffline(true);
  const failed = page.waitForEvent('requestfailed', (request) => /\/me\/forms\//.test(request.url()));
  await fill(form, '巡查内容', '断网之后接着写的内容');
  await failed;
  equal(await value(form, '巡查内容'), '断网之后接着写的内容', 'the field without a connection');
  // Sent as soon as the connection is there, without another key.
  await Promise.all([kept(page, '断网之后'), context.setOffline(false)]);
  const form_at_server = await ask.get(PERSON, `/me/forms/${KEY}`);
  equal(form_at_server.values.subject, '断网之后接着写的内容', 'what the server has');
  return sound(window);
}

async function saved({ here, ask }) {
  const window = await here.of(PERSON);
  const { page } = window;
  const form = await enter(page);
  await fill(form, '巡查内容', '先存一次草稿再接着写的内容');
  await pressed(page, '保存草稿');
  await page.waitForURL(/\/edit$/);
  const id = page.url().split('/').at(-2);
  await shows(form, '巡查内容', '先存一次草稿再接着写的内容');
  // The second save is on the page of the draft itself, which stays.
  await fill(form, '地点', '第一次的地点');
  await Promise.all([page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok()), pressed(page, '保存草稿')]);
  await Promise.all([kept(page, '第二次的地点'), fill(form, '地点', '第二次的地点')]);
  await page.reload();
  await shows(form, '地点', '第二次的地点');
  // Once it is saved the server is told to forget what was typed.
  await Promise.all([page.waitForResponse((answer) => answer.request().method() === 'DELETE' && answer.url().includes(`/me/forms/matter.${id}`)), pressed(page, '保存草稿')]);
  equal((await ask.matter(PERSON, id)).body.place, '第二次的地点', 'the saved place');
  const left = (await ask.get(PERSON, '/me/forms')).filter((one) => one.key.startsWith(`matter.${id}`));
  equal(left.map((one) => one.key), [], 'unsent forms of a saved draft');
  await ask.act(PERSON, id, 'discard');
  return sound(window);
}

async function expired({ browser, server, size, ask }) {
  const window = await open(browser, server.base, size);
  const { page, faults } = window;
  faults.allow(/\/api\/v1\//);
  await signIn(page, PERSON);
  const form = await enter(page);
  await Promise.all([kept(page, '下线之前'), fill(form, '巡查内容', '下线之前写下的内容')]);
  await ask.endSessions(PERSON);
  await fill(form, '巡查内容', '下线之后接着写的内容');
  await page.getByText('登录已到期').waitFor();
  await shoot(page, `${size}-forms-expired`);

  // Whoever signs in at this computer instead finds nothing of it.
  const asked = page.waitForResponse((answer) => answer.url().endsWith(`/me/forms/${KEY}`) && answer.request().method() === 'GET');
  await typeSignIn(page, NEIGHBOUR, PASSWORD);
  await page.getByRole('heading', { level: 1, name: '新建联合巡查' }).waitFor();
  await asked;
  equal(await value(form, '巡查内容'), '', "another person's form");
  await ask.endSessions(NEIGHBOUR);
  await page.reload();
  await typeSignIn(page, PERSON, PASSWORD);
  await page.getByRole('heading', { level: 1, name: '新建联合巡查' }).waitFor();
  await shows(form, '巡查内容', '下线之后接着写的内容');
  const found = await sound(window);
  await window.context.close();
  return found;
}
