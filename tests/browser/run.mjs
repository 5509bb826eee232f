// Walks the pages in Chromium as people do, at the size of a desk and of a phone: first one task from draft to acceptance,
// then every page in both languages. Pictures go to shots/. The last line is `N passed, M failed`.

import { chromium } from 'playwright-core';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accessibility, overflow, untranslated, watch } from './checks.mjs';
import { PAGES, act, expectState, fill, openFromInbox, setLanguage, settle, signIn } from './pages.mjs';
import { start } from './server.mjs';

const SHOTS = join(dirname(fileURLToPath(import.meta.url)), 'shots');
const SIZES = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

let passed = 0;
const failures = [];

/// One check: it passes when it ends without a fault.
async function check(name, steps) {
  let faults;
  try {
    faults = (await steps()) ?? [];
  } catch (error) {
    faults = [error.message.split('\n').slice(0, 6).join('\n    ')];
  }
  if (faults.length === 0) passed += 1;
  else failures.push(name);
  console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${name}${faults.map((fault) => `\n    ${fault}`).join('')}`);
  return faults.length === 0;
}

const shoot = (page, name) => page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });

/// People with windows of their own; each signs in once for a size.
function desk(browser, base, size) {
  const open = new Map();
  return {
    async of(person) {
      if (!open.has(person)) {
        const context = await browser.newContext({ ...SIZES[size], baseURL: base, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce' });
        context.setDefaultTimeout(10_000);
        const page = await context.newPage();
        const faults = watch(page);
        await signIn(page, person);
        open.set(person, { page, faults, context });
      }
      return open.get(person);
    },
    close: () => Promise.all([...open.values()].map(({ context }) => context.close())),
  };
}

/// The four steps of the work list: hand out, receive and report, complete, accept. Gives the address of the task.
async function story(people, size) {
  const title = `走访冷链食品仓库并建立台账（${size}）`;
  const due = new Date(Date.now() + 80 * 86_400_000).toISOString().slice(0, 10);
  let address = null;
  const step = (name, person, steps) =>
    check(`${size}: ${name}`, async () => {
      const { page, faults } = await people.of(person);
      await steps(page);
      await shoot(page, `${size}-story-${name.replaceAll(' ', '-')}`);
      return [...faults.take(), ...(await overflow(page))];
    });
  const steps = [
    () => step('1 hands out a task', 'office', async (page) => {
      await page.goto('/new/work_item');
      await settle(page);
      const form = page.getByRole('main');
      await fill(form, '任务内容', title);
      await fill(form, '任务来源', '年度工作要点');
      await fill(form, '来源依据', '年度工作要点第三条');
      await fill(form, '牵头单位', '市市场监管局');
      await fill(form, '时限类型', '限期');
      await fill(form, '完成时限', due);
      await fill(form, '进展报告', '不要求');
      await form.getByLabel('食品药品', { exact: true }).check();
      await form.getByLabel(/^不涉密确认/).first().check();
      await page.getByRole('button', { name: '交办', exact: true }).locator('visible=true').first().click();
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      address = new URL(page.url()).pathname;
      await expectState(page, '待签收');
    }),
    () => step('2 receives and reports', 'market', async (page) => {
      await openFromInbox(page, title);
      await act(page, '签收');
      await expectState(page, '办理中');
      await act(page, '报进展', { '完成进度（%）': '100', 进展情况: '五十家仓库均已走访，台账已经建立' });
      // The lead's evidence: without it completion is not reported.
      await page.locator('input[type=file]').first().setInputFiles({ name: '走访台账.txt', mimeType: 'text/plain', buffer: Buffer.from('五十家仓库') });
      await page.getByText('走访台账.txt').first().waitFor();
    }),
    () => step('3 reports completion', 'head', async (page) => {
      await openFromInbox(page, title);
      await act(page, '申请销号', { 完成情况: '五十家冷链仓库全部走访完毕，台账已经建立并上报' });
      await expectState(page, '待验收');
    }),
    () => step('4 accepts', 'office', async (page) => {
      await openFromInbox(page, title);
      await act(page, '验收销号', { 验收结论: '完成', 验收意见: '资料齐全，予以销号' });
      await expectState(page, '已销号');
    }),
  ];
  for (const next of steps) {
    // The steps build on each other: after a failure the rest would only repeat it.
    if (!(await next())) break;
  }
  return address;
}

/// The office imports the real list: every row is judged, what is asked is answered, nothing is written before the last press.
async function importList(people, size) {
  await check(`${size}: imports the real list`, async () => {
    const { page, faults } = await people.of('office');
    await setLanguage(page, 'zh');
    await page.goto('/import?kind=work_item');
    await settle(page);
    await page.locator('input[type=file]').setInputFiles(join(dirname(fileURLToPath(import.meta.url)), '../../data/samples/worklist_2026.xlsx'));
    await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
    await page.getByText('尚未写入任何数据').waitFor();
    await settle(page);
    await shoot(page, `${size}-story-import-review`);
    const found = [...(await overflow(page)), ...(await accessibility(page))];
    // On the second size the accepted rows are already there.
    const press = page.getByRole('button', { name: /^导入 \d+ 行$/ }).locator('visible=true').first();
    if (size === 'desktop') {
      await press.click();
      await page.getByRole('link', { name: /LD-\d{4}-WI|查看|第 1/ }).or(page.getByText(/已导入|导入完成/)).first().waitFor();
      await settle(page);
      await shoot(page, `${size}-story-import-done`);
    } else {
      await page.getByText('已存在').first().waitFor();
    }
    return [...faults.take(), ...found];
  });
}

async function gallery(people, size, address) {
  for (const language of ['zh', 'en']) {
    for (const { name, path, person } of PAGES) {
      await check(`${size}: ${name} (${language})`, async () => {
        const { page, faults } = await people.of(person);
        const target = path.replace('/matters/:story', address ?? '/matters/missing');
        await setLanguage(page, language);
        await page.goto(target);
        await page.locator('main h1').first().waitFor();
        await settle(page);
        await shoot(page, `${size}-${language}-${name}`);
        return [
          ...faults.take(),
          ...(await overflow(page)),
          ...(language === 'en' ? await untranslated(page) : []),
          ...(await accessibility(page)),
        ];
      });
    }
  }
}

async function signInPage(browser, base, size) {
  for (const language of ['zh', 'en']) {
    await check(`${size}: sign-in (${language})`, async () => {
      const context = await browser.newContext({ ...SIZES[size], baseURL: base, locale: language === 'zh' ? 'zh-CN' : 'en-GB' });
      const page = await context.newPage();
      const faults = watch(page);
      await page.goto('/');
      await page.locator('form').first().waitFor();
      await settle(page);
      await shoot(page, `${size}-${language}-sign-in`);
      const found = [...faults.take(), ...(await overflow(page)), ...(language === 'en' ? await untranslated(page) : []), ...(await accessibility(page))];
      await context.close();
      return found;
    });
  }
}

/// The files of the program that are fetched after the first page is shown.
const PARTS = /\/(split_\w+|chunk_\d+)\.wasm$/;

/// The first page is shown before any part is asked for; the parts come by themselves; one that doesn't come can be asked for again.
async function parts(browser, base) {
  const fresh = async () => {
    const context = await browser.newContext({ ...SIZES.desktop, baseURL: base, locale: 'zh-CN', serviceWorkers: 'block' });
    context.setDefaultTimeout(10_000);
    return { context, page: await context.newPage() };
  };
  await check('parts: fetched after the first page', async () => {
    const { context, page } = await fresh();
    const faults = watch(page);
    await signIn(page, 'office');
    await page.locator('[data-row]').first().waitFor();
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await page.locator('[data-row]').first().waitFor();
    const early = asked.filter((path) => PARTS.test(path));
    const responses = new Set(asked.filter((path) => !path.startsWith('/api/')));
    console.log(`       the first page asks for ${[...responses].join(' ')}`);
    await page.waitForFunction(() => performance.getEntriesByType('resource').filter((entry) => /split_\w+\.wasm$/.test(entry.name)).length === 2);
    await context.close();
    return [...faults.take(), ...early.map((path) => `fetched before the first page is shown: ${path}`)];
  });
  for (const { name, blocked, words } of [
    { name: 'offline', blocked: [/\/boot\.js$/], words: '连不上服务器' },
    { name: 'after the server was renewed', blocked: [], words: '服务器的回答无法识别' },
  ]) {
    await check(`parts: one that does not come, ${name}`, async () => {
      const { context, page } = await fresh();
      await page.route(PARTS, (route) => route.abort());
      await signIn(page, 'office');
      for (const pattern of blocked) await page.route(pattern, (route) => route.abort());
      await page.getByRole('link', { name: '期限计算器' }).first().click();
      await page.getByRole('alert').getByText(words).waitFor();
      await shoot(page, `part-missing-${blocked.length === 0 ? 'renewed' : 'offline'}`);
      await page.unrouteAll();
      await page.getByRole('button', { name: '重试', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: '期限计算器' }).waitFor();
      await context.close();
      return [];
    });
  }
}

rmSync(SHOTS, { recursive: true, force: true });
mkdirSync(SHOTS, { recursive: true });
const server = await start();
const browser = await chromium.launch({
  executablePath: process.env.LIANDONG_CHROMIUM ?? '/usr/bin/chromium',
  // Chromium refuses its sandbox to root.
  args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : [],
});
try {
  await parts(browser, server.base);
  for (const size of Object.keys(SIZES)) {
    await signInPage(browser, server.base, size);
    const people = desk(browser, server.base, size);
    const address = await story(people, size);
    await importList(people, size);
    await gallery(people, size, address);
    await people.close();
  }
} finally {
  await browser.close();
  server.stop();
}
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
