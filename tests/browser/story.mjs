// The demonstration as people use it: one task from draft to acceptance.

import { overflow } from './checks.mjs';
import { check, shoot } from './harness.mjs';
import { act, expectState, fill, header, openFromInbox, settle } from './pages.mjs';

/// The four steps of the work list: hand out, receive and report, complete, accept. Gives the address of the task.
export async function story(people, size) {
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
      await header(form, '食品药品');
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
