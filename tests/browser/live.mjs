// What others do shows on an open page by itself.

import { check, equal, open, sound } from './harness.mjs';
import { act, expectState, openMatter, signIn } from './pages.mjs';

export async function live({ browser, server, people, size, ask }) {
  await check(`${size}: live: another's step shows without a reload`, async () => {
    const subject = `打开着页面等对方签收的事项（${size}）`;
    const { id } = await ask.create('office', 'toy_patrol', { subject, unit: 'df-market', due_date: await ask.day('office', 20), way: 'on_foot' }, true);
    // A window of its own: its stream opens with it.
    const watching = await open(browser, server.base, size);
    const { page } = watching;
    const listening = page.waitForResponse((answer) => answer.url().includes('/api/v1/stream') && answer.ok());
    await signIn(page, 'office');
    await listening;
    await openMatter(page, `/matters/${id}`);
    await expectState(page, '待签收');
    await page.evaluate(() => { window.untouched = true; });

    const acting = await people.of('market');
    await openMatter(acting.page, `/matters/${id}`);
    await act(acting.page, '签收');
    await expectState(page, '巡查中');
    await page.locator('ol.time li').filter({ hasText: '签收' }).first().waitFor();
    equal(await page.evaluate(() => window.untouched === true), true, 'the page is the same one');

    // An open list says that it is old instead of jumping under the hand.
    await page.goto('/inbox?box=mine&open=all');
    await page.getByRole('link', { name: subject }).filter({ visible: true }).waitFor();
    const again = page.waitForResponse((answer) => answer.url().includes('/api/v1/stream') && answer.ok());
    await page.reload();
    await again;
    await page.getByRole('link', { name: subject }).filter({ visible: true }).waitFor();
    await ask.act('market', id, 'finish', { summary: '没有发现问题，直接完成' });
    await page.getByText('列表有更新').waitFor();
    await page.getByRole('button', { name: '刷新', exact: true }).click();
    await page.locator('tr, .cardlist > .card').filter({ hasText: subject, visible: true }).filter({ hasText: '已完成' }).waitFor();
    const found = [...(await sound(watching)), ...(await sound(acting))];
    await watching.context.close();
    return found;
  });
}
