// Ways that every page has: where the keyboard is after a change of page, what opens from a button, the picture to scan for one-time
// codes, and a year's days off typed from the notice.

import jsQR from 'jsqr';
import { accessibility, untranslated } from './checks.mjs';
import { check, equal, expect, open, shoot, sound } from './harness.mjs';
import { PASSWORD, field, pressed, setLanguage, settle, signIn } from './pages.mjs';

const SELF = 'df-water.handler';

export async function ways({ browser, server, people, size }) {
  await check(`${size}: ways: the focus goes to the heading of the new page`, () => focus({ people, size }));
  await check(`${size}: ways: and to that of a page that comes late`, () => late({ browser, server, size }));
  await check(`${size}: ways: what opens from a button closes by Escape and by a press elsewhere`, () => popovers({ people, size }));
  for (const language of ['zh', 'en']) {
    await check(`${size}: ways: the key of one-time codes can be scanned (${language})`, () => scanned({ people, size, language }));
  }
  await check(`${size}: ways: a notice of days off`, () => notice({ people, size }));
  await check(`${size}: ways: the notice's form in English`, () => english({ people, size }));
}

/// Waits until the heading with these words has the keyboard.
const headed = (page, words) =>
  page
    .waitForFunction((words) => document.activeElement?.tagName === 'H1' && document.activeElement.textContent.includes(words), words)
    .catch(async () => {
      const at = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120));
      throw new Error(`the focus is not on the heading ${words}, but on ${at}`);
    });

const ringed = (page) => page.evaluate(() => document.activeElement.matches(':focus-visible'));

async function focus({ people, size }) {
  const window = await people.of('office');
  const { page } = window;
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await settle(page);
  equal(await page.evaluate(() => document.activeElement?.tagName), 'BODY', 'the focus after a page load');
  const navigation = page.getByRole('navigation', { name: size === 'desktop' ? '主导航' : '全部功能' }).filter({ visible: true });
  await navigation.getByRole('link', { name: '期限计算器' }).click();
  await headed(page, '期限计算器');
  expect(!(await ringed(page)), 'a press with the pointer shows a ring around the heading');
  equal(await page.evaluate(() => scrollY), 0, 'the page begins at its top');
  await page.goBack();
  await headed(page, '您好');
  await page.goForward();
  await headed(page, '期限计算器');
  // By the keyboard.
  await page.goto('/inbox?box=todo');
  await settle(page);
  const row = page.locator('main a[href^="/matters/"]').filter({ visible: true }).first();
  await row.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/matters\//);
  await headed(page, await page.locator('main h1').first().innerText());
  // A filter is no other page.
  await page.goto('/list/work_item');
  await settle(page);
  const filter = page.getByRole('combobox', { name: '环节' }).first();
  await filter.focus();
  await filter.selectOption({ index: 1 });
  await page.waitForURL(/state=/);
  await settle(page);
  equal(await page.evaluate(() => document.activeElement?.tagName), 'SELECT', 'the focus after a filter');
  return [...(await accessibility(page)), ...(await sound(window))];
}

/// The page's own file comes after the press.
async function late({ browser, server, size }) {
  const { page, context, faults } = await open(browser, server.base, size, { serviceWorkers: 'block' });
  let free;
  const released = new Promise((done) => { free = done; });
  await page.route(/\/(split_\w+|chunk_\d+)\.wasm$/, async (route) => { await released; await route.continue(); });
  await signIn(page, 'office');
  const navigation = page.getByRole('navigation', { name: size === 'desktop' ? '主导航' : '全部功能' }).filter({ visible: true });
  await navigation.getByRole('link', { name: '期限计算器' }).click();
  await page.waitForURL(/calculator/);
  free();
  await headed(page, '期限计算器');
  await context.close();
  return faults.take();
}

