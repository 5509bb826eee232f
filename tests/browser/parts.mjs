// The program in several files: what is fetched when, and what is said when one does not come.

import { check, open, shoot } from './harness.mjs';
import { signIn } from './pages.mjs';

/// The files of the program that are fetched after the first page is shown.
const PARTS = /\/(split_\w+|chunk_\d+)\.wasm$/;

/// The first page is shown before any part is asked for; the parts come by themselves; one that doesn't come can be asked for again.
export async function parts(browser, base) {
  const fresh = () => open(browser, base, 'desktop', { serviceWorkers: 'block' });
  await check('parts: fetched after the first page', async () => {
    const { context, page, faults } = await fresh();
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