async function popovers({ people, size }) {
  const window = await people.of('office');
  const { page } = window;
  await page.goto('/list/work_item');
  await settle(page);
  const names = size === 'desktop' ? ['常用筛选', '显示列'] : ['常用筛选'];
  const found = [];
  for (const name of names) {
    const button = page.getByRole('button', { name, exact: true });
    const inside = page.locator(`#${await button.getAttribute('popovertarget')}`);
    await button.focus();
    await page.keyboard.press('Enter');
    await inside.waitFor();
    await shoot(page, `${size}-ways-${await button.getAttribute('popovertarget')}`);
    found.push(...(await accessibility(page)));
    const [box, at] = [await inside.boundingBox(), await button.boundingBox()];
    const view = page.viewportSize();
    expect(box.x >= 0 && box.x + box.width <= view.width + 1 && box.y + box.height <= view.height + 1, `${name} opens outside the window: ${JSON.stringify(box)}`);
    if (size === 'desktop') expect(Math.abs(box.y - (at.y + at.height)) < 12, `${name} opens away from its button: ${JSON.stringify([box, at])}`);
    // On into it, and out by Escape.
    await page.keyboard.press('Tab');
    expect(await inside.evaluate((element) => element.contains(document.activeElement)), `the keyboard does not go from ${name} into what opened`);
    await page.keyboard.press('Escape');
    await inside.waitFor({ state: 'hidden' });
    expect(await button.evaluate((element) => element === document.activeElement), `${name} does not have the focus back`);
    await button.click();
    await inside.waitFor();
    await page.locator('main h1').click();
    await inside.waitFor({ state: 'hidden' });
  }
  if (size === 'desktop') {
    const button = page.locator('header.top button.person');
    await button.click();
    await shoot(page, `${size}-ways-person`);
    found.push(...(await accessibility(page)));
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: '个人设置', exact: true }).waitFor({ state: 'hidden' });
    await button.click();
    await page.locator('#person-menu').getByRole('link').first().click();
    await page.locator('#person-menu').waitFor({ state: 'hidden' });
    await page.waitForURL(/profile/);
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  }
  return [...found, ...(await sound(window))];
}

/// What a camera makes of the picture on the page.
async function read(page) {
  const { side, runs } = await page.locator('svg.qr').evaluate((svg) => ({
    side: svg.viewBox.baseVal.width,
    runs: [...svg.querySelector('path').getAttribute('d').matchAll(/M(\d+) (\d+)h(\d+)/g)].map((run) => run.slice(1).map(Number)),
  }));
  const scale = 4;
  const width = side * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [x, y, length] of runs) {
    for (let row = y * scale; row < (y + 1) * scale; row += 1) {
      for (let column = x * scale; column < (x + length) * scale; column += 1) pixels.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
    }
  }
  return jsQR(pixels, width, width)?.data;
}

async function scanned({ people, size, language }) {
  const window = await people.of(SELF);
  const { page } = window;
  const words = language === 'zh'
    ? { begin: /启用动态口令|更换验证器/, password: '先输入您的密码', next: '下一步', alt: /^二维码/ }
    : { begin: /Set up one-time codes|Another authenticator/, password: 'Your password first', next: 'Next', alt: /^QR code/ };
  await setLanguage(page, language);
  await page.goto('/profile');
  await page.getByRole('button', { name: words.begin }).click();
  await page.getByLabel(words.password).fill(PASSWORD);
  await pressed(page, words.next);
  const picture = page.getByRole('img', { name: words.alt });
  await picture.waitFor();
  await picture.scrollIntoViewIfNeeded();
  await shoot(page, `${size}-ways-codes-${language}`);
  const uri = await page.locator('a[href^="otpauth:"]').getAttribute('href');
  equal(await read(page), uri, 'what the picture says');
  const secret = (await page.locator('code.secret').innerText()).replaceAll(/\s/g, '');
  expect(uri.includes(secret), 'the picture has another key than the text');
  const colours = await picture.evaluate((svg) => [getComputedStyle(svg).backgroundColor, getComputedStyle(svg.querySelector('path')).fill]);
  equal(colours, ['rgb(255, 255, 255)', 'rgb(0, 0, 0)'], 'paper and ink');
  const found = [...(await accessibility(page)), ...(await sound(window))];
  await setLanguage(page, 'zh');
  return found;
}

/// A holiday's row in the form.
const row = (page, index) => page.locator('fieldset.row').nth(index);

async function type(page, index, label, text) {
  const box = field(row(page, index), label).locator('input.input, input, textarea').first();
  await box.fill(text);
  await box.press('Tab');
}

async function notice({ people, size }) {
  const window = await people.of('system');
  const { page, faults } = window;
  await page.goto('/calendar');
  await page.getByRole('link', { name: '录入放假通知' }).click();
  await page.waitForURL(/way=notice/);
  await page.getByRole('combobox', { name: '年份' }).selectOption('2027');
  await page.getByRole('button', { name: '重新填写' }).click();
  await settle(page);
  await shoot(page, `${size}-ways-notice-begun`);
  const found = await accessibility(page);
  // As the paper has it, without the year; the calendar beside follows.
  const spring = await page.locator('fieldset.row').evaluateAll((rows) => rows.findIndex((row) => [...row.querySelectorAll('input')].some((input) => input.value === '春节')));
  await type(page, spring, '放假第一天', '2月11日');
  await type(page, spring, '放假最后一天', '2月5日');
  await type(page, spring, '调休上班日', '2月15日');
  await pressed(page, '预览变动');
  const summary = page.locator('.summary');
  await summary.getByRole('link', { name: /放假最后一天.*日期先后不正确/ }).waitFor();
  await field(row(page, spring), '放假最后一天').getByText('日期先后不正确').waitFor();
  await field(row(page, spring), '调休上班日').getByText('调休上班日应是周六或周日').waitFor();
  await shoot(page, `${size}-ways-notice-wrong`);
  found.push(...(await accessibility(page)));
  await type(page, spring, '放假第一天', '2月5日');
  await type(page, spring, '放假最后一天', '2月11日');
  await type(page, spring, '调休上班日', '2月20日（周六）');
  const marks = (kind) => page.locator(`.m-typed td.${kind}`).allInnerTexts();
  expect((await page.locator('.m-typed td.off[title="春节"]').count()) === 7, `seven days of 春节 are marked, not ${await marks('off')}`);
  equal(await page.locator('.m-typed td.work').count(), 1, 'make-up days marked');
  // What is typed outlives a reload.
  await page.reload();
  await settle(page);
  equal(await page.locator('.m-typed td.work').count(), 1, 'make-up days marked after a reload');
  await pressed(page, '预览变动');
  await page.getByText(/^版本 cn-2027\.\d+：预览，尚未启用。/).waitFor();
  await shoot(page, `${size}-ways-notice-preview`);
  found.push(...(await accessibility(page)));
  await pressed(page, '启用并重算');
  await page.getByText(/已启用。/).waitFor();
  await pressed(page, '撤销启用');
  await page.getByText(/已撤销。/).waitFor();
  // The second way, for who has the file.
  await page.getByRole('link', { name: '粘贴或上传文件' }).click();
  await page.getByLabel('日历内容（JSON）').fill('{ no calendar');
  await pressed(page, '预览变动');
  await page.getByText('内容不是有效的 JSON').waitFor();
  await shoot(page, `${size}-ways-file`);
  return [...found, ...(await accessibility(page)), ...faults.take(), ...(await sound(window))];
}

async function english({ people, size }) {
  const window = await people.of('system');
  const { page } = window;
  await setLanguage(page, 'en');
  await page.goto('/calendar?way=notice&year=2027');
  await page.getByRole('button', { name: 'See what moves' }).waitFor();
  await settle(page);
  await shoot(page, `${size}-ways-notice-en`);
  const found = [...(await untranslated(page)), ...(await accessibility(page)), ...(await sound(window))];
  await setLanguage(page, 'zh');
  await page.goto('/');
  return found;
}
